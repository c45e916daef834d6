package io.longspan.external;

import io.longspan.wire.TestBroker;
import java.util.Map;

/** A broker in a process of its own, with accounts for the bridge and for services. */
public interface ExternalBroker extends TestBroker {
  String BRIDGE_USER = "bridge";
  String BRIDGE_PASSWORD = "bridge's own";
  String SERVICE_USER = "service";
  String SERVICE_PASSWORD = "service's own";

  /** Returns the bridge's keys for AMQP 1.0 in place of the broker's own protocol. */
  Map<String, String> amqpSettings();

  /** Returns the bridge's keys for a connection factory from JNDI. */
  Map<String, String> jndiSettings();

  /** Ends the broker without a warning; what was in it is gone. */
  void kill();

  /**
   * Starts the killed broker again, empty, where bridges and services reach it as before; waits
   * until it can be used.
   */
  void restart();

  /** From now on the bridge may not consume from a topic; what consumes from it goes on. */
  void refuseConsumers(String topic);

  /** The bridge may consume from the topic again. */
  void allowConsumers(String topic);

  /** Returns the port of {@link #settings}. */
  int port();

  /** Returns the port of the broker's STOMP connector. */
  int stompPort();

  /** Stops the process where it is: its connections stay open, and nobody answers. */
  void pause();

  /** Lets a paused process go on. */
  void resume();
}
