package io.longspan.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.longspan.bridge.MessageBroker.ConnectionListener;
import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.DurableSubscription;
import io.longspan.config.ConfigLoader;
import io.longspan.config.LongspanConfig.Broker;
import io.longspan.deliveries.Delivery;
import io.longspan.deliveries.DeliveryConsumer;
import io.longspan.deliveries.DeliverySource;
import io.longspan.deliveries.Settlement;
import io.longspan.deliveries.Settlement.Reject;
import io.longspan.deliveries.Settlement.Release;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.ErrorCode;
import io.longspan.wire.TestBroker;
import jakarta.jms.Connection;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;

/** What a broker does with messages that are settled one by one; each subclass has one broker. */
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(60)
abstract class DeliveryTests {
  private static final int MAX_BYTES = 1 << 20;

  private TestBroker broker;
  private JmsMessageBroker bridge;
  private final List<DeliveryConsumer> consumers = new CopyOnWriteArrayList<>();
  private String queue;

  abstract TestBroker startBroker();

  @BeforeAll
  void start() {
    broker = startBroker();
    bridge = connected();
  }

  private JmsMessageBroker connected() {
    Map<String, String> keys = new HashMap<>();
    broker.settings().forEach((key, value) -> keys.put("longspan." + key, value));
    Broker settings = ConfigLoader.load(Optional.empty(), keys, Map.of()).broker();
    JmsMessageBroker one = JmsMessageBroker.of(settings, "bridge", MAX_BYTES);
    one.start(
        new ConnectionListener() {
          @Override
          public void brokerConnected() {}

          @Override
          public void brokerLost() {}
        });
    await().atMost(Duration.ofSeconds(20)).until(one::isConnected);
    return one;
  }

  @AfterAll
  void stop() {
    bridge.close();
    broker.close();
  }

  @AfterEach
  void closeConsumers() {
    consumers.forEach(consumer -> join(consumer.close()));
    consumers.clear();
  }

  private static <T> T join(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }

  private String queue() {
    if (queue == null) {
      queue = "work." + UUID.randomUUID();
    }
    return queue;
  }

  private void newQueue() {
    queue = null;
  }

  private List<Delivery> consume(int prefetch) {
    List<Delivery> heard = new CopyOnWriteArrayList<>();
    consumers.add(
        join(
            bridge.consumeDeliveries(
                new DeliverySource(
                    "alice", BrokerDestination.queue(queue()), Optional.empty(), prefetch),
                heard::add)));
    return heard;
  }

  private void send(String... bodies) throws Exception {
    try (Connection connection = broker.connectionFactory().createConnection()) {
      Session session = connection.createSession();
      var producer = session.createProducer(session.createQueue(queue()));
      for (String body : bodies) {
        TextMessage message = session.createTextMessage(body);
        message.setStringProperty("kind", body);
        message.setJMSCorrelationID("c-" + body);
        producer.send(message);
      }
    }
  }

  /** Returns a message of a queue at the broker; null if there is none for a while. */
  private Message take(String name, long patience) throws Exception {
    try (Connection connection = broker.connectionFactory().createConnection()) {
      connection.start();
      Session session = connection.createSession();
      MessageConsumer consumer = session.createConsumer(session.createQueue(name));
      return consumer.receive(patience);
    }
  }

  private static Delivery next(List<Delivery> heard, int number) {
    await().atMost(Duration.ofSeconds(20)).until(() -> heard.size() >= number);
    return heard.get(number - 1);
  }

  private static Object body(Delivery delivery) {
    return delivery.message().body();
  }

  @Test
  void aConsumerHoldsOneMessageAndAnIdleOneGetsTheOthers() throws Exception {
    newQueue();
    List<Delivery> busy = consume(1);
    send("1");
    next(busy, 1);
    List<Delivery> idle = consume(1);
    send("2", "3", "4", "5", "6");
    for (int i = 1; i <= 5; i++) {
      Delivery delivery = next(idle, i);
      assertThat(body(delivery)).isEqualTo(String.valueOf(i + 1));
      join(delivery.settle(Settlement.ACKNOWLEDGE));
    }
    assertThat(busy).hasSize(1);
    join(busy.get(0).settle(Settlement.ACKNOWLEDGE));
    send("7", "8");
    await().until(() -> busy.size() + idle.size() == 8);
  }

  @Test
  void anAcknowledgedMessageIsGone() throws Exception {
    newQueue();
    List<Delivery> heard = consume(1);
    send("1", "2");
    join(next(heard, 1).settle(Settlement.ACKNOWLEDGE));
    join(next(heard, 2).settle(Settlement.ACKNOWLEDGE));
    closeConsumers();
    assertThat(take(queue(), 500)).isNull();
  }

