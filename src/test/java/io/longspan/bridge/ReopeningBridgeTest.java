package io.longspan.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.access.AccessPolicy;
import io.longspan.access.RightsChange;
import io.longspan.access.SendGrant;
import io.longspan.access.TopicGrant;
import io.longspan.budget.MemoryBudget;
import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.SendPolicy;
import io.longspan.catalogue.TopicPolicy;
import io.longspan.config.LongspanConfig.ReplyMode;
import io.longspan.identity.Identity;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.BrokerMessage;
import io.longspan.protocol.ControlCommand;
import io.longspan.protocol.DestinationName;
import io.longspan.protocol.MessageBody;
import io.longspan.protocol.SendCommand;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** What clients and operators hear while the broker refuses what was there before, step by step. */
final class ReopeningBridgeTest {
  private static final String EVENTS = "bridge/authorization-events";

  private final FakeBroker broker = new FakeBroker();
  private final ManualScheduler scheduler = new ManualScheduler();
  private final Policy policy = new Policy();
  private final RecordingChannel alice = new RecordingChannel();
  private final RecordingChannel bob = new RecordingChannel();
  private final BayeuxJMSBridge bridge =
      TestBridges.create(
          broker, policy, scheduler, scheduler, new MemoryBudget(1L << 30, 1L << 30));

  /** Grants everything; topics that begin with {@code asked} only while changes are heard. */
  private static final class Policy implements AccessPolicy {
    private boolean heard;
    private long changes;

    @Override
    public CompletionStage<SendGrant> maySend(Identity identity, DestinationName name) {
      return CompletableFuture.completedFuture(
          new SendGrant(BrokerDestination.queue(name.value()), SendPolicy.DEFAULT));
    }

    @Override
    public CompletionStage<TopicGrant> maySubscribe(Identity identity, DestinationName name) {
      return mayStay(identity, name);
    }

    @Override
    public CompletionStage<TopicGrant> mayStay(Identity identity, DestinationName name) {
      return needsEvents(identity, name) && !heard
          ? CompletableFuture.failedFuture(BridgeException.limitExceeded("unheard"))
          : CompletableFuture.completedFuture(
              new TopicGrant(
                  name,
                  BrokerDestination.topic(name.value()),
                  Optional::of,
                  TopicPolicy.DEFAULT,
                  "",
                  changes,
                  Long.MIN_VALUE));
    }

    @Override
    public boolean needsEvents(Identity identity, DestinationName name) {
      return name.value().startsWith("asked");
    }

    @Override
    public void hearsChanges(boolean now) {
      heard = now;
    }

    @Override
    public boolean isCurrent(Identity identity, TopicGrant grant) {
      return grant.asOf() == changes;
    }

    @Override
    public void changed(RightsChange change) {
      changes++;
    }
  }

  private ClientSession connect(String name, RecordingChannel channel, String... topics) {
    if (broker.listener == null) {
      bridge.start();
      broker.connect();
    }
    ClientSession session = bridge.join(name, new Identity(name, Set.of()), channel);
    bridge.control(session, new ControlCommand.Connect("connect", Optional.empty()));
    for (String topic : topics) {
      subscribe(session, topic);
    }
    channel.taken.clear();
    return session;
  }

  private void subscribe(ClientSession session, String topic) {
    bridge.control(
        session,
        new ControlCommand.TopicSubscribe("s", List.of(topic), Optional.empty(), Map.of()));
  }

  private void publish(String topic, String text) {
    broker.open(topic).forEach(c -> c.listener.accept(FakeBroker.text(topic, text)));
  }

  /** Requests something that nobody answers. */
  private void request(ClientSession session, String correlationId) {
    bridge.send(
        session,
        () ->
            new SendCommand(
                new SendCommand.Destination(DestinationName.parse("services/nobody")),
                new SendCommand.Headers(
                    Optional.of(correlationId),
                    Optional.empty(),
                    SendCommand.Headers.DEFAULT_PRIORITY,
                    false,
                    0),
                Map.of(),
                new MessageBody.Text("x", "text"),
                0),
        () -> Optional.of(correlationId));
  }

  /** Returns what a client was told since the last call, without numbers. */
  private static List<String> told(RecordingChannel channel) {
    List<String> texts = channel.texts();
    channel.taken.clear();
    return texts.stream()
        .map(text -> text.replace("\"", ""))
        .map(text -> text.replaceFirst("^type:bridgeStatus,status:", ""))
        .toList();
  }

  @Test
  void aRequestThatComesBeforeEverythingIsOpenedAgainEndsByName() {
    connect("alice", alice);
    broker.lose();
    broker.connected = true;
    ClientSession session = connect("bob", bob);
    request(session, "early");
    broker.connect();
    assertThat(told(bob))
        .anyMatch(text -> text.contains("early") && text.contains("brokerUnavailable"));
    assertThat(broker.temporaryTopics()).as("of the bridge, alice and bob").hasSize(3);
  }

