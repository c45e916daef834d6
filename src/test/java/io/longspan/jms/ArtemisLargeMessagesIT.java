package io.longspan.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.longspan.bridge.MessageBroker.TopicConsumer;
import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.config.LongspanConfig.Broker;
import io.longspan.config.LongspanConfig.Dialect;
import io.longspan.config.LongspanConfig.Jndi;
import io.longspan.config.LongspanConfig.Provider;
import io.longspan.external.ExternalArtemis;
import io.longspan.protocol.BrokerMessage;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.activemq.artemis.api.core.Interceptor;
import org.apache.activemq.artemis.core.protocol.core.Packet;
import org.apache.activemq.artemis.core.protocol.core.impl.wireformat.SessionReceiveContinuationMessage;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.activemq.artemis.spi.core.protocol.RemotingConnection;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Messages that Artemis delivers in parts, beside others on the same session. */
@Timeout(120)
final class ArtemisLargeMessagesIT {
  private static final int LARGE = 300_000;
  private static final int MAX_BYTES = 1 << 20;

  private static ExternalArtemis artemis;

  private final List<String> heard = new CopyOnWriteArrayList<>();
  private final AtomicInteger lostParts = new AtomicInteger();
  private final LargeMessageReaders readers = new LargeMessageReaders();
  private Connection connection;
  private ConsumerSession session;

  @BeforeAll
  static void start() {
    artemis = new ExternalArtemis();
  }

  @AfterAll
  static void stop() {
    artemis.close();
  }

  private void open(Interceptor interceptor) throws JMSException {
    Map<String, String> settings = artemis.settings();
    String user = settings.get("broker.user");
    String password = settings.get("broker.password");
    ArtemisProvider provider =
        new ArtemisProvider(
            new Broker(
                Provider.ARTEMIS,
                settings.get("broker.url"),
                user,
                password,
                Dialect.ARTEMIS,
                new Jndi("", Map.of())));
    ActiveMQConnectionFactory factory = (ActiveMQConnectionFactory) provider.connectionFactory();
    factory.getServerLocator().addIncomingInterceptor(interceptor);
    // Nothing here may end because a time is over.
    factory.setCallTimeout(Duration.ofMinutes(5).toMillis());
    connection = factory.createConnection(user, password);
    session =
        new ConsumerSession(connection, new MessageCodec(MAX_BYTES), provider, readers, "test");
    connection.start();
  }

  @AfterEach
  void close() throws JMSException {
    session.close();
    readers.close();
    connection.close();
    session.awaitEnd();
  }

  /** Lets no part of a body arrive. */
  private boolean loseParts(Packet packet, RemotingConnection remote) {
    boolean lost = packet instanceof SessionReceiveContinuationMessage;
    if (lost) {
      lostParts.incrementAndGet();
    }
    return !lost;
  }

  private TopicConsumer subscribe(String topic) {
    return session
        .consume(
            "alice",
            Kind.TOPIC,
            topic,
            Optional.empty(),
            message -> heard.add(topic + size(message)))
        .stage()
        .toCompletableFuture()
        .join();
  }

  private static String size(BrokerMessage message) {
    return message.tooLarge() ? " too large" : " " + String.valueOf(message.body()).length();
  }

  private static void send(String topic, int... sizes) throws JMSException {
    try (Connection sender = artemis.connectionFactory().createConnection();
        Session sending = sender.createSession()) {
      MessageProducer producer = sending.createProducer(sending.createTopic(topic));
      for (int size : sizes) {
        producer.send(sending.createTextMessage("x".repeat(size)));
      }
    }
  }

  @Test
  void aBodyThatIsOnItsWayHoldsUpNoOtherConsumerAndIsForgottenWithItsOwn() throws Exception {
    open(this::loseParts);
    TopicConsumer waiting = subscribe("waiting");
    subscribe("other");
    send("waiting", LARGE, 1);
    await().until(() -> lostParts.get() > 0);
    send("other", 2);
    await().until(() -> !heard.isEmpty());
    waiting.close().toCompletableFuture().join();
    send("other", 3);
    await().until(() -> heard.size() > 1);
    assertThat(heard).containsExactly("other 2", "other 3");
  }

  @Test
  void largeMessagesKeepTheirPlace() throws Exception {
    open((packet, remote) -> true);
    subscribe("news");
    send("news", 1, LARGE, 2, 3, LARGE + 1, LARGE + 2, 4 * MAX_BYTES, 4, LARGE + 3);
    await().until(() -> heard.size() == 9);
    assertThat(heard)
        .containsExactly(
            "news 1",
            "news 300000",
            "news 2",
            "news 3",
            "news 300001",
            "news 300002",
            "news too large",
            "news 4",
            "news 300003");
  }
}
