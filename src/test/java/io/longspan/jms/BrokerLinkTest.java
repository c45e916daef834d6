package io.longspan.jms;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.bridge.ReplyNames;
import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.config.LongspanConfig.Broker;
import io.longspan.config.LongspanConfig.Dialect;
import io.longspan.config.LongspanConfig.Jndi;
import io.longspan.config.LongspanConfig.Provider;
import io.longspan.config.LongspanConfig.Replies;
import io.longspan.config.LongspanConfig.ReplyMode;
import io.longspan.external.LinkProxy;
import io.longspan.external.LocalActiveMq;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.BrokerMessage;
import io.longspan.protocol.ErrorCode;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.activemq.broker.BrokerService;
import org.apache.activemq.broker.region.RegionBroker;
import org.apache.activemq.command.ActiveMQDestination;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class BrokerLinkTest {
  private static final String TOPIC = "news";

  private final LinkCloser closer = new LinkCloser();
  private final List<Exception> faults = new CopyOnWriteArrayList<>();
  private LocalActiveMq broker;
  private BrokerService service;
  private LinkProxy proxy;
  private BrokerLink link;

  @BeforeEach
  void connect() throws Exception {
    broker = new LocalActiveMq(started -> service = started);
    proxy = new LinkProxy("127.0.0.1", broker.openWire().getConnectUri().getPort());
    link = open();
  }

  @AfterEach
  void close() throws Exception {
    proxy.heal();
    closer.close(link);
    closer.awaitEnd(Duration.ofSeconds(60));
    proxy.close();
    broker.close();
  }

  private JmsProvider provider() {
    return new ActiveMqProvider(
        new Broker(
            Provider.ACTIVEMQ,
            "tcp://127.0.0.1:" + proxy.port(),
            "",
            "",
            Dialect.ACTIVEMQ,
            new Jndi("", Map.of())));
  }

  private BrokerLink open() throws JMSException {
    return BrokerLink.open(
        1,
        provider(),
        new HeartbeatDestination(
            ReplyMode.TEMPORARY_TOPIC, ReplyNames.of(Replies.DEFAULT, "bridge-1")),
        new MessageCodec(Long.MAX_VALUE),
        "",
        "",
        faults::add,
        closer);
  }

  private static List<BrokerMessage> hear(BrokerLink hearing) throws Exception {
    List<BrokerMessage> heard = new CopyOnWriteArrayList<>();
    hearing
        .topicSession("alice", TOPIC)
        .consume("alice", Kind.TOPIC, TOPIC, Optional.empty(), heard::add)
        .stage()
        .toCompletableFuture()
        .get(60, TimeUnit.SECONDS);
    return heard;
  }

  private void publish() throws JMSException {
    try (Connection connection = provider().connectionFactory().createConnection()) {
      Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
      session.createProducer(session.createTopic(TOPIC)).send(session.createTextMessage("now"));
    }
  }

  private static ErrorCode failure(CompletableFuture<?> stage) {
    assertThat(stage).isCompletedExceptionally();
    return BridgeException.from(stage.handle((value, failure) -> failure).join()).code();
  }

  @Test
  void noMessageOfALostConnectionReachesAnybody() throws Exception {
    BrokerLink later = open();
    List<BrokerMessage> lost = hear(link);
    List<BrokerMessage> current = hear(later);
    publish();
    Awaitility.await().until(() -> lost.size() == 1 && current.size() == 1);
    link.mute();
    publish();
    publish();
    Awaitility.await().until(() -> current.size() == 3);
    Awaitility.await().during(Duration.ofMillis(300)).until(() -> lost.size() == 1);
    closer.close(later);
  }

  @Test
  void whatIsOnItsWayFailsAtOnceWhenTheConnectionIsGivenUp() {
    proxy.freeze();
    ConsumerSession session = link.topicSession("alice", TOPIC);
    CompletableFuture<?> onItsWay =
        session.openTemporary(Kind.TOPIC, "alice", m -> {}).toCompletableFuture();
    CompletableFuture<?> waiting =
        session
            .consume("alice", Kind.TOPIC, TOPIC, Optional.empty(), m -> {})
            .stage()
            .toCompletableFuture();
    Awaitility.await()
        .during(Duration.ofMillis(500))
        .until(() -> !onItsWay.isDone() && !waiting.isDone());
    link.abandon();
    assertThat(failure(onItsWay)).isEqualTo(ErrorCode.BROKER_UNAVAILABLE);
    assertThat(failure(waiting)).isEqualTo(ErrorCode.BROKER_UNAVAILABLE);
    assertThat(failure(session.openTemporary(Kind.TOPIC, "alice", m -> {}).toCompletableFuture()))
        .isEqualTo(ErrorCode.BROKER_UNAVAILABLE);
  }

  @Test
  void theHeartbeatTellsALivingConnectionFromASilentOne() {
    Awaitility.await()
        .during(Heartbeat.LIMIT.plus(Heartbeat.PERIOD))
        .until(() -> link.millisLeft() > 0);
    proxy.freeze();
    long start = System.nanoTime();
    Awaitility.await().until(() -> link.millisLeft() == 0);
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isBetween(Heartbeat.LIMIT.minus(Heartbeat.PERIOD.multipliedBy(3)), Duration.ofSeconds(12));
  }

  /** As a broker in a network may do when it loses another broker. */
  @Test
  void aTemporaryTopicThatTheBrokerDeletesIsALostConnection() throws Exception {
    RegionBroker regions = (RegionBroker) service.getRegionBroker();
    List<ActiveMQDestination> topics =
        List.copyOf(regions.getTempTopicRegion().getDestinationMap().keySet());
    assertThat(topics).hasSize(1);
    service.getBroker().removeDestination(service.getAdminConnectionContext(), topics.get(0), 1);
    Awaitility.await().until(() -> !faults.isEmpty());
    assertThat(faults.get(0))
        .hasMessage("the broker has deleted the destination of the heartbeats");
  }
}
