package io.longspan.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.budget.MemoryBudget;
import io.longspan.catalogue.TopicPolicy;
import io.longspan.catalogue.TopicPolicy.Keep;
import io.longspan.catalogue.TopicPolicy.SlowConsumer;
import io.longspan.config.ConfigLoader;
import io.longspan.config.LongspanConfig.Replies;
import io.longspan.identity.Identity;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.BrokerMessage;
import io.longspan.protocol.ControlCommand;
import io.longspan.protocol.DestinationName;
import io.longspan.protocol.ErrorCode;
import io.longspan.protocol.MessageBody;
import io.longspan.protocol.SendCommand;
import io.longspan.signing.IdentitySigner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Messages of the broker that no client can get as they are, and what their clients get instead.
 */
final class UndeliverableMessagesTest {
  private static final int QUEUE_BYTES = 2048;
  private static final String HUGE = "x".repeat(QUEUE_BYTES + 1);

  private final FakeBroker broker = new FakeBroker();
  private final Map<Undelivered, Integer> counted = new EnumMap<>(Undelivered.class);
  private TopicPolicy policy = TopicPolicy.DEFAULT;
  private long now = 1_000;
  private final BayeuxJMSBridge bridge = bridge();
  private final RecordingChannel channel = new RecordingChannel();
  private final ClientSession alice = join("alice", channel);

  private BayeuxJMSBridge bridge() {
    Scheduler never = (task, delay) -> {};
    BayeuxJMSBridge made =
        new BayeuxJMSBridge(
            ConfigLoader.load(
                Optional.empty(),
                Map.of("longspan.limits.queueBytes", QUEUE_BYTES / 1024 + "KiB"),
                Map.of()),
            new MemoryBudget(1L << 30, 1L << 30),
            BridgeBrokers.of(broker, Map.of(), never, BridgeMetrics.NONE),
            new BrokerRequests("bridge-1", Replies.DEFAULT, broker, never),
            new GrantingPolicy(() -> policy),
            IdentitySigner.NONE,
            new BridgeMetrics() {
              @Override
              public void undelivered(Undelivered reason) {
                counted.merge(reason, 1, Integer::sum);
              }
            },
            Runnable::run,
            never,
            () -> now);
    made.start();
    broker.listener.brokerConnected();
    return made;
  }

  private ClientSession join(String id, RecordingChannel to) {
    ClientSession session = bridge.join(id, new Identity(id, Set.of()), to);
    bridge.control(session, new ControlCommand.Connect("connect", Optional.empty()));
    return session;
  }

  private void subscribe(ClientSession session, Map<String, String> resumeFrom) {
    bridge.control(
        session,
        new ControlCommand.TopicSubscribe(
            "subscribe", List.of("news"), Optional.empty(), resumeFrom));
  }

  private CompletableFuture<Void> send(Map<String, Object> properties) {
    SendCommand command =
        new SendCommand(
            new SendCommand.Destination(DestinationName.parse("services/echo")),
            new SendCommand.Headers(
                Optional.of("r-1"),
                Optional.empty(),
                SendCommand.Headers.DEFAULT_PRIORITY,
                false,
                0),
            properties,
            new MessageBody.Text("x", "text"),
            0);
    return bridge.send(alice, () -> command, () -> Optional.of("r-1")).toCompletableFuture();
  }

  private int inFlight() {
    return alice.client().orElseThrow().requests().waiting(0);
  }

  private static BrokerMessage message(String body, Map<String, Object> properties) {
    return message(body, properties, BrokerMessage.NEVER, false);
  }

  private static BrokerMessage message(
      Object body, Map<String, Object> properties, long expiresAt, boolean tooLarge) {
    return new BrokerMessage("n", properties, body, null, Optional.empty(), expiresAt, tooLarge);
  }

  private static Map<String, Object> properties(Object... namesAndValues) {
    Map<String, Object> properties = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      properties.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return properties;
  }

  private void answer(BrokerMessage message) {
    replyTopic(0).listener.accept(message);
  }

