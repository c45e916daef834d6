package io.longspan.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.access.AccessPolicy;
import io.longspan.access.RightsChange;
import io.longspan.access.SendGrant;
import io.longspan.access.TopicGrant;
import io.longspan.budget.MemoryBudget;
import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.TopicPolicy;
import io.longspan.concurrent.InternalErrors;
import io.longspan.identity.Identity;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.ControlCommand;
import io.longspan.protocol.DestinationName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** What becomes of a subscription when rights change, step by step. */
final class AccessRevocationTest {
  private static final Identity ALICE = new Identity("alice", Set.of("reader"));

  private final FakeBroker broker = new FakeBroker();
  private final SteeredPolicy policy = new SteeredPolicy();
  private final List<Task> later = new ArrayList<>();
  private final BayeuxJMSBridge bridge = bridge();
  private final RecordingChannel outbox = new RecordingChannel();
  private final ClientSession alice = bridge.join("c", ALICE, outbox);

  private record Task(Runnable run, long delay) {}

  /** Grants to readers, or leaves the question open. */
  private static final class SteeredPolicy implements AccessPolicy {
    private final List<CompletableFuture<TopicGrant>> open = new ArrayList<>();
    private boolean leaveOpen;
    private boolean heldUp;
    private boolean fault;
    private long changes;
    private Runnable afterDecision = () -> {};

    private TopicGrant grant(DestinationName name) {
      return new TopicGrant(
          name,
          BrokerDestination.topic(name.value()),
          Optional::of,
          TopicPolicy.DEFAULT,
          "",
          changes,
          Long.MIN_VALUE);
    }

    @Override
    public CompletionStage<SendGrant> maySend(Identity identity, DestinationName name) {
      return CompletableFuture.failedFuture(BridgeException.notAuthorized());
    }

    @Override
    public CompletionStage<TopicGrant> maySubscribe(Identity identity, DestinationName name) {
      CompletionStage<TopicGrant> decision = mayStay(identity, name);
      afterDecision.run();
      return decision;
    }

    @Override
    public CompletionStage<TopicGrant> mayStay(Identity identity, DestinationName name) {
      CompletableFuture<TopicGrant> decision = new CompletableFuture<>();
      if (leaveOpen) {
        open.add(decision);
      } else if (identity.roles().contains("reader")) {
        decision.complete(grant(name));
      } else {
        decision.completeExceptionally(BridgeException.notAuthorized());
      }
      return decision;
    }

    @Override
    public boolean isHeldUp(Identity identity, DestinationName name) {
      return heldUp;
    }

    @Override
    public boolean isCurrent(Identity identity, TopicGrant grant) {
      if (fault) {
        throw new IllegalStateException("injected");
      }
      return grant.asOf() == changes;
    }

    @Override
    public void changed(RightsChange change) {
      changes++;
    }
  }

  private BayeuxJMSBridge bridge() {
    Scheduler scheduler = (task, delay) -> later.add(new Task(task, delay));
    BayeuxJMSBridge made =
        TestBridges.create(
            broker, policy, scheduler, () -> 0, new MemoryBudget(1L << 30, 1L << 30));
    made.start();
    broker.listener.brokerConnected();
    return made;
  }

  private void connect() {
    bridge.control(alice, new ControlCommand.Connect("1", Optional.empty()));
  }

  private void subscribe(String topic) {
    bridge.control(
        alice, new ControlCommand.TopicSubscribe("2", List.of(topic), Optional.empty(), Map.of()));
  }

  private String last() {
    return outbox.texts().get(outbox.texts().size() - 1);
  }

  /** Delivers to the consumer that was opened last, even if the bridge has closed it. */
  private void publish(String text) {
    List<FakeBroker.Opened> consumers =
        broker.consumers.stream()
            .filter(c -> c.destination != null && c.destination.name().equals("news"))
            .toList();
    consumers.get(consumers.size() - 1).listener.accept(FakeBroker.text("news", text));
  }

  /** Runs what is due after so many milliseconds. */
  private void elapse(long millis) {
    List<Task> due = later.stream().filter(task -> task.delay() <= millis).toList();
    later.removeAll(due);
    due.forEach(task -> task.run().run());
  }

  private void assertRevoked() {
    assertThat(outbox.texts())
        .contains(
            "\"type\":\"topicUnsubscribed\",\"topics\":[\"news\"],\"reason\":\"accessRevoked\"");
    int before = outbox.texts().size();
    publish("secret");
    assertThat(outbox.texts()).hasSize(before);
  }