  @Test
  void resumedIsToldWhenAllThatTheClientHadExistsAgain() {
    ClientSession session = connect("alice", alice, "news", "sport");
    connect("bob", bob, "sport");
    broker.refused.add("news");
    broker.lose();
    broker.connect();
    assertThat(told(bob)).containsExactly("suspended", "resumed", gap("sport"));
    assertThat(told(alice)).containsExactly("suspended", gap("news"));

    publish("sport", "goal");
    assertThat(told(alice)).hasSize(2).first().isEqualTo(gap("sport"));
    subscribe(session, "news");
    assertThat(told(alice))
        .singleElement()
        .asString()
        .contains("status:failed", "failedTopics:[news]", "sendFailed");

    scheduler.elapse(60_000);
    assertThat(told(alice)).isEmpty();
    broker.refused.clear();
    scheduler.elapse(Reopenings.MAX_DELAY);
    assertThat(told(alice)).containsExactly("resumed", gap("news"));
    publish("news", "headline");
    assertThat(told(alice)).singleElement().asString().contains("headline");
    assertThat(bridge.reopeningCount()).isZero();
  }

  private static String gap(String topic) {
    return "type:gap,topics:[{topic:%s,lost:null}],reason:brokerOutage".formatted(topic);
  }

  @Test
  void aDeafTopicThatIsAskedForAgainIsOpenedAtOnceWhenTheBrokerAllowsIt() {
    ClientSession session = connect("alice", alice, "news");
    broker.refused.add("news");
    broker.lose();
    broker.connect();
    told(alice);
    broker.refused.clear();
    subscribe(session, "news");
    assertThat(told(alice))
        .hasSize(3)
        .contains("resumed", gap("news"))
        .anyMatch(text -> text.contains("status:success"));
    scheduler.elapse(60_000);
    assertThat(broker.open("news")).hasSize(1);
  }

  @Test
  void whoNoLongerWantsTheDeafTopicIsResumed() {
    ClientSession session = connect("alice", alice, "news");
    broker.refused.add("news");
    broker.lose();
    broker.connect();
    told(alice);
    bridge.control(session, new ControlCommand.TopicUnsubscribe("u", List.of("news")));
    assertThat(told(alice)).contains("resumed").noneMatch(text -> text.contains("gap"));
  }

  @Test
  void aTemporaryTopicIsTriedAgainAndThenTheClientServed() {
    ClientSession session = connect("alice", alice);
    broker.lose();
    broker.refused.add(FakeBroker.TEMPORARY);
    broker.connect();
    assertThat(told(alice)).containsExactly("suspended");
    request(session, "meanwhile");
    assertThat(told(alice)).singleElement().asString().contains("brokerUnavailable");
    scheduler.elapse(20_000);
    broker.refused.clear();
    scheduler.elapse(ReplyAddresses.LIMIT);
    assertThat(told(alice)).containsExactly("resumed");
    assertThat(alice.ended).isNull();
    // The client's, and that of the bridge's own requests.
    assertThat(broker.temporaryTopics()).hasSize(2);
  }

  @Test
  void aClientWhoseTemporaryTopicStaysRefusedIsEndedWithAReason() {
    connect("alice", alice);
    broker.lose();
    broker.refused.add(FakeBroker.TEMPORARY);
    broker.connect();
    scheduler.elapse(ReplyAddresses.LIMIT - 1);
    assertThat(alice.ended).isNull();
    scheduler.elapse(1);
    assertThat(alice.ended).isEqualTo("replyAddressLost");
  }

  @Test
  void theTimeToMakeATemporaryTopicBeginsAnewWithEachOutage() {
    connect("alice", alice);
    broker.refused.add(FakeBroker.TEMPORARY);
    broker.lose();
    broker.connect();
    scheduler.elapse(ReplyAddresses.LIMIT - 1);
    broker.lose();
    scheduler.elapse(3_600_000);
    assertThat(alice.ended).isNull();
    broker.connect();
    scheduler.elapse(ReplyAddresses.LIMIT - 1);
    assertThat(alice.ended).isNull();
    scheduler.elapse(1);
    assertThat(alice.ended).isEqualTo("replyAddressLost");
  }

