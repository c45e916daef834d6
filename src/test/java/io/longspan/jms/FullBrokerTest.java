package io.longspan.jms;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.config.LongspanConfig.Provider;
import io.longspan.external.LocalActiveMq;
import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.time.Duration;
import org.apache.activemq.ActiveMQConnectionFactory;
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

  private final HeardConnections connections = new HeardConnections();
  private LocalActiveMq broker;
  private JmsMessageBroker bridge;

  @BeforeEach
  void start() throws Exception {
    broker =
        new LocalActiveMq(
            service -> {
              service.getSystemUsage().getMemoryUsage().setLimit(MEMORY);
              service.getSystemUsage().getTempUsage().setLimit(MEMORY);
            });
  }

  @AfterEach
  void stop() throws Exception {
    if (bridge != null) {
      bridge.close();
    }
    broker.close();
  }

  private void connect(Provider provider) throws Exception {
    bridge = JmsMessageBroker.of(broker.settings(provider, "", ""), "bridge-1", 1 << 20);
    bridge.start(connections);
    Awaitility.await().until(() -> bridge.isConnected());
  }

  private Connection connection() throws Exception {
    ActiveMQConnectionFactory factory = new ActiveMQConnectionFactory(broker.url());
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
              () -> assertThat(bridge.trouble()).hasValue("the broker accepts no messages"));
      // Longer than the time after which a broker that says nothing is lost.
      Awaitility.await()
          .during(Heartbeat.LIMIT.plus(Heartbeat.PERIOD.multipliedBy(2)))
          .atMost(Duration.ofSeconds(60))
          .until(() -> bridge.isConnected() && bridge.trouble().isPresent());
      assertThat(connections.heard).containsExactly("connected");

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
      assertThat(connections.heard).containsExactly("connected");
    }
  }
}