  @Test
  void aReleasedMessageIsDeliveredAgainToAnyConsumer() throws Exception {
    newQueue();
    List<Delivery> one = consume(1);
    send("1");
    Delivery first = next(one, 1);
    assertThat(first.count()).isEqualTo(1);
    List<Delivery> other = consume(1);
    join(first.settle(new Release(0, 30_000)));
    Delivery again = next(other, 1);
    assertThat(body(again)).isEqualTo("1");
    assertThat(again.count()).isEqualTo(countsReleases() ? 2 : 1);
    join(again.settle(Settlement.ACKNOWLEDGE));
    closeConsumers();
    assertThat(take(queue(), 500)).isNull();
  }

  @Test
  void aReleaseGivesBackOneMessageOfMany() throws Exception {
    newQueue();
    List<Delivery> heard = consume(3);
    send("1", "2", "3");
    next(heard, 3);
    List<Delivery> other = consume(1);
    join(heard.get(1).settle(new Release(0, 30_000)));
    join(next(other, 1).settle(Settlement.ACKNOWLEDGE));
    assertThat(body(other.get(0))).isEqualTo(body(heard.get(1)));
    join(heard.get(0).settle(Settlement.ACKNOWLEDGE));
    join(heard.get(2).settle(Settlement.ACKNOWLEDGE));
    closeConsumers();
    assertThat(take(queue(), 500)).isNull();
  }

  @Test
  void aReleasedConsumerReceivesAgainAfterItsPause() throws Exception {
    newQueue();
    List<Delivery> heard = consume(1);
    send("1");
    for (int i = 1; i <= 4; i++) {
      join(next(heard, i).settle(new Release(0, i * 20L)));
    }
    join(next(heard, 5).settle(Release.NOW));
    join(next(heard, 6).settle(Settlement.ACKNOWLEDGE));
    send("2");
    assertThat(body(next(heard, 7))).isEqualTo("2");
    join(heard.get(6).settle(Settlement.ACKNOWLEDGE));
  }

  @Test
  void aDelayedReleaseLetsTheNextMessageComeAtOnce() throws Exception {
    newQueue();
    List<Delivery> heard = consume(1);
    send("1", "2");
    CompletionStage<Void> released = next(heard, 1).settle(new Release(2000, 0));
    assertThat(body(next(heard, 2))).isEqualTo("2");
    assertThat(released.toCompletableFuture()).isNotDone();
    join(heard.get(1).settle(Settlement.ACKNOWLEDGE));
    join(released);
    assertThat(body(next(heard, 3))).isEqualTo("1");
    join(heard.get(2).settle(Settlement.ACKNOWLEDGE));
    send("3");
    join(next(heard, 4).settle(Settlement.ACKNOWLEDGE));
  }

  @Test
  void aClosedConsumerGivesEverythingBack() throws Exception {
    newQueue();
    List<Delivery> heard = consume(10);
    String[] bodies = IntStream.range(0, 20).mapToObj(String::valueOf).toArray(String[]::new);
    send(bodies);
    next(heard, 10);
    closeConsumers();
    List<Delivery> other = consume(10);
    for (int i = 1; i <= 20; i++) {
      join(next(other, i).settle(Settlement.ACKNOWLEDGE));
    }
    assertThat(other.stream().map(DeliveryTests::body).toList())
        .containsExactlyInAnyOrder((Object[]) bodies);
    assertThatThrownBy(() -> join(heard.get(0).settle(Settlement.ACKNOWLEDGE)))
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(BridgeException.class);
    closeConsumers();
    assertThat(take(queue(), 500)).isNull();
  }

  @Test
  void aMessageIsSettledOnce() throws Exception {
    newQueue();
    List<Delivery> heard = consume(1);
    send("1");
    Delivery delivery = next(heard, 1);
    CompletionStage<Void> first = delivery.settle(Settlement.ACKNOWLEDGE);
    assertThatThrownBy(() -> join(delivery.settle(Release.NOW)))
        .hasCauseInstanceOf(BridgeException.class);
    join(first);
  }

  @Test
  void aRejectedMessageGoesToTheNamedQueue() throws Exception {
    newQueue();
    List<Delivery> heard = consume(1);
    send("bad");
    String dead = queue() + ".dead";
    join(
        next(heard, 1)
            .settle(
                new Reject(
                    Optional.of(BrokerDestination.queue(dead)), Map.of("reason", "illegible"))));
    Message moved = take(dead, 10_000);
    assertThat(((TextMessage) moved).getText()).isEqualTo("bad");
    assertThat(moved.getStringProperty("reason")).isEqualTo("illegible");
    assertThat(moved.getStringProperty("kind")).isEqualTo("bad");
    assertThat(moved.getJMSCorrelationID()).isEqualTo("c-bad");
    closeConsumers();
    assertThat(take(queue(), 500)).isNull();
  }

