package io.longspan.access;

import io.longspan.identity.Identity;
import io.longspan.protocol.DestinationName;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/** The authorisation service behind a JMS queue (protocol section 11). */
@FunctionalInterface
public interface AuthorizationService {

  /** Operations that can be authorised. */
  enum Operation {
    CAN_SUBSCRIBE("canSubscribe"),
    CAN_SEND("canSend"),
    CAN_RECEIVE("canReceive");

    private final String wireName;

    Operation(String wireName) {
      this.wireName = wireName;
    }

    /** Returns the name of the operation in the JSON request. */
    public String wireName() {
      return wireName;
    }
  }

  /**
   * A question to the service.
   *
   * @param queue JMS queue of the service
   * @param operation what the user wants to do
   * @param identity the user, with current roles
   * @param name a destination, or a pattern of topics
   */
  record Question(String queue, Operation operation, Identity identity, DestinationName name) {}

  /**
   * An answer of the service.
   *
   * @param kind the outcome
   * @param ttl how long the answer may be cached; zero: not at all
   */
  record Verdict(Kind kind, Duration ttl) {
    /** The service did not answer in time, or its answer was malformed. */
    public static final Verdict NONE = new Verdict(Kind.NO_ANSWER, Duration.ZERO);

    /** The question was not sent, because too many others wait. */
    public static final Verdict NOT_ASKED = new Verdict(Kind.NOT_ASKED, Duration.ZERO);

    /** Outcomes; only {@code ALLOWED} is a grant. */
    public enum Kind {
      ALLOWED,
      REFUSED,
      NO_ANSWER,
      NOT_ASKED
    }
  }

  /**
   * Asks a question; does not block. The stage never fails: a fault completes it with {@link
   * Verdict#NONE}.
   */
  CompletionStage<Verdict> ask(Question question);

  /**
   * Asks a question; does not block. The stage never fails.
   *
   * @param confirmation true to confirm a right that the user already has; confirmations are asked
   *     before other questions
   */
  default CompletionStage<Verdict> ask(Question question, boolean confirmation) {
    return ask(question);
  }

  /**
   * Returns whether a question waits for capacity of the bridge. False if it waits for the service.
   */
  default boolean isHeldUp(Question question) {
    return false;
  }
}