  @Test
  void theEndOfAClientWithoutATemporaryTopicIsPublishedToo() {
    ClientSession session = connect("alice", alice);
    broker.lose();
    broker.refused.add(FakeBroker.TEMPORARY);
    broker.connect();
    broker.sent.clear();
    bridge.bayeuxSessionEnded(session, false, "replyAddressLost");
    assertThat(broker.sent)
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.properties()).containsEntry("event", "disconnected");
              assertThat(event.replyTo()).isEmpty();
            });
    broker.refused.clear();
    scheduler.elapse(60_000);
    // Of nobody but the bridge's own requests.
    assertThat(broker.temporaryTopics()).hasSize(1);
  }

  @Test
  void aTemporaryTopicWhoseConsumerEndsAloneIsAnOutageOfItsClient() {
    ClientSession session = connect("alice", alice, "news");
    connect("bob", bob, "news");
    FakeBroker.Opened lost =
        (FakeBroker.Opened)
            session
                .client()
                .orElseThrow()
                .at(TestClients.DEFAULT_BROKER)
                .replies()
                .get(ReplyMode.TEMPORARY_TOPIC)
                .orElseThrow();
    request(session, "open");
    told(alice);
    lost.lose();
    List<String> told = told(alice);
    assertThat(told).hasSize(3);
    assertThat(told.get(0)).isEqualTo("suspended");
    assertThat(told.get(1)).contains("brokerUnavailable", "open");
    assertThat(told.get(2)).isEqualTo("resumed");
    assertThat(told(bob)).isEmpty();
    assertThat(
            session
                .client()
                .orElseThrow()
                .at(TestClients.DEFAULT_BROKER)
                .replies()
                .get(ReplyMode.TEMPORARY_TOPIC))
        .hasValueSatisfying(now -> assertThat(now).isNotSameAs(lost));
  }

  @Test
  void aTopicWhoseConsumerEndsAloneIsAnOutageOfThatTopic() {
    connect("alice", alice, "news", "sport");
    connect("bob", bob, "sport");
    broker.open("news").get(0).lose();
    assertThat(told(alice)).containsExactly(gap("news"));
    publish("news", "headline");
    assertThat(told(alice)).singleElement().asString().contains("headline");
    assertThat(told(bob)).isEmpty();

    broker.refused.add("news");
    broker.open("news").get(0).lose();
    assertThat(told(alice)).containsExactly(gap("news"));
    broker.refused.clear();
    scheduler.elapse(1000);
    assertThat(told(alice)).containsExactly(gap("news"));
    publish("news", "headline");
    assertThat(told(alice)).singleElement().asString().contains("headline");
  }

  @Test
  void theBridgeIsNotReadyAndGrantsNothingWhileChangesOfRightsAreUnheard() {
    ClientSession session = connect("alice", alice, "asked/a", "granted/a");
    broker.lose();
    assertThat(bridge.whyNotReady()).contains("brokerUnavailable");
    broker.refused.add(EVENTS);
    broker.connect();
    assertThat(bridge.isReady()).isFalse();
    assertThat(bridge.whyNotReady()).contains("authorizationEventsUnheard");
    assertThat(told(alice))
        .containsExactly(
            "suspended", "resumed", gap("asked/a").replace("}]", "},{topic:granted/a,lost:null}]"));
    subscribe(session, "asked/b");
    assertThat(told(alice)).singleElement().asString().contains("failedTopics:[asked/b]");
    publish("asked/a", "secret");
    publish("granted/a", "public");
    assertThat(told(alice)).singleElement().asString().contains("public");

    broker.refused.clear();
    scheduler.elapse(1000);
    assertThat(bridge.isReady()).isTrue();
    assertThat(told(alice)).singleElement().asString().contains("gap", "asked/a", "notRecoverable");
    publish("asked/a", "granted again");
    assertThat(told(alice)).singleElement().asString().contains("granted again");
    subscribe(session, "asked/b");
    assertThat(told(alice)).singleElement().asString().contains("success");
  }

  @Test
  void aConsumerOfAuthorisationEventsThatEndsAloneIsOpenedAgainAndRightsAreConfirmed() {
    connect("alice", alice, "asked/a");
    long before = policy.changes;
    broker.open(EVENTS).get(0).lose();
    assertThat(bridge.isReady()).isTrue();
    assertThat(broker.open(EVENTS)).hasSize(1);
    assertThat(policy.changes).as("events may have been missed").isGreaterThan(before);

    broker.refused.add(EVENTS);
    broker.open(EVENTS).get(0).lose();
    assertThat(bridge.isReady()).isFalse();
    publish("asked/a", "secret");
    assertThat(told(alice)).isEmpty();
    broker.refused.clear();
    scheduler.elapse(1000);
    assertThat(bridge.isReady()).isTrue();
    assertThat(told(alice)).singleElement().asString().contains("notRecoverable");
  }

  @Test
  void pushesAndCommandsAreHeardAgainAfterTheirConsumersHaveEnded() {
    ClientSession session = connect("alice", alice);
    broker.refused.add("bridge/push");
    broker.open("bridge/push").get(0).lose();
    broker.open("bridge/commands").get(0).lose();
    assertThat(bridge.isReady()).isTrue();
    broker.refused.clear();
    scheduler.elapse(1000);
    assertThat(broker.open("bridge/push")).hasSize(1);
    broker
        .open("bridge/push")
        .get(0)
        .listener
        .accept(
            new BrokerMessage(
                "bridge/push", Map.of("toUser", "alice"), "hello", null, Optional.empty()));
    assertThat(told(alice)).singleElement().asString().contains("hello");
    broker
        .open("bridge/commands")
        .get(0)
        .listener
        .accept(
            new BrokerMessage(
                "bridge/commands",
                Map.of("command", "disconnectClient", "client", session.clientId()),
                null,
                null,
                Optional.empty()));
    assertThat(alice.ended).isEqualTo("operator");
  }
}
