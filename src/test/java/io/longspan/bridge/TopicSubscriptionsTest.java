package io.longspan.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.access.TopicGrant;
import io.longspan.budget.MemoryBudget;
import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.TopicPolicy;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.DestinationName;
import io.longspan.protocol.ErrorCode;
import io.longspan.protocol.PayloadEncoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class TopicSubscriptionsTest {
  private final FakeBroker broker = new FakeBroker();
  private final List<Runnable> later = new ArrayList<>();
  private final List<Runnable> retries = new ArrayList<>();
  private final List<ConnectedClient> reopened = new ArrayList<>();
  private final BridgeBrokers brokers =
      BridgeBrokers.only(
          broker, new Reopenings((task, delay) -> retries.add(task), BridgeMetrics.NONE));
  private final TopicSubscriptions subscriptions =
      new TopicSubscriptions(
          brokers,
          TestClients.quota(),
          new PayloadEncoder(),
          BridgeMetrics.NONE,
          (task, delay) -> later.add(task),
          () -> 0,
          new MemoryBudget(1L << 30, 1L << 30),
          100,
          reopened::add);
  private final TopicSubscriptions.Key news = key("news", Optional.empty());

  private static TopicSubscriptions.Key key(String name, Optional<String> selector) {
    return new TopicSubscriptions.Key(TestClients.grant(name, TopicPolicy.DEFAULT), selector);
  }

  /** Subscribes, and begins to deliver as soon as the consumer is open. */
  private CompletableFuture<ClientSubscription> join(
      TopicSubscriptions.Key key, ConnectedClient client) {
    ClientSubscription subscription = new ClientSubscription(client, client.identity(), key);
    return subscriptions
        .join(subscription)
        .thenApply(
            joined -> {
              subscriptions.begin(subscription, Optional.empty());
              return subscription;
            })
        .toCompletableFuture();
  }

  private void runLater() {
    List<Runnable> due = List.copyOf(later);
    later.clear();
    due.forEach(Runnable::run);
  }

  @Test
  void subscribersShareOneConsumerAndOneSerialisation() {
    List<RecordingChannel> outboxes = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      RecordingChannel outbox = new RecordingChannel();
      outboxes.add(outbox);
      join(news, TestClients.connected("c" + i, outbox));
    }
    assertThat(broker.open("news")).hasSize(1);
    broker.open("news").get(0).listener.accept(FakeBroker.text("news", "hello"));
    assertThat(outboxes).allSatisfy(o -> assertThat(o.payloads()).hasSize(1));
    assertThat(outboxes)
        .allSatisfy(
            o -> assertThat(o.payloads().get(0)).isSameAs(outboxes.get(0).payloads().get(0)));
  }

  @Test
  void anotherSelectorIsAnotherConsumer() {
    join(news, TestClients.connected("a", new RecordingChannel()));
    join(key("news", Optional.of("x = 1")), TestClients.connected("b", new RecordingChannel()));
    assertThat(broker.open("news")).hasSize(2);
  }

  @Test
  void theLastSubscriberClosesTheConsumerAfterItHasLingered() {
    ConnectedClient alice = TestClients.connected("a", new RecordingChannel());
    subscriptions.leave(join(news, alice).join());
    assertThat(broker.open("news")).hasSize(1);
    runLater();
    assertThat(broker.open("news")).isEmpty();
    assertThat(subscriptions.size()).isZero();
  }

  /** The broker may still hold messages for it, which are not for those who get the right later. */
  @Test
  void aConsumerWhoseLastSubscriberLostTheRightIsClosedAtOnce() {
    ConnectedClient alice = TestClients.connected("a", new RecordingChannel());
    ClientSubscription subscription = join(news, alice).join();
    subscription.revoke();
    subscriptions.leave(subscription);
    assertThat(broker.open("news")).isEmpty();
    assertThat(subscriptions.size()).isZero();
  }

  @Test
  void aConsumerThatNobodyWaitsForAnyMoreIsNotOpened() {
    broker.completeAtOnce = false;
    ConnectedClient alice = TestClients.connected("a", new RecordingChannel());
    ClientSubscription subscription = new ClientSubscription(alice, alice.identity(), news);
    CompletableFuture<Void> joining = subscriptions.join(subscription).toCompletableFuture();
    subscriptions.leave(subscription);
    assertThat(broker.consumers.get(0).opening).isCompletedExceptionally();
    assertThat(joining).isCompletedExceptionally();
    assertThat(subscriptions.size()).isZero();
    assertThat(later).isEmpty();
  }

  @Test
  void aConsumerThatTwoUsersWaitForHasTheTurnOfEither() {
    broker.completeAtOnce = false;
    ConnectedClient alice = TestClients.connected("a", new RecordingChannel());
    ConnectedClient bob = TestClients.connected("b", new RecordingChannel());
    ClientSubscription first = new ClientSubscription(alice, alice.identity(), news);
    subscriptions.join(first);
    CompletableFuture<Void> second =
        subscriptions.join(new ClientSubscription(bob, bob.identity(), news)).toCompletableFuture();
    assertThat(broker.consumers).hasSize(1);
    assertThat(broker.consumers.get(0).users).containsExactly("a", "b");
    // The one who asked first has gone, and the other one still waits.
    subscriptions.leave(first);
    assertThat(second).isNotDone();
    broker.consumers.get(0).opening.complete(broker.consumers.get(0));
    assertThat(second).isCompleted();
  }

  @Test
  void aLateCloseDoesNotEndANewerSubscription() {
    ConnectedClient alice = TestClients.connected("a", new RecordingChannel());
    RecordingChannel bobsOutbox = new RecordingChannel();
    subscriptions.leave(join(news, alice).join());
    join(news, TestClients.connected("b", bobsOutbox));
    runLater();
    assertThat(broker.open("news")).hasSize(1);
    broker.open("news").get(0).listener.accept(FakeBroker.text("news", "hello"));
    assertThat(bobsOutbox.texts()).hasSize(1);
  }

  @Test
  void aCloseOfAnEarlierIdlenessDoesNotShortenALaterOne() {
    ConnectedClient alice = TestClients.connected("a", new RecordingChannel());
    subscriptions.leave(join(news, alice).join());
    List<Runnable> first = List.copyOf(later);
    later.clear();
    subscriptions.leave(join(news, alice).join());
    first.forEach(Runnable::run);
    assertThat(broker.open("news")).hasSize(1);
    runLater();
    assertThat(broker.open("news")).isEmpty();
  }

  @Test
  void joinersOfAConsumerThatIsBeingOpenedWaitForIt() {
    broker.completeAtOnce = false;
    CompletableFuture<ClientSubscription> first =
        join(news, TestClients.connected("a", new RecordingChannel()));
    CompletableFuture<ClientSubscription> second =
        join(news, TestClients.connected("b", new RecordingChannel()));
    assertThat(first).isNotDone();
    assertThat(second).isNotDone();
    assertThat(broker.consumers).hasSize(1);
    broker.consumers.get(0).opening.complete(broker.consumers.get(0));
    assertThat(first).isCompleted();
    assertThat(second).isCompleted();
  }

  @Test
  void aConsumerThatCannotBeOpenedLeavesNobodySubscribed() {
    broker.completeAtOnce = false;
    RecordingChannel outbox = new RecordingChannel();
    CompletableFuture<ClientSubscription> joining = join(news, TestClients.connected("a", outbox));
    broker
        .consumers
        .get(0)
        .opening
        .completeExceptionally(new BridgeException(ErrorCode.SEND_FAILED, "no"));
    assertThat(joining).isCompletedExceptionally();
    broker.completeAtOnce = true;
    RecordingChannel another = new RecordingChannel();
    join(news, TestClients.connected("b", another));
    broker.consumers.get(1).listener.accept(FakeBroker.text("news", "hello"));
    assertThat(another.texts()).hasSize(1);
    assertThat(outbox.texts()).isEmpty();
  }

  @Test
  void aLostConnectionKeepsTheSubscribersAndANewOneServesThem() {
    RecordingChannel outbox = new RecordingChannel();
    join(news, TestClients.connected("a", outbox));
    broker.connected = false;
    subscriptions.connectionLost(brokers.main());
    assertThat(join(news, TestClients.connected("b", new RecordingChannel())))
        .isCompletedExceptionally();
    broker.connected = true;
    subscriptions.reopenAll(brokers.main());
    assertThat(broker.consumers).hasSize(2);
    broker.consumers.get(1).listener.accept(FakeBroker.text("news", "again"));
    assertThat(outbox.texts()).hasSize(2);
    assertThat(outbox.texts().get(0)).contains("\"gap\"", "\"news\"", "brokerOutage");
    assertThat(outbox.texts().get(1)).contains("again");
  }

  @Test
  void whatALostConsumerStillHasIsPartOfWhatWasMissed() {
    RecordingChannel outbox = new RecordingChannel();
    join(news, TestClients.connected("a", outbox));
    FakeBroker.Opened lost = broker.consumers.get(0);
    subscriptions.connectionLost(brokers.main());
    lost.listener.accept(FakeBroker.text("news", "late"));
    subscriptions.reopenAll(brokers.main());
    lost.listener.accept(FakeBroker.text("news", "later"));
    broker.consumers.get(1).listener.accept(FakeBroker.text("news", "again"));

    assertThat(outbox.texts()).hasSize(2);
    assertThat(outbox.texts().get(0)).contains("\"gap\"");
    assertThat(outbox.texts().get(1)).contains("again");
  }

  @Test
  void aMessageThatIsBeingDeliveredWhenTheConnectionIsLostComesBeforeTheGap() {
    RecordingChannel first = new RecordingChannel();
    RecordingChannel second = new RecordingChannel();
    join(news, TestClients.connected("a", first));
    join(news, TestClients.connected("b", second));
    first.whenTaken = () -> subscriptions.connectionLost(brokers.main());
    broker.consumers.get(0).listener.accept(FakeBroker.text("news", "before"));
    first.whenTaken = () -> {};
    subscriptions.reopenAll(brokers.main());
    broker.consumers.get(1).listener.accept(FakeBroker.text("news", "after"));

    for (RecordingChannel outbox : List.of(first, second)) {
      assertThat(outbox.texts()).hasSize(3);
      assertThat(outbox.texts().get(0)).contains("before");
      assertThat(outbox.texts().get(1)).contains("\"gap\"");
      assertThat(outbox.texts().get(2)).contains("after");
    }
  }

  /** Fails once, with a retry to come; the consumer that was lost before is the first one. */
  private RecordingChannel deaf() {
    RecordingChannel outbox = new RecordingChannel();
    join(news, TestClients.connected("a", outbox));
    broker.refused.add("news");
    broker.consumers.get(0).closed = true;
    subscriptions.connectionLost(brokers.main());
    subscriptions.reopenAll(brokers.main());
    return outbox;
  }

  private void retry() {
    List<Runnable> due = List.copyOf(retries);
    retries.clear();
    due.forEach(Runnable::run);
  }

  @Test
  void aTopicThatCannotBeReopenedIsTriedUntilItIsHeardAgain() {
    RecordingChannel outbox = deaf();
    // Its subscribers know that messages are missing, before it is heard again.
    assertThat(outbox.texts()).singleElement().asString().contains("\"gap\"", "brokerOutage");
    retry();
    retry();
    assertThat(broker.consumers).hasSizeGreaterThan(3);
    assertThat(outbox.texts()).hasSize(1);
    assertThat(reopened).isEmpty();
    broker.refused.clear();
    while (broker.open("news").isEmpty()) {
      retry();
    }
    assertThat(reopened).hasSize(1);
    broker.open("news").get(0).listener.accept(FakeBroker.text("news", "again"));
    assertThat(outbox.texts()).hasSize(3);
    assertThat(outbox.texts().get(1)).contains("\"gap\"");
    assertThat(outbox.texts().get(2)).contains("again");
  }

  @Test
  void aDeafTopicThatIsAskedForAgainIsOpenedOrItsFailureIsTold() {
    RecordingChannel outbox = new RecordingChannel();
    ClientSubscription subscription = join(news, TestClients.connected("a", outbox)).join();
    assertThat(subscriptions.ensureOpen(subscription)).isCompleted();
    broker.refused.add("news");
    broker.consumers.get(0).lose();
    assertThat(subscriptions.isOpen(subscription)).isFalse();
    assertThat(subscriptions.ensureOpen(subscription)).isCompletedExceptionally();
    broker.refused.clear();
    assertThat(subscriptions.ensureOpen(subscription)).isCompletedWithValue(null);
    assertThat(subscriptions.isOpen(subscription)).isTrue();
    assertThat(broker.open("news")).hasSize(1);
    retry();
    assertThat(broker.open("news")).hasSize(1);
  }

  @Test
  void aConsumerThatEndsAloneIsOpenedAgainAndItsLossIsTold() {
    RecordingChannel outbox = new RecordingChannel();
    RecordingChannel other = new RecordingChannel();
    join(news, TestClients.connected("a", outbox));
    join(key("sport", Optional.empty()), TestClients.connected("b", other));
    broker.open("news").get(0).lose();
    assertThat(broker.open("news")).hasSize(1);
    assertThat(reopened).extracting(ConnectedClient::bridgeClientId).containsExactly("a");
    broker.open("news").get(0).listener.accept(FakeBroker.text("news", "again"));
    broker.open("sport").get(0).listener.accept(FakeBroker.text("sport", "on"));
    assertThat(outbox.texts()).hasSize(2);
    assertThat(outbox.texts().get(0)).contains("\"gap\"", "\"news\"", "brokerOutage");
    assertThat(other.texts()).singleElement().asString().contains("on");
  }

  @Test
  void aConsumerThatWasClosedIsNotMissed() {
    ConnectedClient alice = TestClients.connected("a", new RecordingChannel());
    subscriptions.leave(join(news, alice).join());
    FakeBroker.Opened closed = broker.open("news").get(0);
    runLater();
    closed.lose();
    assertThat(broker.open("news")).isEmpty();
    assertThat(retries).isEmpty();
  }

  @Test
  void aDeafTopicThatNobodyWantsAnyMoreIsNotTriedAgain() {
    ConnectedClient alice = TestClients.connected("a", new RecordingChannel());
    ClientSubscription subscription = join(news, alice).join();
    broker.refused.add("news");
    broker.consumers.get(0).lose();
    subscriptions.leave(subscription);
    assertThat(subscriptions.size()).isZero();
    int attempts = broker.consumers.size();
    broker.refused.clear();
    retry();
    assertThat(broker.consumers).hasSize(attempts);
  }

  /** A re-opening that has begun must not open what the last subscriber's leaving has closed. */
  @Test
  void aSubscriptionThatIsClosedWhileItIsReopenedLeavesNoConsumer() {
    ConnectedClient alice = TestClients.connected("a", new RecordingChannel());
    ClientSubscription subscription = join(news, alice).join();
    SharedSubscription shared = subscriptions.shared().iterator().next();
    subscriptions.connectionLost(brokers.main());
    subscriptions.leave(subscription);
    assertThat(subscriptions.size()).isZero();
    // What a re-opening does that has found the subscription before it was closed.
    assertThat(shared.open(broker, "a")).isCompletedExceptionally();
    assertThat(broker.consumers).hasSize(1);
  }

  @Test
  void aPatternDeliversOnlyWhatItsGrantCovers() {
    TopicGrant grant =
        new TopicGrant(
            DestinationName.parsePattern("prices/**"),
            new BrokerDestination(BrokerDestination.Kind.TOPIC, "prices.*", true),
            jms -> jms.equals("prices.open") ? Optional.of("prices/open") : Optional.empty(),
            TopicPolicy.DEFAULT,
            "",
            0,
            Long.MIN_VALUE);
    RecordingChannel outbox = new RecordingChannel();
    join(new TopicSubscriptions.Key(grant, Optional.empty()), TestClients.connected("a", outbox));
    broker.consumers.get(0).listener.accept(FakeBroker.text("prices.secret", "secret"));
    broker.consumers.get(0).listener.accept(FakeBroker.text("prices.open", "open"));
    assertThat(outbox.texts())
        .singleElement()
        .asString()
        .contains("\"topic\":\"prices/open\"", "\"subscription\":\"prices/**\"");
  }
}