  @Test
  void rolesThatWereLostTakeTheirSubscriptionsAlong() {
    connect();
    subscribe("news");
    bridge.renew(alice, new Identity("alice", Set.of("other")));
    assertRevoked();
  }

  @Test
  void whatIsStillGrantedGoesOn() {
    connect();
    subscribe("news");
    bridge.rightsChanged(RightsChange.EVERYTHING);
    elapse(Long.MAX_VALUE);
    publish("hello");
    assertThat(last()).contains("hello");
    assertThat(outbox.texts()).noneMatch(text -> text.contains("topicUnsubscribed"));
  }

  @Test
  void aChangeBetweenTheDecisionAndTheSubscriptionIsDecidedAgain() {
    connect();
    policy.afterDecision =
        () -> {
          policy.afterDecision = () -> policy.leaveOpen = false;
          policy.leaveOpen = true;
          bridge.rightsChanged(RightsChange.EVERYTHING);
        };
    subscribe("news");
    assertThat(policy.open).hasSize(1);
    policy.open.get(0).completeExceptionally(BridgeException.notAuthorized());
    assertThat(last()).contains("\"failedTopics\":[\"news\"]", "notAuthorized");
    publish("secret");
    assertThat(last()).doesNotContain("secret");
  }

  @Test
  void rolesThatAreLostDuringTheDecisionAreLostToIt() {
    connect();
    policy.leaveOpen = true;
    subscribe("news");
    policy.leaveOpen = false;
    bridge.renew(alice, new Identity("alice", Set.of()));
    policy.open.get(0).complete(policy.grant(DestinationName.parse("news")));
    assertThat(last()).contains("\"failedTopics\":[\"news\"]", "notAuthorized");
  }

  @Test
  void aRefusalWhileTheConsumerIsBeingOpenedFailsTheSubscription() {
    connect();
    broker.completeAtOnce = false;
    subscribe("news");
    policy.leaveOpen = true;
    bridge.rightsChanged(RightsChange.EVERYTHING);
    policy.open.get(0).completeExceptionally(BridgeException.notAuthorized());
    policy.leaveOpen = false;
    policy.changes--;
    FakeBroker.Opened consumer = broker.consumers.get(broker.consumers.size() - 1);
    consumer.opening.complete(consumer);
    assertThat(last()).contains("\"failedTopics\":[\"news\"]", "notAuthorized");
    consumer.listener.accept(FakeBroker.text("news", "secret"));
    assertThat(last()).doesNotContain("secret");
  }

  @Test
  void aRefusalWaitsForNoCommandOfItsClient() {
    connect();
    subscribe("news");
    policy.leaveOpen = true;
    subscribe("other");
    policy.leaveOpen = false;
    bridge.renew(alice, new Identity("alice", Set.of()));
    assertRevoked();
  }

  /** Subscribes, then changes the rights, and leaves the question about them open. */
  private void changeWithoutAnswer() {
    connect();
    subscribe("news");
    policy.leaveOpen = true;
    bridge.rightsChanged(RightsChange.EVERYTHING);
  }

  @Test
  void whatNobodyConfirmsInTimeEnds() {
    changeWithoutAnswer();
    publish("still");
    assertThat(last()).contains("still");
    elapse(AccessRevocation.CONFIRMATION_TIME);
    assertWithheld("secret");
    elapse(AccessRevocation.GRACE);
    assertRevoked();
    assertThat(outbox.texts()).noneMatch(text -> text.contains("secret"));
  }

  @Test
  void theSilenceOfAServiceDoesNotCountWhileTheBrokerDeliversNothing() {
    broker.roundTrip = new CompletableFuture<>();
    changeWithoutAnswer();
    elapse(AccessRevocation.CONFIRMATION_TIME);
    elapse(AccessRevocation.GRACE);
    assertWithheld("withheld");
    broker.roundTrip.complete(null);
    confirm(0);
    assertThat(last()).contains("withheld");
    elapse(Long.MAX_VALUE);
    publish("still");
    assertThat(last()).contains("still");
  }

  @Test
  void aServiceThatIsStillSilentAfterTheBrokerHasDeliveredCounts() {
    broker.roundTrip = new CompletableFuture<>();
    changeWithoutAnswer();
    elapse(AccessRevocation.CONFIRMATION_TIME);
    assertWithheld("secret");
    broker.roundTrip.complete(null);
    elapse(AccessRevocation.GRACE);
    assertRevoked();
  }