  /** The temporary topics, the bridge's own first. */
  private FakeBroker.Opened replyTopic(int client) {
    return broker.consumers.stream()
        .filter(consumer -> consumer.destination == null)
        .toList()
        .get(client + 1);
  }

  private void publish(BrokerMessage message) {
    broker.open("news").get(0).listener.accept(message);
  }

  private static String last(RecordingChannel from) {
    return from.texts().get(from.texts().size() - 1);
  }

  private String last() {
    return last(channel);
  }

  private void assertServed() {
    assertThat(channel.ended).isNull();
    send(Map.of());
    answer(message("small", properties("JMSCorrelationID", "r-1")));
    assertThat(last()).contains("small");
    List<Long> numbers = channel.numbers();
    for (int i = 0; i < numbers.size(); i++) {
      assertThat(numbers.get(i)).isEqualTo(i + 1L);
    }
  }

  @Test
  void aRequestWhoseAnswerIsTooLargeEndsAndItsClientDoesNot() {
    send(Map.of());
    answer(message(HUGE, properties("JMSCorrelationID", "r-1")));
    assertThat(last())
        .contains("\"status\":\"failed\"", "limitExceeded", "\"JMSCorrelationID\":\"r-1\"");
    assertThat(inFlight()).isZero();
    assertThat(counted).containsExactly(Map.entry(Undelivered.TOO_LARGE, 1));
    assertServed();
  }

  @Test
  void anAnswerWhoseBodyWasLeftUnreadIsTooLargeToo() {
    send(Map.of());
    answer(message(null, properties("JMSCorrelationID", "r-1"), BrokerMessage.NEVER, true));
    assertThat(last()).contains("\"status\":\"failed\"", "limitExceeded", "r-1");
    assertThat(inFlight()).isZero();
    assertServed();
  }

  @Test
  void onePartThatIsTooLargeEndsTheRequest() {
    send(Map.of());
    answer(message("one", properties("JMSCorrelationID", "r-1", "done", "false")));
    assertThat(inFlight()).isOne();
    answer(message(HUGE, properties("JMSCorrelationID", "r-1", "done", "false")));
    assertThat(last()).contains("limitExceeded");
    assertThat(inFlight()).isZero();
    assertServed();
  }

  @Test
  void aMessageToOneClientThatIsTooLargeIsAGapWithoutATopic() {
    answer(message(HUGE, properties("JMSCorrelationID", "unknown")));
    assertThat(last()).isEqualTo("\"type\":\"gap\",\"topics\":[],\"reason\":\"tooLarge\"");
    broker.open("bridge/push").get(0).listener.accept(message(HUGE, properties("toAll", true)));
    assertThat(last()).isEqualTo("\"type\":\"gap\",\"topics\":[],\"reason\":\"tooLarge\"");
    assertServed();
  }

  @ParameterizedTest
  @EnumSource(SlowConsumer.class)
  void aPublicationThatIsTooLargeIsAGapOfOneForEachSubscriber(SlowConsumer slowConsumer) {
    policy = new TopicPolicy(slowConsumer, Optional.empty(), Keep.NOTHING);
    RecordingChannel bobs = new RecordingChannel();
    ClientSession bob = join("bob", bobs);
    subscribe(alice, Map.of());
    subscribe(bob, Map.of());
    publish(message("before", Map.of()));
    publish(message(HUGE, Map.of()));
    for (RecordingChannel each : List.of(channel, bobs)) {
      assertThat(last(each))
          .isEqualTo(
              "\"type\":\"gap\",\"topics\":[{\"topic\":\"news\",\"lost\":1}],"
                  + "\"reason\":\"tooLarge\"");
    }
    publish(message("after", Map.of()));
    assertThat(last(bobs)).contains("after");
    assertThat(bobs.ended).isNull();
    assertThat(counted).containsExactly(Map.entry(Undelivered.TOO_LARGE, 2));
    assertServed();
  }

