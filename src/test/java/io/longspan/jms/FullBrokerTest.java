package io.longspan.jms;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.bridge.MessageBroker.ConnectionListener;
import io.longspan.config.LongspanConfig.Broker;
import io.longspan.config.LongspanConfig.Dialect;
import io.longspan.config.LongspanConfig.Jndi;
import io.longspan.config.LongspanConfig.Provider;
import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.activemq.ActiveMQConnectionFactory;
import org.apache.activemq.broker.BrokerService;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** ActiveMQ Classic with its memory and its temporary store used up: alive, and taking nothing. */
@Timeout(120)
final class FullBrokerTest {
  private static final long MEMORY = 4 << 20;
  private static final int BODY = 64 << 10;

  private final List<String> heard = new CopyOnWriteArrayList<>();
  private BrokerService broker;
  private int openWire;
  private int amqp;
  private JmsMessageBroker bridge;

  @BeforeEach
  void start() throws Exception {
    broker = new BrokerService();
    broker.setBrokerName("full-" + System.nanoTime());
    broker.setPersistent(false);
    broker.setUseJmx(false);
    broker.setUseShutdownHook(false);
    broker.getSystemUsage().getMemoryUsage().setLimit(MEMORY);
    broker.getSystemUsage().getTempUsage().setLimit(MEMORY);
    openWire = broker.addConnector("tcp://127.0.0.1:0").getConnectUri().getPort();
    amqp = broker.addConnector("amqp://127.0.0.1:0").getConnectUri().getPort();
    broker.start();
    broker.waitUntilStarted();
  }

  @AfterEach
  void stop() throws Exception {
    if (bridge != null) {
      bridge.close();
    }
    broker.stop();
    broker.waitUntilStopped();
  }

  private void connect(Provider provider) {
    String url =
        provider == Provider.AMQP ? "amqp://127.0.0.1:" + amqp : "tcp://127.0.0.1:" + openWire;
    bridge =
        JmsMessageBroker.of(
            new Broker(provider, url, "", "", Dialect.ACTIVEMQ, new Jndi("", Map.of())), 1 << 20);
    bridge.start(
        new ConnectionListener() {
          @Override
          public void brokerConnected() {
            heard.add("connected");
          }

          @Override
          public void brokerLost() {
            heard.add("lost");
          }
        });
    Awaitility.await().until(() -> bridge.isConnected());
  }

  private Connection connection() throws JMSException {
    ActiveMQConnectionFactory factory =
        new ActiveMQConnectionFactory("tcp://127.0.0.1:" + openWire);
    factory.setAlwaysSyncSend(true);
    factory.setSendTimeout(3000);
    Connection connection = factory.createConnection();
    connection.start();
    return connection;
  }

  /** Sends until the broker has not taken a message for a time. */
  private void fill(Session session, Queue queue) throws JMSException {
    MessageProducer producer = session.createProducer(queue);
    BytesMessage message = session.createBytesMessage();
    message.writeBytes(new byte[BODY]);
    try {
      for (long sent = 0; sent < 100 * MEMORY; sent += BODY) {
        producer.send(message);
      }
    } catch (JMSException full) {
      return;
    }
    throw new AssertionError("the broker has no bound");
  }

  @ParameterizedTest
  @EnumSource(
      value = Provider.class,
      names = {"ACTIVEMQ", "AMQP"})
  void isNotGoneAndIsNotReady(Provider provider) throws Exception {
    connect(provider);
    try (Connection connection = connection()) {
      Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
      Queue queue = session.createQueue("nobody");
      fill(session, queue);
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () -> assertThat(bridge.trouble()).hasValue("the broker takes no messages"));
      // Longer than the time after which a broker that says nothing is lost.
      Awaitility.await()
          .during(Heartbeat.LIMIT.plus(Heartbeat.PERIOD.multipliedBy(2)))
          .atMost(Duration.ofSeconds(60))
          .until(() -> bridge.isConnected() && bridge.trouble().isPresent());
      assertThat(heard).containsExactly("connected");

      MessageConsumer drain = session.createConsumer(queue);
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .until(
              () -> {
                while (drain.receiveNoWait() != null) {
                  continue;
                }
                return bridge.trouble().isEmpty();
              });
      assertThat(heard).containsExactly("connected");
    }
  }
}