  private void suspendNews() {
    policy.heldUp = true;
    changeWithoutAnswer();
    elapse(AccessRevocation.CONFIRMATION_TIME);
  }

  private void confirm(int question) {
    policy.open.get(question).complete(policy.grant(DestinationName.parse("news")));
  }

  private void assertWithheld(String text) {
    int before = outbox.texts().size();
    publish(text);
    assertThat(outbox.texts()).hasSize(before);
  }

  @Test
  void whatIsHeldUpIsWithheldAndDeliveredOnceItIsConfirmed() {
    suspendNews();
    assertWithheld("first");
    assertWithheld("second");
    assertThat(outbox.texts()).noneMatch(text -> text.contains("topicUnsubscribed"));
    int before = outbox.texts().size();
    confirm(0);
    publish("third");
    assertThat(outbox.texts().subList(before, outbox.texts().size()))
        .satisfiesExactly(
            text -> assertThat(text).contains("first"),
            text -> assertThat(text).contains("second"),
            text -> assertThat(text).contains("third"));
    elapse(Long.MAX_VALUE);
    publish("still");
    assertThat(last()).contains("still");
  }

  @Test
  void whatIsWithheldIsDiscardedWithTheSubscription() {
    suspendNews();
    long before = alice.outbox().heldBytes();
    assertWithheld("secret");
    assertThat(alice.outbox().heldBytes()).isGreaterThan(before);
    bridge.control(alice, new ControlCommand.TopicUnsubscribe("3", List.of("news")));
    alice.outbox().acknowledge(Long.MAX_VALUE);
    assertThat(alice.outbox().heldBytes()).isZero();
    confirm(0);
    assertThat(outbox.texts()).noneMatch(text -> text.contains("secret"));
  }

  @Test
  void moreThanTheOutboxHoldsIsNotWithheldButAnnounced() {
    suspendNews();
    for (int i = 0; i <= 10_000; i++) {
      publish("secret");
    }
    int before = outbox.texts().size();
    confirm(0);
    assertThat(outbox.texts()).hasSize(before + 1);
    assertThat(last())
        .contains("\"type\":\"gap\"", "{\"topic\":\"news\",\"lost\":null}", "notRecoverable");
    assertThat(outbox.ended).isNull();
  }

  /** The answer may be to the second change alone: the right may have been away between the two. */
  @Test
  void whatCameBetweenTwoChangesIsDiscardedAndAnnounced() {
    suspendNews();
    assertWithheld("secret");
    bridge.rightsChanged(RightsChange.EVERYTHING);
    assertWithheld("secret");
    policy.leaveOpen = false;
    confirm(0);
    assertThat(last())
        .contains("\"type\":\"gap\"", "{\"topic\":\"news\",\"lost\":null}", "notRecoverable");
    publish("hello");
    assertThat(last()).contains("hello");
    elapse(Long.MAX_VALUE);
    publish("still");
    assertThat(last()).contains("still");
  }

  @Test
  void whatWasSuspendedWithoutALossGoesOnWithoutAWord() {
    suspendNews();
    int before = outbox.texts().size();
    confirm(0);
    assertThat(outbox.texts()).hasSize(before);
    publish("hello");
    assertThat(last()).contains("hello");
  }

  @Test
  void whatIsSuspendedEndsWithARefusal() {
    suspendNews();
    assertWithheld("withheld");
    policy.open.get(0).completeExceptionally(BridgeException.notAuthorized());
    assertRevoked();
    assertThat(outbox.texts()).noneMatch(text -> text.contains("withheld"));
  }

  @Test
  void whatIsSuspendedStaysSoWhileTheServiceSaysNothing() {
    suspendNews();
    policy.open.get(0).completeExceptionally(BridgeException.brokerUnavailable(null));
    publish("withheld");
    elapse(1000);
    assertThat(policy.open).hasSize(2);
    assertThat(outbox.texts()).noneMatch(text -> text.contains("withheld"));
    elapse(RightCheck.MAX_SUSPENSION);
    assertRevoked();
  }

  @Test
  void whatCannotBeAskedIsAskedAgainForALimitedTime() {
    suspendNews();
    for (int i = 0; i < 5; i++) {
      policy.open.get(i).completeExceptionally(BridgeException.limitExceeded("later"));
      elapse(8000);
      assertThat(policy.open).hasSize(i + 2);
      assertWithheld("secret");
    }
    elapse(RightCheck.MAX_SUSPENSION);
    assertRevoked();
  }

