package io.longspan.jms;

import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.time.Duration;

/** What differs between JMS providers. */
interface JmsProvider {
  /** How long a call to the broker may take before it counts as failed. */
  Duration CALL_TIMEOUT = Duration.ofSeconds(5);

  /**
   * Creates the connection factory: no fail-over of its own, sends that return when the broker has
   * taken the message, object messages that cannot be deserialised.
   */
  ConnectionFactory connectionFactory() throws JMSException;

  /** Writes a pattern of topics, with {@code *} and a last {@code **}, in the broker's syntax. */
  String pattern(String neutral);

  /** Returns the acknowledgement mode of consumers of non-durable topics. */
  default int topicAcknowledgeMode() {
    return Session.DUPS_OK_ACKNOWLEDGE;
  }
}
