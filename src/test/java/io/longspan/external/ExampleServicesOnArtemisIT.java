package io.longspan.external;

final class ExampleServicesOnArtemisIT extends ExampleServiceTests {
  @Override
  ExternalBroker startBroker() {
    return new ExternalArtemis();
  }

  @Override
  public String stompQueue(String name) {
    return "queue://" + name;
  }

  @Override
  public String connectionFactory() {
    return "org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory";
  }

  @Override
  public String urlOptions() {
    return "";
  }
}