  @Test
  void whatCouldNotBeAskedBeforeItsTimeIsOverIsSuspendedToo() {
    changeWithoutAnswer();
    policy.open.get(0).completeExceptionally(BridgeException.limitExceeded("later"));
    publish("still");
    assertThat(last()).contains("still");
    elapse(AccessRevocation.CONFIRMATION_TIME);
    assertWithheld("secret");
    elapse(1000);
    confirm(1);
    assertThat(last()).contains("secret");
  }

  @Test
  void aChangeDuringTheCheckThatEndsItIsNotMissed() {
    changeWithoutAnswer();
    TopicGrant stale = policy.grant(DestinationName.parse("news"));
    bridge.rightsChanged(RightsChange.EVERYTHING);
    assertThat(policy.open).as("one check at a time").hasSize(1);
    policy.open.get(0).complete(stale);
    assertThat(policy.open).hasSize(2);
    policy.open.get(1).completeExceptionally(BridgeException.notAuthorized());
    assertRevoked();
  }

  @Test
  void aStaleConfirmationDoesNotEndASuspension() {
    suspendNews();
    TopicGrant stale = policy.grant(DestinationName.parse("news"));
    bridge.rightsChanged(RightsChange.EVERYTHING);
    policy.open.get(0).complete(stale);
    assertWithheld("secret");
    confirm(1);
    publish("hello");
    assertThat(last()).contains("hello");
  }

  @Test
  void aChangeThatWasNotConfirmedWhenTheBrokerWasLostIsConfirmedFirst() {
    changeWithoutAnswer();
    broker.listener.brokerLost();
    policy.open.get(0).completeExceptionally(BridgeException.brokerUnavailable(null));
    broker.listener.brokerConnected();
    assertWithheld("secret");
    confirm(1);
    publish("hello");
    assertThat(last()).contains("hello");
  }

  /** A check that stayed behind would be found by each later change, and would ask no more. */
  @Test
  void aFaultInACheckEndsTheSubscriptionAndIsCounted() {
    connect();
    subscribe("news");
    long before = InternalErrors.count();
    policy.fault = true;
    bridge.rightsChanged(RightsChange.EVERYTHING);
    policy.fault = false;
    assertThat(InternalErrors.count()).isEqualTo(before + 1);
    assertRevoked();
    subscribe("news");
    policy.leaveOpen = true;
    bridge.rightsChanged(RightsChange.EVERYTHING);
    policy.open.get(0).completeExceptionally(BridgeException.notAuthorized());
    assertRevoked();
  }

  @Test
  void alternatingRolesAreCheckedALimitedNumberOfTimes() {
    connect();
    subscribe("news");
    policy.leaveOpen = true;
    Identity other = new Identity("alice", Set.of("reader", "other"));
    for (int i = 0; i < 50; i++) {
      bridge.renew(alice, i % 2 == 0 ? other : ALICE);
      policy.open.forEach(open -> open.complete(policy.grant(DestinationName.parse("news"))));
    }
    assertThat(policy.open).hasSizeBetween(2, RoleChanges.SAVED + 1);
    assertThat(alice.identity().roles()).containsExactly("reader");
  }

  @Test
  void afterAnOutageItIsAskedAgainUntilSomebodyAnswers() {
    connect();
    subscribe("news");
    policy.leaveOpen = true;
    broker.listener.brokerLost();
    broker.listener.brokerConnected();
    policy.open.get(0).completeExceptionally(BridgeException.brokerUnavailable(null));
    elapse(1000);
    publish("still");
    assertThat(last()).contains("still");
    policy.open.get(1).completeExceptionally(BridgeException.notAuthorized());
    assertRevoked();
  }

  @Test
  void afterAnOutageWhatNobodyConfirmsEndsAtLast() {
    connect();
    subscribe("news");
    policy.leaveOpen = true;
    broker.listener.brokerLost();
    broker.listener.brokerConnected();
    elapse(AccessRevocation.CONFIRMATION_TIME_AFTER_OUTAGE);
    elapse(AccessRevocation.GRACE);
    assertRevoked();
  }

  @Test
  void whatWasTakenAwayCanBeSubscribedAgainOnceItIsGranted() {
    connect();
    subscribe("news");
    bridge.renew(alice, new Identity("alice", Set.of()));
    assertRevoked();
    bridge.renew(alice, ALICE);
    subscribe("news");
    assertThat(last()).contains("\"status\":\"success\"");
    publish("hello");
    assertThat(last()).contains("hello");
  }
}