  @Test
  void aFullQueueOfAnnouncementsMakesRoomLikeTheMessages() {
    policy = new TopicPolicy(SlowConsumer.DROP_OLDEST, Optional.empty(), Keep.NOTHING);
    subscribe(alice, Map.of());
    channel.stalled = true;
    for (int i = 0; i < 1000; i++) {
      publish(message(HUGE, Map.of()));
    }
    channel.stalled = false;
    channel.wake();
    long told =
        channel.texts().stream().filter(text -> text.contains("\"reason\":\"tooLarge\"")).count();
    assertThat(channel.texts())
        .anyMatch(
            text -> text.contains("\"lost\":" + (1000 - told) + "}],\"reason\":\"slowConsumer\""));
    assertThat(channel.ended).isNull();
  }

  @Test
  void whatExpiresWhileItWaitsIsNotDeliveredAndCountsAsLost() {
    subscribe(alice, Map.of());
    send(Map.of());
    channel.stalled = true;
    publish(message("first", Map.of(), now + 2_000, false));
    publish(message("stays", Map.of(), now + 60_000, false));
    publish(message("second", Map.of(), now + 2_000, false));
    answer(message("late", properties("JMSCorrelationID", "r-1"), now + 2_000, false));
    answer(message("late push", Map.of(), now + 2_000, false));
    now += 50_000;
    int before = channel.texts().size();
    channel.stalled = false;
    channel.wake();
    List<String> texts = channel.texts().subList(before, channel.texts().size());
    assertThat(texts).hasSize(4);
    assertThat(texts.get(0))
        .isEqualTo(
            "\"type\":\"gap\",\"topics\":[{\"topic\":\"news\",\"lost\":2}],"
                + "\"reason\":\"slowConsumer\"");
    assertThat(texts.get(1)).contains("stays");
    assertThat(texts.get(2)).contains("\"status\":\"failed\"", "limitExceeded", "r-1");
    assertThat(texts.get(3))
        .isEqualTo("\"type\":\"gap\",\"topics\":[],\"reason\":\"slowConsumer\"");
    assertThat(counted).containsExactly(Map.entry(Undelivered.EXPIRED, 4));
    assertThat(channel.numbers()).isSorted().doesNotHaveDuplicates();
    assertThat(channel.ended).isNull();
  }

  @Test
  void whatIsLostOnItsWayAndExpiresThereIsAnnouncedWhenItWouldComeAgain() {
    subscribe(alice, Map.of());
    publish(message("taken", Map.of(), now + 2_000, false));
    assertThat(last()).contains("taken");
    now += 50_000;
    alice.outbox().rewind(alice.outbox().lastTaken() - 1);
    assertThat(last()).contains("\"topic\":\"news\",\"lost\":1", "slowConsumer");
  }

  @Test
  void whatHasExpiredAlreadyIsNotDelivered() {
    subscribe(alice, Map.of());
    publish(message("old", Map.of(), now, false));
    assertThat(last()).contains("\"topic\":\"news\",\"lost\":1");
  }

  @Test
  void whatIsRetainedExpiresAndIsTooLargeForWhoComesBackToo() {
    policy =
        new TopicPolicy(
            SlowConsumer.QUEUE, Optional.empty(), new Keep(100, 100_000, Duration.ofMinutes(5)));
    subscribe(alice, Map.of());
    publish(message("seen", properties("JMSMessageID", "ID:1")));
    publish(message(HUGE, properties("JMSMessageID", "ID:2")));
    publish(message("expires", properties("JMSMessageID", "ID:3"), now + 2_000, false));
    publish(message("stays", properties("JMSMessageID", "ID:4")));
    now += 50_000;
    RecordingChannel bobs = new RecordingChannel();
    ClientSession bob = join("bob", bobs);
    int before = bobs.texts().size();
    bobs.stalled = true;
    subscribe(bob, Map.of("news", "ID:1"));
    bobs.stalled = false;
    bobs.wake();
    List<String> texts = bobs.texts().subList(before, bobs.texts().size());
    assertThat(texts).hasSize(4);
    assertThat(texts.get(0)).contains("\"lost\":1", "tooLarge");
    assertThat(texts.get(1)).contains("\"lost\":1", "slowConsumer");
    assertThat(texts.get(2)).contains("stays");
    assertThat(texts.get(3)).contains("\"recoveredTopics\":[\"news\"]");
  }

