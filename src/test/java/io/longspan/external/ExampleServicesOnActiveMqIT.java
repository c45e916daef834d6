package io.longspan.external;

final class ExampleServicesOnActiveMqIT extends ExampleServiceTests {
  @Override
  ExternalBroker startBroker() {
    return new ExternalActiveMq();
  }

  @Override
  public String stompQueue(String name) {
    return "/queue/" + name;
  }

  @Override
  public String connectionFactory() {
    return "org.apache.activemq.ActiveMQConnectionFactory";
  }

  @Override
  public String urlOptions() {
    return "?jms.watchTopicAdvisories=false";
  }
}
