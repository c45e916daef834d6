package io.longspan.security;

import io.longspan.protocol.DestinationName;
import java.util.concurrent.CompletionStage;

/** Asks the authorisation service behind a JMS queue (protocol section 11). */
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
   * Asks; it does not block. No answer in time, a malformed one and a fault are all {@code false}
   * or a failed stage, and both are denials.
   *
   * @param queue the JMS queue of the service
   */
  CompletionStage<Boolean> isAllowed(
      String queue, Operation operation, Identity identity, DestinationName name);
}
