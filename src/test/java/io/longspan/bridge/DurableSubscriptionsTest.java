package io.longspan.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.longspan.access.QueueGrant;
import io.longspan.access.RightsChange;
import io.longspan.bridge.DurableOperations.Durable;
import io.longspan.bridge.FakeBroker.OpenedDelivery;
import io.longspan.bridge.FakeBroker.OpenedQueue;
import io.longspan.bridge.MessageBroker.Outbound;
import io.longspan.budget.MemoryBudget;
import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.catalogue.DurableSubscription;
import io.longspan.catalogue.ReceivePolicy;
import io.longspan.catalogue.TopicPolicy;
import io.longspan.deliveries.Settlement;
import io.longspan.identity.Identity;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.BrokerMessage;
import io.longspan.protocol.ControlCommand;
import io.longspan.protocol.DestinationName;
import io.longspan.protocol.MessageBody;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of durable subscriptions, step by step (protocol section 16). */
final class DurableSubscriptionsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Grants every topic, unless the test decides about the right. */
  private static final class Policy extends GrantingPolicy {
    private CompletableFuture<QueueGrant> decision;
    private long changes;

    Policy() {
      super(() -> TopicPolicy.DEFAULT);
    }

    @Override
    public CompletionStage<QueueGrant> mayReceive(
        Identity identity, DestinationName name, Kind kind) {
      return decision == null
          ? CompletableFuture.completedFuture(
              new QueueGrant(
                  name,
                  BrokerDestination.topic(name.value()),
                  "entry",
                  ReceivePolicy.durable(Duration.ofSeconds(10)),
                  changes))
          : decision;
    }

    @Override
    public boolean isCurrent(Identity identity, QueueGrant grant) {
      return grant.asOf() == changes;
    }

    @Override
    public void changed(RightsChange change) {
      changes++;
    }
  }

  private final FakeBroker broker = new FakeBroker();
  private final ManualScheduler scheduler = new ManualScheduler();
  private final Policy policy = new Policy();
  private final MemoryBudget memory = new MemoryBudget(1L << 30, 1L << 30);
  private final RecordingChannel older = new RecordingChannel();
  private final RecordingChannel newer = new RecordingChannel();
  private final BayeuxJMSBridge bridge =
      TestBridges.create(
          Map.of("longspan.limits.durableSubscriptions", "12"),
          broker,
          policy,
          BridgeMetrics.NONE,
          scheduler,
          scheduler,
          memory);
  private ClientSession first;

  @BeforeEach
  void connect() {
    bridge.start();
    broker.connect();
    scheduler.elapse(1000);
    first = connect("a", "alice", older);
  }

  private ClientSession connect(String id, String user, RecordingChannel channel) {
    ClientSession joined = bridge.join(id, new Identity(user, Set.of()), channel);
    bridge.control(joined, new ControlCommand.Connect("connect", Optional.empty()));
    return joined;
  }

  private void subscribe(ClientSession client, String topic) {
    bridge.control(
        client,
        new ControlCommand.TopicSubscribe(
            "s",
            List.of(topic),
            Optional.empty(),
            Map.of(),
            0,
            false,
            Optional.of("archive"),
            false));
  }

  private void forget(ClientSession client) {
    bridge.control(
        client, new ControlCommand.TopicUnsubscribe("f", List.of("news"), Optional.of("archive")));
  }

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException x) {
      throw new AssertionError(x);
    }
  }

  private static List<JsonNode> all(RecordingChannel channel) {
    return channel.texts().stream().map(text -> json('{' + text + '}')).toList();
  }

  private static JsonNode last(RecordingChannel channel) {
    List<JsonNode> all = all(channel);
    return all.get(all.size() - 1);
  }

  private static long takenOver(RecordingChannel channel) {
    return all(channel).stream()
        .filter(data -> data.path("reason").asText().equals("takenOver"))
        .count();
  }

  private OpenedQueue consumer() {
    assertThat(broker.openQueues()).hasSize(1);
    return broker.openQueues().get(0);
  }

  private List<JsonNode> claims() {
    return broker.sent.stream()
        .filter(
            message ->
                message.target() instanceof Outbound.To to
                    && to.destination().name().equals("bridge/durable-subscriptions"))
        .map(message -> json(((MessageBody.Text) message.body()).text()))
        .toList();
  }

  /** Another bridge claims the subscription. */
  private void claim(long since) {
    claim(since, false);
  }

  private void claim(long since, boolean deletes) {
    String text =
        "{\"subscription\":\"/%s\",\"since\":%d,\"instance\":\"zzz\",\"deletes\":%b}"
            .formatted(broker.queues.get(0).source.durable().orElseThrow(), since, deletes);
    broker
        .open("bridge/durable-subscriptions")
        .get(0)
        .listener
        .accept(
            new BrokerMessage(
                "bridge/durable-subscriptions",
                Map.of("bridgeId", "bridge-2"),
                text,
                null,
                Optional.empty()));
  }

  private List<Durable> known() {
    return bridge.durableOperations().list(Optional.empty(), 0, 10).items();
  }

  private CompletionStage<Void> delete(String user, String topic) {
    DurableSubscription named =
        DurableSubscription.of(user, BrokerDestination.topic(topic), "archive");
    return bridge.durableOperations().delete(user, named);
  }

  private JsonNode ack(ClientSession client, RecordingChannel channel, String handle) {
    bridge.control(client, new ControlCommand.Ack("a", List.of(handle)));
    return last(channel);
  }

  @Test
  void aNewerSessionTakesItOverAndTheHandlesOfTheOlderOneAreVoid() {
    subscribe(first, "news");
    OpenedDelivery delivery = consumer().deliver(FakeBroker.text("news", "one"));
    String handle = last(older).path("delivery").asText();
    ClientSession second = connect("b", "alice", newer);
    OpenedQueue before = consumer();
    subscribe(second, "news");
    assertThat(before.closed).isTrue();
    assertThat(takenOver(older)).isEqualTo(1);
    assertThat(ack(first, older, handle).path("status").asText()).isEqualTo("failed");
    assertThat(delivery.settlements).isEmpty();
    consumer().deliver(FakeBroker.text("news", "one"));
    assertThat(last(newer).path("body").asText()).isEqualTo("one");
    before.deliver(FakeBroker.text("news", "late"));
    assertThat(last(older).path("body").asText()).isNotEqualTo("late");
    assertThat(bridge.durableSubscriptionCount()).isEqualTo(1);
    subscribe(first, "news");
    assertThat(takenOver(newer)).isEqualTo(1);
  }

  @Test
  void aNewerClaimOfAnotherBridgeEndsItAndAnOlderOneIsAnswered() {
    subscribe(first, "news");
    claim(999);
    assertThat(takenOver(older)).isZero();
    assertThat(claims()).hasSize(2);
    assertThat(claims().get(1)).isEqualTo(claims().get(0));
    claim(1001);
    assertThat(takenOver(older)).isEqualTo(1);
    assertThat(broker.openQueues()).isEmpty();
    claim(1002);
    assertThat(takenOver(older)).isEqualTo(1);
  }

  @Test
  void aMalformedClaimChangesNothing() {
    subscribe(first, "news");
    for (String text : List.of("", "[]", "{}", "{\"since\":1}", "{\"since\":\"x\"}")) {
      broker
          .open("bridge/durable-subscriptions")
          .get(0)
          .listener
          .accept(FakeBroker.text("bridge/durable-subscriptions", text));
    }
    assertThat(takenOver(older)).isZero();
    assertThat(broker.openQueues()).hasSize(1);
  }

  @Test
  void aNewSessionWaitsForAnotherBridgeAndClaimsAgain() {
    broker.inUse = true;
    subscribe(first, "news");
    scheduler.elapse(1000);
    assertThat(claims()).hasSizeGreaterThan(3);
    broker.inUse = false;
    scheduler.elapse(ClientDurables.RETRY);
    assertThat(last(older).path("status").asText()).isEqualTo("success");
    consumer().deliver(FakeBroker.text("news", "one"));
    assertThat(last(older).path("body").asText()).isEqualTo("one");
  }

  @Test
  void aSubscriptionThatAnotherBridgeDoesNotGiveUpIsRefusedInTime() {
    broker.inUse = true;
    subscribe(first, "news");
    scheduler.elapse(ClientDurables.PATIENCE + ClientDurables.RETRY);
    assertThat(last(older).path("topicErrors").path(0).asText()).startsWith("sendFailed:");
    assertThat(last(older).path("temporary").asBoolean()).isTrue();
    assertThat(bridge.durableSubscriptionCount()).isZero();
  }

  @Test
  void aConnectionThatIsLostWhileItIsOpenedIsARefusal() {
    broker.inUse = true;
    subscribe(first, "news");
    broker.lose();
    scheduler.elapse(ClientDurables.RETRY);
    assertThat(
            all(older).stream()
                .anyMatch(data -> data.path("errorCode").asText().equals("brokerUnavailable")))
        .isTrue();
    broker.inUse = false;
    broker.connect();
    scheduler.elapse(60_000);
    assertThat(broker.openQueues()).isEmpty();
  }

  @Test
  void itIsUsedAgainOnANewConnectionUnlessAnotherBridgeHasIt() {
    subscribe(first, "news");
    consumer().deliver(FakeBroker.text("news", "one"));
    String handle = last(older).path("delivery").asText();
    broker.lose();
    broker.connect();
    assertThat(ack(first, older, handle).path("status").asText()).isEqualTo("failed");
    consumer().deliver(FakeBroker.text("news", "one"));
    assertThat(last(older).path("body").asText()).isEqualTo("one");
    broker.lose();
    broker.inUse = true;
    broker.connect();
    int before = claims().size();
    scheduler.elapse(Reopenings.FIRST_DELAY * 4);
    assertThat(claims().size()).isGreaterThan(before);
    claim(5000);
    assertThat(takenOver(older)).isEqualTo(1);
    broker.inUse = false;
    scheduler.elapse(60_000);
    assertThat(broker.openQueues()).isEmpty();
  }

  @Test
  void anAcknowledgementOnADeadConnectionIsNamed() {
    subscribe(first, "news");
    OpenedDelivery delivery = consumer().deliver(FakeBroker.text("news", "one"));
    delivery.settling = CompletableFuture.failedFuture(BridgeException.brokerUnavailable(null));
    String handle = last(older).path("delivery").asText();
    assertThat(ack(first, older, handle).path("failedDeliveries").path(0).asText())
        .isEqualTo(handle);
    assertThat(delivery.settlements).containsExactly(Settlement.ACKNOWLEDGE);
  }

  @Test
  void aRightThatIsGoneDeletesIt() {
    subscribe(first, "news");
    policy.decision = CompletableFuture.failedFuture(BridgeException.notAuthorized());
    policy.changed(RightsChange.EVERYTHING);
    bridge.rightsChanged(RightsChange.EVERYTHING);
    assertThat(last(older).path("reason").asText()).isEqualTo("accessRevoked");
    assertThat(broker.openQueues()).isEmpty();
    assertThat(broker.deleted).containsExactly(broker.queues.get(0).source.durable().orElseThrow());
  }

  @Test
  void aRightInDoubtPausesItAndDeletesNothing() {
    subscribe(first, "news");
    policy.decision = new CompletableFuture<>();
    bridge.rightsChanged(RightsChange.EVERYTHING);
    scheduler.elapse(AccessRevocation.CONFIRMATION_TIME);
    assertThat(broker.openQueues()).isEmpty();
    scheduler.elapse(RightCheck.MAX_SUSPENSION);
    assertThat(last(older).path("reason").asText()).isEqualTo("accessRevoked");
    assertThat(broker.deleted).isEmpty();
  }

  @Test
  void deletionEndsTheUseOfAnotherSessionFirst() {
    subscribe(first, "news");
    ClientSession second = connect("b", "alice", newer);
    forget(second);
    assertThat(takenOver(older)).isEqualTo(1);
    assertThat(last(newer).path("status").asText()).isEqualTo("success");
    assertThat(broker.openQueues()).isEmpty();
    assertThat(broker.deleted).hasSize(1);
  }

  @Test
  void oneUserCannotUseAllThatTheBridgeAllows() {
    for (int i = 0; i < 10; i++) {
      subscribe(first, "news" + i);
      assertThat(last(older).path("status").asText()).isEqualTo("success");
    }
    subscribe(first, "eleventh");
    assertThat(last(older).path("errorCode").asText()).isEqualTo("limitExceeded");
    ClientSession bob = connect("b", "bob", newer);
    subscribe(bob, "news");
    subscribe(bob, "more");
    assertThat(last(newer).path("status").asText()).isEqualTo("success");
    subscribe(bob, "third");
    assertThat(last(newer).path("errorCode").asText()).isEqualTo("limitExceeded");
  }

  @Test
  void aClientThatEndsLeavesWhatItHasNotAcknowledgedToTheBroker() {
    subscribe(first, "news");
    OpenedDelivery delivery = consumer().deliver(FakeBroker.text("news", "one"));
    bridge.control(first, new ControlCommand.Disconnect("d"));
    assertThat(broker.openQueues()).isEmpty();
    assertThat(delivery.settlements).isEmpty();
    assertThat(broker.deleted).isEmpty();
    assertThat(bridge.durableSubscriptionCount()).isZero();
  }

  @Test
  void anOperatorSeesWhoHasItAndWhichBridgeUsedItLast() {
    assertThat(known()).isEmpty();
    subscribe(first, "news");
    assertThat(known())
        .containsExactly(
            new Durable(
                "alice", "news", "archive", "", true, "bridge-1", Instant.ofEpochMilli(1000)));
    assertThat(bridge.durableOperations().list(Optional.of("bob"), 0, 10).items()).isEmpty();
    scheduler.elapse(500);
    bridge.control(first, new ControlCommand.Disconnect("d"));
    assertThat(known())
        .containsExactly(
            new Durable(
                "alice", "news", "archive", "", false, "bridge-1", Instant.ofEpochMilli(1500)));
    scheduler.elapse(500);
    claim(2000);
    assertThat(known().get(0).bridge()).isEqualTo("bridge-2");
    assertThat(known().get(0).since()).isEqualTo(Instant.ofEpochMilli(2000));
  }

  @Test
  void whatAnotherBridgeTakesOverIsListedAsThatBridges() {
    subscribe(first, "news");
    claim(1001);
    assertThat(known()).singleElement().matches(each -> !each.inUse());
    assertThat(known().get(0).bridge()).isEqualTo("bridge-2");
    claim(1002, true);
    assertThat(known()).isEmpty();
  }

  @Test
  void anOperatorDeletesWhatIsInUseAndWhatNobodyKnows() {
    subscribe(first, "news");
    assertThat(delete("alice", "news")).isCompleted();
    assertThat(takenOver(older)).isEqualTo(1);
    assertThat(broker.openQueues()).isEmpty();
    assertThat(known()).isEmpty();
    assertThat(claims().get(claims().size() - 1).path("deletes").asBoolean()).isTrue();
    assertThat(delete("bob", "old")).isCompleted();
    assertThat(broker.deleted).hasSize(2);
  }

  @Test
  void whatTheBrokerDoesNotDeleteStaysInTheList() {
    subscribe(first, "news");
    broker.inUse = true;
    CompletionStage<Void> deleted = delete("alice", "news");
    scheduler.elapse(ClientDurables.PATIENCE + ClientDurables.RETRY);
    assertThat(deleted).isCompletedExceptionally();
    assertThat(known()).singleElement().matches(each -> !each.inUse());
  }
}
