package io.longspan.bridge;

/**
 * What one client has at one broker: its reply destinations, and whether it is suspended there.
 *
 * <p>Called on any thread; never blocks.
 */
final class ClientAtBroker {
  private final ClientReplies replies = new ClientReplies();

  /**
   * Identifies the present outage; null while everything is open. Written by the running command
   * and by the broker's supervisor.
   */
  private volatile Object suspension;

  ClientReplies replies() {
    return replies;
  }

  /**
   * Starts an outage, whether the client was notified or not.
   *
   * @return identifies this outage
   */
  Object suspend() {
    Object begun = new Object();
    suspension = begun;
    return begun;
  }

  /** Ends the outage. */
  void resume() {
    suspension = null;
  }

  boolean isSuspended() {
    return suspension != null;
  }

  /** Returns whether this outage is still the present one. */
  boolean isSuspendedBy(Object outage) {
    return suspension == outage;
  }
}
