package io.longspan.external;

/**
 * Two processes that are one broker: one serves, the other takes over when the first ends. Both are
 * at addresses of their own. Used by one thread at a time.
 */
public interface BrokerPair extends BreakableBroker {

  /** Ends the process that serves without a warning, as {@code kill -9}; returns at once. */
  void killServing();

  /** Stops the process that serves in good order, and waits until it has ended. */
  void stopServing();

  /** Waits until the process serves that was in reserve when the other one ended. */
  void awaitTakeover();

  /**
   * Starts the process again that was ended, and waits until the pair can stand the loss of either
   * process. If the pair {@link #failsBack}, the first process serves then.
   */
  void repair();

  /** Returns whether the first process takes over again after it was started again. */
  boolean failsBack();

  /** Returns which address serves or is about to: 1 or 2. May be called on any thread. */
  int serving();
}