  @Test
  void aLargeMessageIsHeldAndSettledLikeAnyOther() throws Exception {
    newQueue();
    List<Delivery> heard = consume(1);
    String large = "x".repeat(300_000);
    try (Connection connection = broker.connectionFactory().createConnection()) {
      Session session = connection.createSession();
      var producer = session.createProducer(session.createQueue(queue()));
      for (int i = 0; i < 3; i++) {
        producer.send(session.createTextMessage(large + i));
      }
    }
    Delivery first = next(heard, 1);
    List<Delivery> other = consume(1);
    assertThat(body(next(other, 1))).isEqualTo(large + 1);
    assertThat(body(first)).isEqualTo(large + 0);
    join(first.settle(new Release(0, 30_000)));
    join(other.get(0).settle(Settlement.ACKNOWLEDGE));
    join(next(other, 2).settle(Settlement.ACKNOWLEDGE));
    join(next(other, 3).settle(Settlement.ACKNOWLEDGE));
    assertThat(heard).hasSize(1);
  }

  @Test
  void aSelectorLeavesTheOtherMessages() throws Exception {
    newQueue();
    List<Delivery> heard = new CopyOnWriteArrayList<>();
    CompletionStage<DeliveryConsumer> opening =
        bridge.consumeDeliveries(
            new DeliverySource(
                "alice", BrokerDestination.queue(queue()), Optional.of("kind = 'b'"), 1),
            heard::add);
    if (!hasQueueSelectors()) {
      assertThatThrownBy(() -> join(opening)).hasMessageContaining("selector");
      return;
    }
    consumers.add(join(opening));
    send("a", "b");
    assertThat(body(next(heard, 1))).isEqualTo("b");
    join(heard.get(0).settle(Settlement.ACKNOWLEDGE));
    assertThat(((TextMessage) take(queue(), 10_000)).getText()).isEqualTo("a");
  }

  private DurableSubscription newSubscription() {
    return DurableSubscription.of(
        "alice", BrokerDestination.topic("news." + UUID.randomUUID()), "archive");
  }

  private CompletionStage<DeliveryConsumer> opening(
      JmsMessageBroker by,
      DurableSubscription subscription,
      String selector,
      List<Delivery> heard) {
    return by.consumeDeliveries(
        DeliverySource.of("alice", subscription, Optional.ofNullable(selector)), heard::add);
  }

  private List<Delivery> consume(DurableSubscription subscription) {
    List<Delivery> heard = new CopyOnWriteArrayList<>();
    consumers.add(join(opening(bridge, subscription, null, heard)));
    return heard;
  }

  private void publish(DurableSubscription subscription, String... bodies) throws Exception {
    try (Connection connection = broker.connectionFactory().createConnection()) {
      Session session = connection.createSession();
      var producer = session.createProducer(session.createTopic(subscription.topic().name()));
      for (String body : bodies) {
        TextMessage message = session.createTextMessage(body);
        message.setStringProperty("kind", body);
        producer.send(message);
      }
    }
  }

  private static void acknowledgeInOrder(List<Delivery> heard, int from, String... bodies) {
    for (int i = 0; i < bodies.length; i++) {
      Delivery delivery = next(heard, from + i);
      assertThat(body(delivery)).isEqualTo(bodies[i]);
      join(delivery.settle(Settlement.ACKNOWLEDGE));
    }
  }

  @Test
  void aDurableSubscriptionKeepsWhatIsPublishedWhileNobodyIsThere() throws Exception {
    DurableSubscription subscription = newSubscription();
    List<Delivery> before = consume(subscription);
    publish(subscription, "1", "2");
    acknowledgeInOrder(before, 1, "1");
    // The second one is not acknowledged.
    assertThat(body(next(before, 2))).isEqualTo("2");
    closeConsumers();
    publish(subscription, "3", "4");
    List<Delivery> after = consume(subscription);
    acknowledgeInOrder(after, 1, "2", "3", "4");
    assertThat(after.get(0).isRedelivered()).isEqualTo(countsReleases());
    assertThat(after.get(1).isRedelivered()).isFalse();
    closeConsumers();
    publish(subscription, "5");
    acknowledgeInOrder(consume(subscription), 1, "5");
  }

