package io.longspan.external;

import io.longspan.wire.TestBroker;

/**
 * Two processes that both serve and pass messages to each other; numbered 1 and 2. Used by one
 * thread at a time.
 */
public interface BrokerNodes extends AutoCloseable {

  /**
   * Returns one node: its services and bridges are at this node. A bridge moves to the other one
   * when its node ends.
   */
  TestBroker node(int number);

  /** Ends a node without a warning. */
  void kill(int number);

  /** Starts a node again that was ended, and waits until it serves. */
  void restart(int number);

  @Override
  void close();
}
