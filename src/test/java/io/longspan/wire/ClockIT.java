package io.longspan.wire;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.longspan.external.LocalActiveMq;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.activemq.broker.Broker;
import org.apache.activemq.broker.BrokerFilter;
import org.apache.activemq.broker.BrokerPlugin;
import org.apache.activemq.broker.ProducerBrokerExchange;
import org.apache.activemq.command.Message;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** A broker whose clock is not the bridge's: whoever looks is told. */
final class ClockIT {
  private static final long HOUR = 3_600_000;

  private LocalActiveMq broker;
  private volatile long ahead;

  /** Counts the bridge's heartbeats. */
  private final AtomicInteger beats = new AtomicInteger();

  @BeforeEach
  void start() throws Exception {
    broker = new LocalActiveMq(service -> service.setPlugins(new BrokerPlugin[] {this::stamping}));
  }

  @AfterEach
  void stop() throws Exception {
    broker.close();
  }

  /** Writes the broker's time into each message, and drops what has expired by it. */
  private Broker stamping(Broker next) {
    return new BrokerFilter(next) {
      @Override
      public void send(ProducerBrokerExchange exchange, Message message) throws Exception {
        long now = System.currentTimeMillis() + ahead;
        if (message.getProperty("sentAt") != null) {
          beats.incrementAndGet();
        }
        if (message.getExpiration() == 0 || message.getExpiration() > now) {
          message.setTimestamp(ahead == 0 ? message.getTimestamp() : now);
          super.send(exchange, message);
        }
      }
    };
  }

  private static String body(TestBridge bridge, String path) {
    try {
      return HttpIT.get(bridge.uri(path)).body();
    } catch (Exception x) {
      throw new IllegalStateException(x);
    }
  }

  private static String operatorsView(TestBridge bridge) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(bridge.uri("admin/bridge"))
            .header("Authorization", RawBayeuxClient.basic("root", "root"))
            .build();
    return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
  }

  @Test
  void aBrokerWhoseClockDiffersIsShownToWhoeverLooks() throws Exception {
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    Logger logger = (Logger) LoggerFactory.getLogger("io.longspan.jms.BrokerClock");
    logger.addAppender(log);
    log.start();
    try (TestBridge bridge =
        TestBridge.start(Map.of("broker.provider", "activemq", "broker.url", broker.url()))) {
      assertThat(body(bridge, "health/ready")).isEqualTo("up\n");
      assertThat(bridge.metric("longspan_broker_clock_offset_seconds{broker=\"default\"}"))
          .isZero();
      ahead = HOUR;
      Awaitility.await().until(() -> body(bridge, "health/ready").contains("warning: "));
      assertThat(body(bridge, "health/ready"))
          .startsWith("up\n")
          .containsPattern("the broker's clock is 3(600|599) s ahead of the bridge's");
      assertThat(bridge.status("health/ready")).isEqualTo(200);
      assertThat(bridge.metric("longspan_broker_clock_offset_seconds{broker=\"default\"}"))
          .isBetween(3590.0, 3600.0);
      assertThat(operatorsView(bridge)).containsPattern("\"brokerClockOffsetSeconds\":3(600|599)");
      // A few more heartbeats say the same, and nothing is logged again.
      int answered = beats.get();
      Awaitility.await().until(() -> beats.get() > answered + 2);
      assertThat(log.list)
          .singleElement()
          .satisfies(line -> assertThat(line.getLevel()).isEqualTo(Level.WARN))
          .satisfies(line -> assertThat(line.getFormattedMessage()).contains("offsetSeconds=3"));
      ahead = 0;
      Awaitility.await().until(() -> body(bridge, "health/ready").equals("up\n"));
      assertThat(operatorsView(bridge)).doesNotContain("brokerClockOffsetSeconds");
    } finally {
      logger.detachAppender(log);
    }
  }
}
