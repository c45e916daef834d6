package io.longspan.external;

import io.longspan.wire.TestBroker;
import jakarta.jms.ConnectionFactory;
import java.util.Map;

/** A broker that the bridge reaches over AMQP 1.0, and services by the broker's own client. */
public record OverAmqp(ExternalBroker broker) implements TestBroker {
  @Override
  public Map<String, String> settings() {
    return broker.amqpSettings();
  }

  @Override
  public ConnectionFactory connectionFactory() {
    return broker.connectionFactory();
  }

  @Override
  public void close() {
    broker.close();
  }
}
