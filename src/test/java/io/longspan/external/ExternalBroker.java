package io.longspan.external;

import java.util.Map;

/** A broker in a process of its own, with accounts for the bridge and for services. */
public interface ExternalBroker extends BreakableBroker {
  String BRIDGE_USER = "bridge";
  String BRIDGE_PASSWORD = "bridge's own";
  String SERVICE_USER = "service";
  String SERVICE_PASSWORD = "service's own";

  /** Returns the bridge's keys for a connection factory from JNDI. */
  Map<String, String> jndiSettings();

  /** Returns the port of {@link #settings}. */
  int port();

  /** Returns the port of the broker's STOMP connector. */
  int stompPort();

  /** Returns the port of the broker's AMQP 1.0 connector. */
  int amqpPort();

  /** Returns the port of the broker's MQTT connector. */
  int mqttPort();

  /** Stops the process where it is: its connections stay open, and nobody answers. */
  void pause();

  /** Lets a paused process go on. */
  void resume();
}
