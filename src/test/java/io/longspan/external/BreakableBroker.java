package io.longspan.external;

import io.longspan.wire.TestBroker;
import java.util.Map;

/** A broker that a test ends, starts again and restricts while clients use it. */
public interface BreakableBroker extends TestBroker {

  /** Returns the bridge's keys for AMQP 1.0 in place of the broker's own protocol. */
  Map<String, String> amqpSettings();

  /** Ends the broker without a warning; what was in it and not stored is gone. */
  void kill();

  /**
   * Starts the killed broker again where bridges and services reach it as before; waits until it
   * can be used.
   */
  void restart();

  /** From now on the bridge may not consume from a topic; what consumes from it goes on. */
  void refuseConsumers(String topic);

  /** The bridge may consume from the topic again. */
  void allowConsumers(String topic);
}
