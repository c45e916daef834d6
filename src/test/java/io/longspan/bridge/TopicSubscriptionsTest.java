package io.longspan.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.config.ConfigLoader;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.BrokerDestination;
import io.longspan.protocol.DestinationName;
import io.longspan.protocol.ErrorCode;
import io.longspan.protocol.PayloadEncoder;
import io.longspan.security.Identity;
import io.longspan.security.TopicGrant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class TopicSubscriptionsTest {
  private final FakeBroker broker = new FakeBroker();
  private final List<Runnable> later = new ArrayList<>();
  private final TopicSubscriptions subscriptions =
      new TopicSubscriptions(
          broker, new PayloadEncoder(), BridgeMetrics.NONE, (task, delay) -> later.add(task));
  private final TopicSubscriptions.Key news = key("news", Optional.empty());

  private static TopicSubscriptions.Key key(String name, Optional<String> selector) {
    return new TopicSubscriptions.Key(
        new TopicGrant(
            DestinationName.parse(name), BrokerDestination.topic(name), Optional::of, "", 0),
        selector);
  }

  private static ClientSession client(String id, ClientOutbox outbox) {
    return new ClientSession(
        id,
        new Identity(id, Set.of()),
        outbox,
        new PayloadEncoder(),
        ConfigLoader.load(Optional.empty(), Map.of(), Map.of()).limits(),
        Runnable::run,
        () -> 0);
  }

  /** Subscribes, and begins to deliver as soon as the consumer is open. */
  private CompletableFuture<ClientSubscription> join(
      TopicSubscriptions.Key key, ClientSession session) {
    ClientSubscription subscription = new ClientSubscription(session, session.identity(), key);
    return subscriptions
        .join(subscription)
        .thenApply(
            joined -> {
              subscription.begin();
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
    List<RecordingOutbox> outboxes = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      RecordingOutbox outbox = new RecordingOutbox();
      outboxes.add(outbox);
      join(news, client("c" + i, outbox));
    }
    assertThat(broker.open("news")).hasSize(1);
    broker.open("news").get(0).listener.accept(FakeBroker.text("news", "hello"));
    assertThat(outboxes).allSatisfy(o -> assertThat(o.payloads).hasSize(1));
    assertThat(outboxes)
        .allSatisfy(o -> assertThat(o.payloads.get(0)).isSameAs(outboxes.get(0).payloads.get(0)));
  }

  @Test
  void anotherSelectorIsAnotherConsumer() {
    join(news, client("a", new RecordingOutbox()));
    join(key("news", Optional.of("x = 1")), client("b", new RecordingOutbox()));
    assertThat(broker.open("news")).hasSize(2);
  }

  @Test
  void theLastSubscriberClosesTheConsumerAfterItHasLingered() {
    ClientSession alice = client("a", new RecordingOutbox());
    subscriptions.leave(join(news, alice).join());
    assertThat(broker.open("news")).hasSize(1);
    runLater();
    assertThat(broker.open("news")).isEmpty();
    assertThat(subscriptions.size()).isZero();
  }

  @Test
  void aLateCloseDoesNotEndANewerSubscription() {
    ClientSession alice = client("a", new RecordingOutbox());
    RecordingOutbox bobsOutbox = new RecordingOutbox();
    subscriptions.leave(join(news, alice).join());
    join(news, client("b", bobsOutbox));
    runLater();
    assertThat(broker.open("news")).hasSize(1);
    broker.open("news").get(0).listener.accept(FakeBroker.text("news", "hello"));
    assertThat(bobsOutbox.texts()).hasSize(1);
  }

  @Test
  void aCloseOfAnEarlierIdlenessDoesNotShortenALaterOne() {
    ClientSession alice = client("a", new RecordingOutbox());
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
    CompletableFuture<ClientSubscription> first = join(news, client("a", new RecordingOutbox()));
    CompletableFuture<ClientSubscription> second = join(news, client("b", new RecordingOutbox()));
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
    RecordingOutbox outbox = new RecordingOutbox();
    CompletableFuture<ClientSubscription> joining = join(news, client("a", outbox));
    broker
        .consumers
        .get(0)
        .opening
        .completeExceptionally(new BridgeException(ErrorCode.SEND_FAILED, "no"));
    assertThat(joining).isCompletedExceptionally();
    broker.completeAtOnce = true;
    RecordingOutbox another = new RecordingOutbox();
    join(news, client("b", another));
    broker.consumers.get(1).listener.accept(FakeBroker.text("news", "hello"));
    assertThat(another.texts()).hasSize(1);
    assertThat(outbox.texts()).isEmpty();
  }

  @Test
  void aLostConnectionKeepsTheSubscribersAndANewOneServesThem() {
    RecordingOutbox outbox = new RecordingOutbox();
    join(news, client("a", outbox));
    broker.connected = false;
    subscriptions.connectionLost();
    assertThat(join(news, client("b", new RecordingOutbox()))).isCompletedExceptionally();
    broker.connected = true;
    subscriptions.reopenAll();
    assertThat(broker.consumers).hasSize(2);
    broker.consumers.get(1).listener.accept(FakeBroker.text("news", "again"));
    assertThat(outbox.texts()).singleElement().asString().contains("again");
  }

  @Test
  void reopeningHasEndedWhenEachConsumerIsOpenOrHasFailed() {
    join(news, client("a", new RecordingOutbox()));
    join(key("sport", Optional.empty()), client("b", new RecordingOutbox()));
    subscriptions.connectionLost();
    broker.completeAtOnce = false;
    CompletableFuture<Void> reopened = subscriptions.reopenAll();
    FakeBroker.Opened first = broker.consumers.get(2);
    FakeBroker.Opened second = broker.consumers.get(3);
    first.opening.complete(first);
    assertThat(reopened).isNotDone();
    second.opening.completeExceptionally(new BridgeException(ErrorCode.SEND_FAILED, "no"));
    assertThat(reopened).isCompleted();
  }

  @Test
  void aPatternDeliversOnlyWhatItsGrantCovers() {
    TopicGrant grant =
        new TopicGrant(
            DestinationName.parsePattern("prices/**"),
            new BrokerDestination(BrokerDestination.Kind.TOPIC, "prices.*", true),
            jms -> jms.equals("prices.open") ? Optional.of("prices/open") : Optional.empty(),
            "",
            0);
    RecordingOutbox outbox = new RecordingOutbox();
    join(new TopicSubscriptions.Key(grant, Optional.empty()), client("a", outbox));
    broker.consumers.get(0).listener.accept(FakeBroker.text("prices.secret", "secret"));
    broker.consumers.get(0).listener.accept(FakeBroker.text("prices.open", "open"));
    assertThat(outbox.texts())
        .singleElement()
        .asString()
        .contains("\"topic\":\"prices/open\"", "\"subscription\":\"prices/**\"");
  }
}
