package io.longspan.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.bridge.MessageBroker.Outbound;
import io.longspan.budget.MemoryBudget;
import io.longspan.catalogue.TopicPolicy;
import io.longspan.identity.Identity;
import io.longspan.protocol.BrokerMessage;
import io.longspan.protocol.ControlCommand;
import io.longspan.protocol.DestinationName;
import io.longspan.protocol.MessageBody;
import io.longspan.protocol.SendCommand;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** One consumer for the answers to many clients ({@code replies: topic} and {@code queue}). */
final class SharedRepliesTest {
  private static final String TOPICS = "longspan.reply.bridge-1.*";
  private static final String QUEUE = "longspan.reply.bridge-1";

  private final FakeBroker broker = new FakeBroker();
  private final ManualScheduler scheduler = new ManualScheduler();
  private final RecordingChannel alice = new RecordingChannel();
  private final RecordingChannel bob = new RecordingChannel();
  private int unknown;

  private BayeuxJMSBridge bridge(String replies) {
    BayeuxJMSBridge bridge =
        TestBridges.create(
            Map.of("longspan.broker.replies", replies),
            broker,
            new GrantingPolicy(() -> TopicPolicy.DEFAULT),
            new BridgeMetrics() {
              @Override
              public void unknownAnswer() {
                unknown++;
              }
            },
            scheduler,
            scheduler,
            new MemoryBudget(1L << 30, 1L << 30));
    bridge.start();
    broker.connect();
    return bridge;
  }

  private static ClientSession connect(BayeuxJMSBridge bridge, String user, RecordingChannel to) {
    ClientSession session = bridge.join(user, new Identity(user, Set.of()), to);
    bridge.control(session, new ControlCommand.Connect("connect", Optional.empty()));
    to.taken.clear();
    return session;
  }

  /** Sends a request and returns what the broker got. */
  private Outbound request(BayeuxJMSBridge bridge, ClientSession session, String id) {
    SendCommand command =
        new SendCommand(
            new SendCommand.Destination(DestinationName.parse("services/echo")),
            new SendCommand.Headers(
                Optional.of(id), Optional.empty(), SendCommand.Headers.DEFAULT_PRIORITY, false, 0),
            Map.of(),
            new MessageBody.Text("x", "text"),
            0);
    bridge.send(session, () -> command, () -> Optional.of(id));
    return broker.sent.get(broker.sent.size() - 1);
  }

  /** A service answers a request. */
  private void answer(String consumer, Outbound request, String body) {
    broker
        .open(consumer)
        .get(0)
        .listener
        .accept(
            new BrokerMessage(
                request.replyTo().orElseThrow().name(),
                Map.of("JMSCorrelationID", request.headers().correlationId().orElseThrow()),
                body,
                null,
                Optional.empty()));
  }

  private static List<String> told(RecordingChannel channel) {
    List<String> texts = channel.texts();
    channel.taken.clear();
    return texts;
  }

  @Test
  void theTopicsOfAllClientsShareOneConsumer() {
    BayeuxJMSBridge bridge = bridge("topic");
    ClientSession first = connect(bridge, "alice", alice);
    ClientSession second = connect(bridge, "bob", bob);
    assertThat(broker.open(TOPICS)).hasSize(1);
    Outbound request = request(bridge, first, "r");
    Outbound other = request(bridge, second, "r");
    answer(TOPICS, request, "for alice");
    answer(TOPICS, other, "for bob");
    assertThat(told(alice)).singleElement().asString().contains("for alice");
    assertThat(told(bob)).singleElement().asString().contains("for bob");
    bridge.control(first, new ControlCommand.Disconnect("d"));
    told(alice);
    answer(TOPICS, request, "too late");
    assertThat(told(alice)).isEmpty();
    assertThat(unknown).isOne();
  }

  @Test
  void theLossOfThatConsumerIsAnOutageOfAllClients() {
    BayeuxJMSBridge bridge = bridge("topic");
    ClientSession session = connect(bridge, "alice", alice);
    connect(bridge, "bob", bob);
    Outbound before = request(bridge, session, "r");
    broker.refused.add(TOPICS);
    broker.open(TOPICS).get(0).lose();
    assertThat(told(alice)).hasSize(2).first().asString().contains("suspended");
    assertThat(told(bob)).singleElement().asString().contains("suspended");
    broker.refused.clear();
    scheduler.elapse(60_000);
    assertThat(broker.open(TOPICS)).hasSize(1);
    assertThat(told(alice)).singleElement().asString().contains("resumed");
    assertThat(told(bob)).singleElement().asString().contains("resumed");
    answer(TOPICS, before, "of the time before");
    assertThat(told(alice)).isEmpty();
    assertThat(request(bridge, session, "s").replyTo().orElseThrow().name())
        .isNotEqualTo(before.replyTo().orElseThrow().name());
  }

  @Test
  void answersWaitInTheQueueWhileItIsNotConsumed() {
    BayeuxJMSBridge bridge = bridge("queue");
    ClientSession session = connect(bridge, "alice", alice);
    Outbound request = request(bridge, session, "r");
    broker.refused.add(QUEUE);
    broker.open(QUEUE).get(0).lose();
    scheduler.elapse(5_000);
    assertThat(told(alice)).isEmpty();
    broker.refused.clear();
    scheduler.elapse(60_000);
    answer(QUEUE, request, "after the loss");
    assertThat(told(alice)).singleElement().asString().contains("after the loss", "\"r\"");
    assertThat(unknown).isZero();
  }

  @Test
  void aLostConnectionEndsTheRequestsWhoseAnswersShareAQueue() {
    BayeuxJMSBridge bridge = bridge("queue");
    ClientSession session = connect(bridge, "alice", alice);
    Outbound request = request(bridge, session, "r");
    broker.lose();
    broker.connect();
    told(alice);
    answer(QUEUE, request, "of the connection before");
    assertThat(told(alice)).isEmpty();
    assertThat(unknown).isOne();
    answer(QUEUE, request(bridge, session, "r"), "of this connection");
    assertThat(told(alice)).singleElement().asString().contains("of this connection");
  }

  @Test
  void aRequestThatReplacesAnotherHasAnIdOfItsOwn() {
    BayeuxJMSBridge bridge = bridge("queue");
    ClientSession session = connect(bridge, "alice", alice);
    Outbound first = request(bridge, session, "r");
    Outbound second = request(bridge, session, "r");
    assertThat(first.headers().correlationId()).isNotEqualTo(second.headers().correlationId());
    answer(QUEUE, second, "to the present one");
    answer(QUEUE, first, "to the replaced one");
    assertThat(told(alice))
        .hasSize(2)
        .allMatch(text -> text.contains("\"r\""))
        .element(1)
        .asString()
        .contains("to the replaced one");
  }

  @Test
  void answersAfterTheLastOneReachTheClientForAWhile() {
    BayeuxJMSBridge bridge = bridge("queue");
    ClientSession session = connect(bridge, "alice", alice);
    Outbound first = request(bridge, session, "r");
    answer(QUEUE, first, "one");
    answer(QUEUE, first, "two");
    assertThat(told(alice)).hasSize(2).allMatch(text -> text.contains("\"r\""));
    for (int i = 0; i < RequestsInFlight.MAX_ENDED; i++) {
      answer(QUEUE, request(bridge, session, "s" + i), "other");
    }
    told(alice);
    answer(QUEUE, first, "three");
    assertThat(told(alice)).isEmpty();
    assertThat(unknown).isOne();
  }
}
