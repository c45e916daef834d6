package io.longspan.wire;

import java.util.Map;

/** A broker whose administrator refuses and ends consumers while connections live. */
public interface AdministeredBroker extends TestBroker {

  /** From now on the bridge may not consume from a topic; what consumes from it goes on. */
  void refuseConsumers(String topic);

  /** The bridge may consume from the topic again. */
  void allowConsumers(String topic);

  /** Ends what the bridge consumes from a topic with; a temporary one too, by its JMS name. */
  void endConsumers(String topic);

  /** Returns the bridge's keys for AMQP 1.0 in place of the broker's own protocol. */
  Map<String, String> amqpSettings();
}
