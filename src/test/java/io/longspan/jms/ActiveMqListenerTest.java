package io.longspan.jms;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.config.LongspanConfig.Broker;
import io.longspan.config.LongspanConfig.Dialect;
import io.longspan.config.LongspanConfig.Jndi;
import io.longspan.config.LongspanConfig.Provider;
import io.longspan.external.LocalActiveMq;
import io.longspan.protocol.BrokerMessage;
import jakarta.jms.Connection;
import jakarta.jms.Session;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.activemq.command.ActiveMQTempTopic;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Temporary topics of ActiveMQ, many of which share a session. */
@Timeout(60)
final class ActiveMqListenerTest {
  private final LargeMessageReaders readers = new LargeMessageReaders();
  private LocalActiveMq broker;
  private Connection connection;
  private ConsumerSession session;

  @BeforeEach
  void open() throws Exception {
    broker = new LocalActiveMq(started -> {});
    String url = "tcp://127.0.0.1:" + broker.openWire().getConnectUri().getPort();
    JmsProvider provider =
        new ActiveMqProvider(
            new Broker(Provider.ACTIVEMQ, url, "", "", Dialect.ACTIVEMQ, new Jndi("", Map.of())));
    connection = provider.connectionFactory().createConnection();
    session = new ConsumerSession(connection, new MessageCodec(1000), provider, readers, "test");
    connection.start();
  }

  @AfterEach
  void close() throws Exception {
    session.close();
    connection.close();
    session.awaitEnd();
    readers.close();
    broker.close();
  }

  private JmsTemporaryDestination temporaryTopic(Consumer<BrokerMessage> listener)
      throws Exception {
    return session
        .openTemporary(Kind.TOPIC, "alice", listener)
        .toCompletableFuture()
        .get(30, TimeUnit.SECONDS);
  }

  private void send(JmsTemporaryDestination to, String text) throws Exception {
    Session sending = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
    sending.createProducer(new ActiveMQTempTopic(to.name())).send(sending.createTextMessage(text));
    sending.close();
  }

  @Test
  void aNewOneStopsNoOther() throws Exception {
    CountDownLatch delivering = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    CompletableFuture<BrokerMessage> received = new CompletableFuture<>();
    JmsTemporaryDestination busy =
        temporaryTopic(
            message -> {
              delivering.countDown();
              awaitQuietly(release);
            });
    send(busy, "the listener is at work");
    assertThat(delivering.await(30, TimeUnit.SECONDS)).isTrue();
    try {
      JmsTemporaryDestination next = temporaryTopic(received::complete);
      send(next, "hello");
    } finally {
      release.countDown();
    }
    assertThat(received.get(30, TimeUnit.SECONDS).body()).isEqualTo("hello");
  }

  private static void awaitQuietly(CountDownLatch release) {
    try {
      release.await(30, TimeUnit.SECONDS);
    } catch (InterruptedException x) {
      Thread.currentThread().interrupt();
    }
  }
}