  private static Optional<String> idOf(String text) {
    int begin = text.indexOf("\"JMSMessageID\":\"") + "\"JMSMessageID\":\"".length();
    return text.contains("JMSMessageID")
        ? Optional.of(text.substring(begin, text.indexOf('"', begin)))
        : Optional.empty();
  }

  @Test
  void messagesWithoutAnIdGetOneByWhichTheirTopicGoesOn() {
    policy =
        new TopicPolicy(
            SlowConsumer.QUEUE, Optional.empty(), new Keep(100, 100_000, Duration.ofMinutes(5)));
    subscribe(alice, Map.of());
    List<String> ids = new ArrayList<>();
    for (String body : List.of("one", "two", "three")) {
      publish(message(body, body.equals("two") ? properties("JMSMessageID", "") : Map.of()));
      ids.add(idOf(last()).orElseThrow());
    }
    assertThat(ids).doesNotHaveDuplicates().allMatch(id -> id.startsWith("ID:longspan-"));
    RecordingChannel bobs = new RecordingChannel();
    subscribe(join("bob", bobs), Map.of("news", ids.get(0)));
    assertThat(bobs.texts()).filteredOn(text -> text.contains("two")).hasSize(1);
    assertThat(bobs.texts()).filteredOn(text -> text.contains("three")).hasSize(1);
    assertThat(bobs.texts()).noneMatch(text -> text.contains("\"one\""));
    assertThat(last(bobs)).contains("\"recoveredTopics\":[\"news\"]");

    // Another bridge gives other ids, though it has the same messages.
    UndeliverableMessagesTest other = new UndeliverableMessagesTest();
    other.policy = policy;
    other.subscribe(other.alice, Map.of());
    other.publish(message("one", Map.of()));
    RecordingChannel moved = new RecordingChannel();
    other.subscribe(other.join("bob", moved), Map.of("news", ids.get(0)));
    assertThat(last(moved)).contains("\"type\":\"gap\"", "news", "notRecoverable");
  }

  @Test
  void aMessageThatCannotBeEncodedIsUnsupportedAndEndsItsRequest() {
    send(Map.of());
    answer(
        message(new Object(), properties("JMSCorrelationID", "r-1"), BrokerMessage.NEVER, false));
    assertThat(last()).contains("\"r-1\"", "\"body\":null", "\"bodyFormat\":\"unsupported\"");
    assertThat(inFlight()).isZero();
    assertServed();
  }

  @Test
  void whatTheBrokerCannotCarryIsABadRequest() {
    broker.refusedCharacter = 'Ø';
    int before = broker.sent.size();
    for (Map<String, Object> wrong :
        List.<Map<String, Object>>of(Map.of("p", "aØb"), Map.of("pØ", 1))) {
      CompletableFuture<Void> receipt = send(wrong);
      assertThat(receipt)
          .isCompletedExceptionally()
          .satisfies(
              failed ->
                  assertThat(BridgeException.from(failed.handle((ok, x) -> x).join()).code())
                      .isEqualTo(ErrorCode.BAD_REQUEST));
      assertThat(inFlight()).isZero();
    }
    assertThat(broker.sent).hasSize(before);
    assertServed();
  }

  @Test
  void aUserWhoseNameTheBrokerCannotCarryIsRefused() {
    broker.refusedCharacter = 'Ø';
    assertThat(bridge.carries(new Identity("aØb", Set.of()))).isFalse();
    assertThat(bridge.carries(new Identity("a?b", Set.of()))).isTrue();
    // Should such a session ever exist, it sends nothing.
    ClientSession nul = join("aØb", new RecordingChannel());
    SendCommand command =
        new SendCommand(
            new SendCommand.Destination(DestinationName.parse("services/echo")),
            SendCommand.Headers.DEFAULT,
            Map.of(),
            new MessageBody.Text("x", "text"),
            0);
    assertThat(bridge.send(nul, () -> command, Optional::empty).toCompletableFuture())
        .failsWithin(Duration.ZERO)
        .withThrowableThat()
        .havingRootCause()
        .isInstanceOf(BridgeException.class)
        .withMessageContaining("runAsUser");
  }
}
