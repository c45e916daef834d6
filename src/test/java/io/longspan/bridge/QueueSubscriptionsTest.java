package io.longspan.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.longspan.access.QueueGrant;
import io.longspan.access.RightsChange;
import io.longspan.bridge.FakeBroker.OpenedDelivery;
import io.longspan.bridge.FakeBroker.OpenedQueue;
import io.longspan.budget.MemoryBudget;
import io.longspan.budget.Purpose;
import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.catalogue.ReceivePolicy;
import io.longspan.catalogue.TopicPolicy;
import io.longspan.deliveries.Settlement;
import io.longspan.deliveries.Settlement.Reject;
import io.longspan.deliveries.Settlement.Release;
import io.longspan.identity.Identity;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.BrokerMessage;
import io.longspan.protocol.ControlCommand;
import io.longspan.protocol.DestinationName;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a client gets of queues, step by step (protocol section 15). */
final class QueueSubscriptionsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long ACK_TIMEOUT = 10_000;

  /** Grants every queue, unless the test decides about the right. */
  private static final class Policy extends GrantingPolicy {
    private CompletableFuture<QueueGrant> decision;
    private long changes;

    Policy() {
      super(() -> TopicPolicy.DEFAULT);
    }

    QueueGrant grant(DestinationName name) {
      return new QueueGrant(
          name,
          BrokerDestination.queue(name.value()),
          "entry",
          new ReceivePolicy(
              ReceivePolicy.NOBODY.access(),
              Duration.ofMillis(ACK_TIMEOUT),
              Optional.empty(),
              2,
              Integer.MAX_VALUE),
          changes);
    }

    @Override
    public CompletionStage<QueueGrant> mayReceive(
        Identity identity, DestinationName name, Kind kind) {
      return decision == null ? CompletableFuture.completedFuture(grant(name)) : decision;
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
  private final RecordingChannel alice = new RecordingChannel();
  private final BayeuxJMSBridge bridge =
      TestBridges.create(
          broker, policy, scheduler, scheduler, new MemoryBudget(1L << 30, 1L << 30));
  private ClientSession session;

  @BeforeEach
  void consume() {
    bridge.start();
    broker.connect();
    session = connect("alice", alice);
    subscribe(session);
    alice.taken.clear();
  }

  private ClientSession connect(String name, RecordingChannel channel) {
    ClientSession joined = bridge.join(name, new Identity(name, Set.of()), channel);
    bridge.control(joined, new ControlCommand.Connect("connect", Optional.empty()));
    return joined;
  }

  private void subscribe(ClientSession client) {
    bridge.control(client, new ControlCommand.QueueSubscribe("q", "jobs", 1, Optional.empty()));
  }

  private OpenedQueue consumer() {
    assertThat(broker.openQueues()).hasSize(1);
    return broker.openQueues().get(0);
  }

  private OpenedDelivery deliver(String body) {
    return consumer().deliver(FakeBroker.text("jobs", body));
  }

  private static JsonNode last(RecordingChannel channel) {
    List<String> texts = channel.texts();
    try {
      return JSON.readTree('{' + texts.get(texts.size() - 1) + '}');
    } catch (com.fasterxml.jackson.core.JsonProcessingException x) {
      throw new AssertionError(x);
    }
  }

  private String handle() {
    return last(alice).path("delivery").asText();
  }

  private JsonNode ack(String handle) {
    bridge.control(session, new ControlCommand.Ack("a", List.of(handle)));
    return last(alice);
  }

  @Test
  void anAnswerWaitsForTheBroker() {
    OpenedDelivery delivery = deliver("one");
    String handle = handle();
    delivery.settling = new CompletableFuture<>();
    int before = alice.texts().size();
    bridge.control(session, new ControlCommand.Ack("a", List.of(handle)));
    assertThat(delivery.settlements).containsExactly(Settlement.ACKNOWLEDGE);
    assertThat(alice.texts()).hasSize(before);
    delivery.settling.complete(null);
    assertThat(last(alice).path("status").asText()).isEqualTo("success");
  }

  @Test
  void aSettlementThatTheBrokerHasNotTakenIsNamed() {
    OpenedDelivery delivery = deliver("one");
    String handle = handle();
    delivery.settling = CompletableFuture.failedFuture(BridgeException.brokerUnavailable(null));
    JsonNode answer = ack(handle);
    assertThat(answer.path("status").asText()).isEqualTo("failed");
    assertThat(answer.path("failedDeliveries").get(0).asText()).isEqualTo(handle);
  }

  @Test
  void aHandleCountsOnceWithinOneMessage() {
    OpenedDelivery delivery = deliver("one");
    String handle = handle();
    bridge.control(session, new ControlCommand.Ack("a", List.of(handle, handle)));
    assertThat(delivery.settlements).hasSize(1);
    assertThat(last(alice).path("failedDeliveries")).hasSize(1);
  }

  @Test
  void anOutageMakesHandlesVoidAndConsumptionContinuesByItself() {
    OpenedDelivery delivery = deliver("one");
    String handle = handle();
    broker.lose();
    assertThat(ack(handle).path("failedDeliveries")).hasSize(1);
    assertThat(delivery.settlements).isEmpty();
    broker.connect();
    assertThat(deliver("one").settlements).isEmpty();
    assertThat(ack(handle()).path("status").asText()).isEqualTo("success");
  }

  @Test
  void whoSubscribesBeforeTheBridgeOpensEverythingAgainHasOneConsumer() {
    broker.lose();
    broker.connected = true;
    RecordingChannel bob = new RecordingChannel();
    subscribe(connect("bob", bob));
    assertThat(broker.openQueues()).hasSize(1);
    broker.connect();
    assertThat(broker.openQueues()).as("alice's and bob's").hasSize(2);
    broker.openQueues().forEach(queue -> queue.deliver(FakeBroker.text("jobs", "news")));
    assertThat(last(bob).path("body").asText()).isEqualTo("news");
    assertThat(last(alice).path("body").asText()).isEqualTo("news");
  }

  @Test
  void aConsumerThatTheBrokerEndsIsOpenedAgain() {
    deliver("one");
    String handle = handle();
    OpenedQueue old = consumer();
    old.closed = true;
    old.lost.complete(null);
    assertThat(ack(handle).path("failedDeliveries")).hasSize(1);
    old.deliver(FakeBroker.text("jobs", "late"));
    assertThat(alice.texts()).noneMatch(text -> text.contains("late"));
    deliver("two");
    assertThat(last(alice).path("body").asText()).isEqualTo("two");
  }

  @Test
  void aMessageThatIsNotSettledInTimeGoesBackAndIsNotWrittenAnyMore() {
    alice.stalled = true;
    OpenedDelivery delivery = deliver("one");
    scheduler.elapse(ACK_TIMEOUT - 1);
    assertThat(delivery.settlements).isEmpty();
    scheduler.elapse(1);
    // A client that lets messages wait is slowed down at once.
    assertThat(delivery.settlements).containsExactly(new Release(0, 100));
    alice.stalled = false;
    alice.take();
    assertThat(alice.texts()).noneMatch(text -> text.contains("one"));
  }

  @Test
  void aLostClientKeepsItsMessagesUntilItCannotBeResumed() {
    OpenedDelivery delivery = deliver("one");
    bridge.bayeuxSessionEnded(session, true, "timeout");
    scheduler.elapse(ACK_TIMEOUT * 2);
    assertThat(delivery.settlements).isEmpty();
    assertThat(broker.openQueues()).hasSize(1);
    scheduler.elapse(Duration.ofMinutes(2).toMillis());
    assertThat(broker.openQueues()).isEmpty();
  }

  @Test
  void aClientThatOnlyReleasesIsSlowedDown() {
    for (int i = 0; i < 3; i++) {
      assertThat(releaseOne()).isEqualTo(new Release(0, 0));
    }
    assertThat(releaseOne()).isEqualTo(new Release(0, 100));
    assertThat(releaseOne()).isEqualTo(new Release(0, 200));
    for (int i = 0; i < 20; i++) {
      releaseOne();
    }
    assertThat(releaseOne()).isEqualTo(new Release(0, 5000));
    deliver("x");
    ack(handle());
    assertThat(releaseOne()).isEqualTo(new Release(0, 0));
  }

  private Settlement releaseOne() {
    OpenedDelivery delivery = deliver("x");
    bridge.control(session, new ControlCommand.Release("r", List.of(handle()), 0));
    return delivery.settlements.get(0);
  }

  @Test
  void aMessageThatIsTooLargeIsRejected() {
    OpenedDelivery delivery = deliver("x".repeat(9 << 20));
    assertThat(((Reject) delivery.settlements.get(0)).properties())
        .containsEntry("reason", "tooLarge")
        .containsEntry("rejectedFrom", "jobs");
  }

  @Test
  void aMessageThatHasExpiredIsNotDelivered() {
    int before = alice.texts().size();
    OpenedDelivery delivery =
        consumer()
            .deliver(new BrokerMessage("jobs", Map.of(), "old", null, Optional.empty(), -1, false));
    assertThat(delivery.settlements).containsExactly(Settlement.ACKNOWLEDGE);
    assertThat(alice.texts()).hasSize(before);
  }

  @Test
  void consumptionStopsWhileTheRightIsInDoubt() {
    deliver("one");
    String handle = handle();
    policy.decision = new CompletableFuture<>();
    bridge.rightsChanged(RightsChange.EVERYTHING);
    scheduler.elapse(AccessRevocation.CONFIRMATION_TIME - 1);
    assertThat(broker.openQueues()).hasSize(1);
    scheduler.elapse(1);
    assertThat(broker.openQueues()).isEmpty();
    assertThat(ack(handle).path("failedDeliveries")).hasSize(1);
    policy.decision.complete(policy.grant(DestinationName.parse("jobs")));
    deliver("one");
    assertThat(last(alice).path("body").asText()).isEqualTo("one");
  }

  @Test
  void aRefusalEndsConsumptionWithANotice() {
    deliver("one");
    String handle = handle();
    policy.decision = CompletableFuture.failedFuture(BridgeException.notAuthorized());
    bridge.rightsChanged(RightsChange.EVERYTHING);
    assertThat(last(alice).path("type").asText()).isEqualTo("queueUnsubscribed");
    assertThat(broker.openQueues()).isEmpty();
    assertThat(ack(handle).path("failedDeliveries")).hasSize(1);
    assertThat(bridge.queueConsumerCount()).isZero();
  }

  @Test
  void anEntryHasAsManyConsumersAsItAllows() {
    RecordingChannel bob = new RecordingChannel();
    subscribe(connect("bob", bob));
    assertThat(last(bob).path("status").asText()).isEqualTo("success");
    RecordingChannel carol = new RecordingChannel();
    ClientSession third = connect("carol", carol);
    subscribe(third);
    assertThat(last(carol).path("errorCode").asText()).isEqualTo("limitExceeded");
    bridge.control(session, new ControlCommand.QueueUnsubscribe("u", "jobs"));
    subscribe(third);
    assertThat(last(carol).path("status").asText()).isEqualTo("success");
  }

  @Test
  void theMemoryOfMessagesIsReleasedWithThem() {
    deliver("one");
    assertThat(bridge.memory().used(Purpose.DELIVERIES)).isPositive();
    ack(handle());
    assertThat(bridge.memory().used(Purpose.DELIVERIES)).isZero();
    deliver("two");
    bridge.control(session, new ControlCommand.Disconnect("d"));
    assertThat(bridge.memory().used(Purpose.DELIVERIES)).isZero();
    assertThat(broker.openQueues()).isEmpty();
  }
}
