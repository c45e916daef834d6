package io.longspan.security;

import io.longspan.protocol.DestinationName;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/** Asks the authorisation service behind a JMS queue (protocol section 11). */
@FunctionalInterface
public interface AuthorizationService {

  /** What a user wants to do. */
  enum Operation {
    CAN_SUBSCRIBE("canSubscribe"),
    CAN_SEND("canSend");

    private final String wireName;

    Operation(String wireName) {
      this.wireName = wireName;
    }

    /** Returns the operation as it stands in the request. */
    public String wireName() {
      return wireName;
    }
  }

  /**
   * What is asked.
   *
   * @param queue the JMS queue of the service
   * @param operation what the user wants to do
   * @param identity the user, with the roles that count
   * @param name the destination, or a pattern of topics
   */
  record Question(String queue, Operation operation, Identity identity, DestinationName name) {}

  /**
   * What was answered.
   *
   * @param kind the answer, or that there was none
   * @param ttl how long it may be used again; zero: not at all
   */
  record Verdict(Kind kind, Duration ttl) {
    /** No answer in time, or a malformed one. */
    public static final Verdict NONE = new Verdict(Kind.NO_ANSWER, Duration.ZERO);

    /** The question was not asked, because too many others wait. */
    public static final Verdict NOT_ASKED = new Verdict(Kind.NOT_ASKED, Duration.ZERO);

    /** The outcomes; only the first is a grant. */
    public enum Kind {
      ALLOWED,
      REFUSED,
      NO_ANSWER,
      NOT_ASKED
    }
  }

  /** Asks; does not block. The stage never fails: a fault is {@link Verdict#NONE}. */
  CompletionStage<Verdict> ask(Question question);

  /**
   * Asks; does not block. The stage never fails.
   *
   * @param confirmation whether the user has the right already and it is being confirmed; such
   *     questions come first
   */
  default CompletionStage<Verdict> ask(Question question, boolean confirmation) {
    return ask(question);
  }

  /**
   * Returns whether a question that was asked has no answer yet for want of capacity, and not
   * because the service is silent.
   */
  default boolean isHeldUp(Question question) {
    return false;
  }
}