  @Test
  void aReleasedMessageOfADurableSubscriptionComesAgainBeforeTheNext() throws Exception {
    DurableSubscription subscription = newSubscription();
    List<Delivery> heard = consume(subscription);
    publish(subscription, "1", "2", "3");
    join(next(heard, 1).settle(Release.NOW));
    join(next(heard, 2).settle(new Release(0, 50)));
    acknowledgeInOrder(heard, 3, "1", "2", "3");
    assertThat(heard).hasSize(5);
  }

  @Test
  void aDurableSubscriptionHasOneConsumerOfAllBridges() throws Exception {
    DurableSubscription subscription = newSubscription();
    List<Delivery> heard = consume(subscription);
    publish(subscription, "1", "2");
    next(heard, 1);
    try (JmsMessageBroker other = connected()) {
      List<Delivery> elsewhere = new CopyOnWriteArrayList<>();
      assertThat(refusal(opening(other, subscription, null, elsewhere)))
          .isEqualTo(ErrorCode.IN_USE);
      assertThat(refusal(other.deleteSubscription("alice", subscription)))
          .isEqualTo(ErrorCode.IN_USE);
      closeConsumers();
      consumers.add(join(opening(other, subscription, null, elsewhere)));
      acknowledgeInOrder(elsewhere, 1, "1", "2");
      assertThat(heard).hasSize(1);
      closeConsumers();
    }
  }

  private static ErrorCode refusal(CompletionStage<?> stage) {
    CompletableFuture<ErrorCode> code = new CompletableFuture<>();
    stage.whenComplete(
        (done, failure) ->
            code.complete(failure == null ? null : BridgeException.from(failure).code()));
    return code.join();
  }

  @Test
  void aDeletedSubscriptionKeepsNothing() throws Exception {
    DurableSubscription subscription = newSubscription();
    join(bridge.deleteSubscription("alice", subscription));
    consume(subscription);
    closeConsumers();
    publish(subscription, "1");
    join(bridge.deleteSubscription("alice", subscription));
    publish(subscription, "2");
    List<Delivery> heard = consume(subscription);
    publish(subscription, "3");
    acknowledgeInOrder(heard, 1, "3");
  }

  @Test
  void anotherSelectorMakesItAnotherSubscription() throws Exception {
    DurableSubscription subscription = newSubscription();
    List<Delivery> heard = new CopyOnWriteArrayList<>();
    CompletionStage<DeliveryConsumer> opening = opening(bridge, subscription, "kind <> 'a'", heard);
    if (!hasQueueSelectors()) {
      assertThatThrownBy(() -> join(opening)).hasMessageContaining("selector");
      return;
    }
    consumers.add(join(opening));
    publish(subscription, "a", "b");
    acknowledgeInOrder(heard, 1, "b");
    closeConsumers();
    publish(subscription, "c");
    List<Delivery> all = consume(subscription);
    publish(subscription, "a");
    acknowledgeInOrder(all, 1, "a");
  }

  @Test
  void manyUsersHaveDurableSubscriptionsBesideQueues() throws Exception {
    newQueue();
    List<Delivery> queued = consume(1);
    List<DurableSubscription> subscriptions =
        IntStream.range(0, 10)
            .mapToObj(i -> DurableSubscription.of("user" + i, newSubscription().topic(), "a"))
            .toList();
    List<List<Delivery>> heard = subscriptions.stream().map(this::consume).toList();
    for (DurableSubscription each : subscriptions) {
      publish(each, each.name());
    }
    send("1");
    for (int i = 0; i < heard.size(); i++) {
      acknowledgeInOrder(heard.get(i), 1, subscriptions.get(i).name());
    }
    join(next(queued, 1).settle(Settlement.ACKNOWLEDGE));
  }

  /** Returns whether the broker counts a delivery whose message was released. */
  boolean countsReleases() {
    return true;
  }

  boolean hasQueueSelectors() {
    return true;
  }

  @Test
  void manyMessagesAreAcknowledgedOneByOne() throws Exception {
    newQueue();
    int number = 500;
    List<Delivery> heard = new CopyOnWriteArrayList<>();
    for (int i = 0; i < 5; i++) {
      consumers.add(
          join(
              bridge.consumeDeliveries(
                  new DeliverySource(
                      "user" + i, BrokerDestination.queue(queue()), Optional.empty(), 4),
                  delivery -> {
                    heard.add(delivery);
                    delivery.settle(Settlement.ACKNOWLEDGE);
                  })));
    }
    send(IntStream.range(0, number).mapToObj(String::valueOf).toArray(String[]::new));
    next(heard, number);
    closeConsumers();
    assertThat(heard.stream().map(DeliveryTests::body).distinct()).hasSize(number);
    assertThat(heard).hasSize(number);
    assertThat(take(queue(), 500)).isNull();
  }
}
