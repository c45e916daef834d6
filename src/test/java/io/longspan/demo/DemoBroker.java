package io.longspan.demo;

import jakarta.jms.ConnectionFactory;
import java.util.UUID;
import org.apache.activemq.ActiveMQConnectionFactory;
import org.apache.activemq.broker.BrokerService;

/** An ActiveMQ broker in this process, under a name of its own. */
final class DemoBroker implements AutoCloseable {

  private final BrokerService broker = new BrokerService();
  private final String name = "demo-" + UUID.randomUUID();

  DemoBroker() throws Exception {
    broker.setBrokerName(name);
    broker.setPersistent(false);
    broker.setUseJmx(false);
    broker.setUseShutdownHook(false);
    broker.setDataDirectory("target/activemq");
    broker.start();
    broker.waitUntilStarted();
  }

  ConnectionFactory factory() {
    return new ActiveMQConnectionFactory(
        "vm://" + name + "?create=false&jms.watchTopicAdvisories=false");
  }

  @Override
  public void close() throws Exception {
    broker.stop();
    broker.waitUntilStopped();
  }
}
