package io.longspan.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longspan.bridge.MessageBroker.ConnectionListener;
import io.longspan.bridge.ReplyNames;
import io.longspan.config.LongspanConfig.Broker;
import io.longspan.config.LongspanConfig.Dialect;
import io.longspan.config.LongspanConfig.Jndi;
import io.longspan.config.LongspanConfig.Provider;
import io.longspan.config.LongspanConfig.Replies;
import io.longspan.config.LongspanConfig.ReplyMode;
import io.longspan.external.LinkProxy;
import jakarta.jms.JMSException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A broker that takes the TCP connection and says nothing. */
@Timeout(120)
final class SilentBrokerTest {
  /** The bound in {@code docs/operations.md}, and what a busy machine may need in addition. */
  private static final Duration MAX_ATTEMPT = Duration.ofSeconds(20 + 20);

  private LinkProxy silent;

  @BeforeEach
  void listen() {
    silent = new LinkProxy("127.0.0.1", 1);
    silent.freeze();
  }

  @AfterEach
  void close() {
    silent.close();
  }

  /** The ways to a broker. */
  enum Way {
    ACTIVEMQ(Provider.ACTIVEMQ, "tcp"),
    ARTEMIS(Provider.ARTEMIS, "tcp"),
    AMQP(Provider.AMQP, "amqp"),
    JNDI_OF_ACTIVEMQ(Provider.JNDI, "tcp"),
    JNDI_OF_ARTEMIS(Provider.JNDI, "tcp");

    private final Provider provider;
    private final String scheme;

    Way(Provider provider, String scheme) {
      this.provider = provider;
      this.scheme = scheme;
    }

    Broker broker(int port) {
      String url = scheme + "://127.0.0.1:" + port;
      Map<String, String> environment =
          this == JNDI_OF_ARTEMIS
              ? Map.of(
                  "java.naming.factory.initial",
                  "org.apache.activemq.artemis.jndi.ActiveMQInitialContextFactory",
                  "connectionFactory.ConnectionFactory",
                  url + "?callTimeout=5000")
              : Map.of(
                  "java.naming.factory.initial",
                  "org.apache.activemq.jndi.ActiveMQInitialContextFactory",
                  "java.naming.provider.url",
                  url);
      return new Broker(
          provider, url, "", "", Dialect.ACTIVEMQ, new Jndi("ConnectionFactory", environment));
    }

    JmsProvider provider(int port) {
      return switch (this) {
        case ACTIVEMQ -> new ActiveMqProvider(broker(port));
        case ARTEMIS -> new ArtemisProvider(broker(port));
        case AMQP -> new AmqpProvider(broker(port));
        case JNDI_OF_ACTIVEMQ, JNDI_OF_ARTEMIS -> new JndiProvider(broker(port));
      };
    }
  }

  @Test
  void anAttemptToConnectIsGivenUp() {
    LinkCloser closer = new LinkCloser();
    long start = System.nanoTime();
    Map<Way, CompletableFuture<Duration>> attempts = new EnumMap<>(Way.class);
    for (Way way : Way.values()) {
      attempts.put(
          way,
          CompletableFuture.supplyAsync(
              () -> {
                assertThatThrownBy(
                        () ->
                            BrokerLink.open(
                                1,
                                way.provider(silent.port()),
                                new HeartbeatDestination(
                                    ReplyMode.TEMPORARY_TOPIC,
                                    ReplyNames.of(Replies.DEFAULT, "bridge-1")),
                                new MessageCodec(Long.MAX_VALUE),
                                "",
                                "",
                                failure -> {},
                                closer))
                    .isInstanceOf(JMSException.class);
                return Duration.ofNanos(System.nanoTime() - start);
              },
              task -> new Thread(task, "connect").start()));
    }
    attempts.forEach(
        (way, attempt) -> assertThat(attempt.join()).as("%s", way).isLessThan(MAX_ATTEMPT));
    closer.awaitEnd(Duration.ofSeconds(60));
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void aBridgeThatStopsMeanwhileLeavesNoThread(Way way) {
    JmsMessageBroker broker =
        JmsMessageBroker.of(way.broker(silent.port()), "bridge-1", Long.MAX_VALUE);
    broker.start(
        new ConnectionListener() {
          @Override
          public void brokerConnected() {
            throw new AssertionError("there is nobody to connect to");
          }

          @Override
          public void brokerLost() {
            throw new AssertionError("there was no connection");
          }
        });
    Awaitility.await().until(() -> silent.connections() > 0);
    broker.close();
    // A pool counts as ended a moment before its last thread does.
    Awaitility.await()
        .atMost(Duration.ofSeconds(5))
        .untilAsserted(
            () ->
                assertThat(Thread.getAllStackTraces().keySet())
                    .extracting(Thread::getName)
                    .noneMatch(name -> name.startsWith("longspan-")));
  }
}
