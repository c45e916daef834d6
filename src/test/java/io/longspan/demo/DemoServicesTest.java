package io.longspan.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.Message;
import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.apache.activemq.ActiveMQConnectionFactory;
import org.apache.activemq.broker.BrokerService;
import org.junit.jupiter.api.Test;

class DemoServicesTest {

  private static BrokerService tcpBroker(int port) throws Exception {
    BrokerService broker = new BrokerService();
    broker.setBrokerName("tcp-" + port);
    broker.setPersistent(false);
    broker.setUseJmx(false);
    broker.setUseShutdownHook(false);
    broker.setDataDirectory(Path.of("target", "activemq").toString());
    broker.addConnector("tcp://127.0.0.1:" + port);
    broker.start();
    broker.waitUntilStarted();
    return broker;
  }

  private static void stop(BrokerService broker) throws Exception {
    broker.stop();
    broker.waitUntilStopped();
  }

  private static int freePort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  @Test
  void theServicesComeBackWithTheirGraphsWhenTheBrokerDoes() throws Exception {
    int port = freePort();
    ConnectionFactory factory =
        new ActiveMQConnectionFactory(
            "tcp://127.0.0.1:" + port + "?jms.watchTopicAdvisories=false");
    BrokerService broker = tcpBroker(port);
    try (DemoServices services = new DemoServices(factory)) {
      services.start();
      try (BusClient client = new BusClient(factory)) {
        client.graphOk("bob", "create", "", Map.of("graph", "urn:g:kept"));
      }
      for (int i = 0; i < 2; i++) {
        stop(broker);
        broker = tcpBroker(port);
        try (BusClient client = new BusClient(factory)) {
          await()
              .atMost(Duration.ofSeconds(120))
              .untilAsserted(
                  () -> {
                    Message echo = client.answer("services/echo", client.text("there?", Map.of()));
                    assertThat(BusClient.body(echo)).isEqualTo("there?");
                  });
          assertThat(client.graphOk("bob", "graphs", "", Map.of()).toString())
              .contains("urn:g:kept");
        }
      }
    } finally {
      stop(broker);
    }
  }

  @Test
  void aBrokerThatIsNotThereYetIsWaitedFor() throws Exception {
    int port = freePort();
    ConnectionFactory factory =
        new ActiveMQConnectionFactory(
            "tcp://127.0.0.1:" + port + "?jms.watchTopicAdvisories=false");
    try (DemoServices services = new DemoServices(factory)) {
      services.start();
      BrokerService broker = tcpBroker(port);
      try (BusClient client = new BusClient(factory)) {
        Message echo = client.answer("services/echo", client.text("late", Map.of()));
        assertThat(BusClient.body(echo)).isEqualTo("late");
      } finally {
        stop(broker);
      }
    }
  }

  @Test
  void refusedCredentialsEndTheStart() {
    ConnectionFactory refusing =
        (ConnectionFactory)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {ConnectionFactory.class},
                (proxy, method, arguments) -> {
                  throw new JMSSecurityException("wrong password");
                });
    DemoServices services = new DemoServices(refusing, "bridge", "wrong");
    assertThatThrownBy(services::start).isInstanceOf(JMSSecurityException.class);
    services.close();
  }

  @Test
  void closingTwiceOrWithoutAStartIsHarmless() throws JMSException {
    DemoServices services = new DemoServices(new ActiveMQConnectionFactory("tcp://127.0.0.1:1"));
    services.close();
    services.close();
  }

  @Test
  void theResourcesOfTheDemoArePresent() throws Exception {
    Properties users = new Properties();
    try (InputStream in = DemoServices.class.getResourceAsStream("/demo/users.properties")) {
      users.load(in);
    }
    assertThat(users)
        .containsOnly(
            Map.entry("alice", "alice,editor,trader"),
            Map.entry("bob", "bob,viewer"),
            Map.entry("carol", "carol,sysadmin,editor"));
    assertThat(DemoServices.class.getResource("/demo/catalogue.yaml")).isNotNull();
  }
}
