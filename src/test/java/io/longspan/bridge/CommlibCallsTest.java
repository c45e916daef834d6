package io.longspan.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.longspan.access.SendGrant;
import io.longspan.bridge.MessageBroker.Outbound;
import io.longspan.budget.MemoryBudget;
import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.MessageForm;
import io.longspan.catalogue.SendPolicy;
import io.longspan.catalogue.TopicPolicy;
import io.longspan.config.ConfigLoader;
import io.longspan.config.LongspanConfig;
import io.longspan.identity.Identity;
import io.longspan.protocol.ControlCommand;
import io.longspan.protocol.DestinationName;
import io.longspan.protocol.MessageBody;
import io.longspan.protocol.SendCommand;
import io.longspan.signing.IdentitySigner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Requests to services of commlib, and the goals of actions ({@code envelope: commlib}). */
final class CommlibCallsTest {
  private static final String REPLIES = "longspan.reply.bridge-1.*";
  private static final SendPolicy POLICY =
      new SendPolicy(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Map.of("site", "north"),
          SendPolicy.Correlation.BY_CORRELATION_ID,
          Optional.empty(),
          MessageForm.COMMLIB_REQUEST,
          Optional.empty());

  private final FakeBroker broker = new FakeBroker();
  private final ManualScheduler scheduler = new ManualScheduler();
  private final RecordingChannel alice = new RecordingChannel();
  private final List<IdentitySigner.Statement> signed = new ArrayList<>();
  private int unknown;
  private int malformed;
  private BayeuxJMSBridge bridge;
  private ClientSession session;

  @BeforeEach
  void start() {
    LongspanConfig config = ConfigLoader.load(Optional.empty(), Map.of(), Map.of());
    BridgeMetrics metrics =
        new BridgeMetrics() {
          @Override
          public void unknownAnswer() {
            unknown++;
          }

          @Override
          public void malformedEnvelope() {
            malformed++;
          }
        };
    bridge =
        new BayeuxJMSBridge(
            config,
            new MemoryBudget(1L << 30, 1L << 30),
            BridgeBrokers.of(broker, Map.of(), scheduler, metrics),
            new BrokerRequests("bridge-1", config.broker().replies(), broker, scheduler),
            new GrantingPolicy(() -> TopicPolicy.DEFAULT) {
              @Override
              public CompletableFuture<SendGrant> maySend(Identity identity, DestinationName name) {
                return CompletableFuture.completedFuture(
                    new SendGrant(BrokerDestination.topic(name.value().replace('/', '.')), POLICY));
              }
            },
            statement -> {
              signed.add(statement);
              return Optional.of("signature");
            },
            metrics,
            Runnable::run,
            scheduler,
            scheduler);
    bridge.start();
    broker.connect();
    session = bridge.join("alice", new Identity("alice", Set.of()), alice);
    bridge.control(session, new ControlCommand.Connect("connect", Optional.empty()));
    alice.taken.clear();
  }

  private CompletableFuture<Void> send(String destination, String id, boolean cancel) {
    SendCommand command =
        new SendCommand(
            new SendCommand.Destination(DestinationName.parse(destination)),
            new SendCommand.Headers(
                Optional.of(id), Optional.empty(), SendCommand.Headers.DEFAULT_PRIORITY, false, 0),
            cancel ? Map.of("cancel", true) : Map.of("urgent", true),
            new MessageBody.Text("{\"a\":1.0}", "json"),
            0);
    return bridge.send(session, () -> command, () -> Optional.of(id)).toCompletableFuture();
  }

  private Outbound last() {
    return broker.sent.get(broker.sent.size() - 1);
  }

  private String lastName() {
    return ((Outbound.To) last().target()).destination().name();
  }

  private static JsonNode json(Outbound message) {
    try {
      return new ObjectMapper().readTree(((MessageBody.Text) message.body()).text());
    } catch (Exception x) {
      throw new IllegalStateException(x);
    }
  }

  private void answer(Outbound request, String data) {
    String body = "{\"data\":%s,\"header\":{}}".formatted(data);
    broker
        .open(REPLIES)
        .get(0)
        .listener
        .accept(FakeBroker.text(request.replyTo().orElseThrow().name(), body));
  }

  private void publish(String action, String topic, String data) {
    broker.open(action + ".*").get(0).listener.accept(FakeBroker.text(action + topic, data));
  }

  private void feedback(String goal, int step) {
    publish(
        "x",
        ".feedback",
        "{\"goal_id\":\"%s\",\"feedback_data\":{\"step\":%d}}".formatted(goal, step));
  }

  private void status(String goal, int status) {
    publish("x", ".status", "{\"goal_id\":\"%s\",\"status\":%d}".formatted(goal, status));
  }

  private List<String> told() {
    List<String> texts = alice.texts();
    alice.taken.clear();
    return texts;
  }

  @Test
  void theSignatureCoversWhatTheServiceReads() {
    send("echo", "r", false);
    Outbound sent = last();
    assertThat(lastName()).isEqualTo("echo");
    IdentitySigner.Statement statement = signed.get(signed.size() - 1);
    JsonNode header = json(sent).get("header");
    assertThat(statement.replyTo())
        .isEqualTo(header.get("reply_to").asText())
        .isEqualTo(sent.replyTo().orElseThrow().name().replace('.', '/'));
    String body = ((MessageBody.Text) sent.body()).text();
    String data = body.substring("{\"data\":".length(), body.lastIndexOf(",\"header\":{"));
    assertThat(statement.body()).isEqualTo(new MessageBody.Text(data, "json"));
    Map<String, Object> properties =
        new HashMap<>(new ObjectMapper().convertValue(header.get("properties"), Map.class));
    assertThat(properties.remove("bridgeSignature")).isEqualTo("signature");
    assertThat(properties.remove("JMSCorrelationID")).isEqualTo("r");
    Map<String, Object> covered = new HashMap<>(statement.properties());
    covered.remove("bridgeSignature");
    covered.put("bodyFormat", "json");
    assertThat(properties)
        .isEqualTo(covered)
        .containsEntry("runAsUser", "alice")
        .containsEntry("urgent", true)
        .containsEntry("site", "north");
  }

  @Test
  void anRpcTakesOneAnswer() {
    send("echo", "r", false);
    Outbound request = last();
    answer(request, "{\"b\":2}");
    assertThat(told()).singleElement().asString().contains("{\\\"b\\\":2}", "\"r\"");
    answer(request, "{\"b\":3}");
    assertThat(told()).isEmpty();
    assertThat(unknown).isOne();
  }

  @Test
  void messagesBeforeTheAcceptanceOfTheirGoalFollowIt() {
    send("x/send_goal", "r", false);
    Outbound goal = last();
    assertThat(json(goal).at("/data/goal_data/a").asText()).isEqualTo("1.0");
    feedback("g", 1);
    feedback("another", 7);
    status("g", 4);
    assertThat(told()).isEmpty();
    answer(goal, "{\"status\":1,\"goal_id\":\"g\"}");
    assertThat(told())
        .satisfiesExactly(
            part -> assertThat(part).contains("accepted", "\"sequence\":1"),
            part -> assertThat(part).contains("{\\\"step\\\":1}", "\"sequence\":2"));
    assertThat(lastName()).isEqualTo("x.get_result");
    assertThat(json(last()).at("/data/goal_id").asText()).isEqualTo("g");
    assertThat(json(last()).at("/header/properties/runAsUser").asText()).isEqualTo("alice");
    answer(last(), "{\"status\":4,\"result\":{\"ok\":true}}");
    assertThat(told())
        .singleElement()
        .asString()
        .contains("succeeded", "{\\\"ok\\\":true}", "\"done\":\"true\"");
    feedback("g", 2);
    assertThat(told()).isEmpty();
  }

  @Test
  void aResultThatDoesNotComeIsLeftOut() {
    send("x/send_goal", "r", false);
    answer(last(), "{\"status\":1,\"goal_id\":\"g\"}");
    status("g", 5);
    told();
    scheduler.elapse(ActionTopic.RESULT_TIMEOUT);
    assertThat(told()).singleElement().asString().contains("aborted", "\"done\":\"true\"");
  }

  @Test
  void aCancellationWaitsForTheAcceptanceAndIsSentOnce() {
    send("x/send_goal", "r", false);
    Outbound goal = last();
    for (int i = 0; i < 3; i++) {
      assertThat(send("x/send_goal", "r", true)).isCompleted();
    }
    assertThat(last()).isSameAs(goal);
    answer(goal, "{\"status\":1,\"goal_id\":\"g\"}");
    assertThat(lastName()).isEqualTo("x.cancel_goal");
    Outbound cancellation = last();
    assertThat(send("x/send_goal", "r", true)).isCompleted();
    assertThat(last()).isSameAs(cancellation);
    answer(cancellation, "{\"status\":1,\"result\":{}}");
    status("g", 3);
    status("g", 6);
    answer(last(), "{\"status\":6,\"result\":{}}");
    assertThat(told()).last().asString().contains("canceled", "\"done\":\"true\"");
  }

  @Test
  void aCancelledRpcIsForgottenAndItsServiceHearsNothing() {
    send("echo", "r", false);
    Outbound request = last();
    assertThat(send("echo", "r", true)).isCompleted();
    assertThat(last()).isSameAs(request);
    answer(request, "{}");
    assertThat(told()).isEmpty();
    assertThat(unknown).isOne();
  }

  @Test
  void rubbishEndsNothingButIsCounted() {
    send("x/send_goal", "r", false);
    Outbound goal = last();
    answer(goal, "{\"status\":1,\"goal_id\":\"g\"}");
    told();
    for (String rubbish : List.of("rubbish", "{}", "[]", "{\"goal_id\":\"g\"}")) {
      publish("x", ".status", rubbish);
      publish("x", ".feedback", rubbish);
    }
    assertThat(malformed).isEqualTo(8);
    assertThat(told()).isEmpty();
    status("g", 6);
    answer(last(), "7");
    assertThat(told()).singleElement().asString().contains("unsupported", "\"done\":\"true\"");
  }

  @Test
  void aGoalWhoseAcceptanceIsNotReadableEnds() {
    send("x/send_goal", "r", false);
    answer(last(), "[]");
    assertThat(told()).singleElement().asString().contains("unsupported", "unknown");
  }

  @Test
  void theConsumerOfAnActionIsSharedAndClosedWhenNobodyNeedsIt() {
    send("x/send_goal", "r", false);
    Outbound first = last();
    send("x/send_goal", "s", false);
    assertThat(broker.open("x.*")).hasSize(1);
    answer(first, "{\"status\":0}");
    scheduler.elapse(3 * ActionTopics.LINGER);
    assertThat(broker.open("x.*")).hasSize(1);
    answer(last(), "{\"status\":0}");
    scheduler.elapse(2 * ActionTopics.LINGER);
    assertThat(broker.open("x.*")).isEmpty();
  }

  @Test
  void theActionsOfAUserAreLimited() {
    for (int i = 0; i < ActionTopics.MAX_PER_USER; i++) {
      assertThat(send("a%d/send_goal".formatted(i), "r" + i, false)).isCompleted();
    }
    assertThat(send("more/send_goal", "more", false))
        .isCompletedExceptionally()
        .failsWithin(Duration.ZERO)
        .withThrowableThat()
        .withMessageContaining("too many actions");
    assertThat(send("a0/send_goal", "again", false)).isCompleted();
  }

  @Test
  void aLostConsumerFailsTheGoalsOfItsAction() {
    send("x/send_goal", "r", false);
    send("echo", "s", false);
    broker.open("x.*").get(0).lose();
    assertThat(told()).singleElement().asString().contains("brokerUnavailable", "\"r\"");
    assertThat(send("x/send_goal", "t", false)).isCompleted();
    assertThat(broker.open("x.*")).hasSize(1);
  }

  @Test
  void aLostConnectionFailsEveryRequestOnce() {
    send("x/send_goal", "r", false);
    send("echo", "s", false);
    Outbound request = last();
    broker.lose();
    assertThat(told().toString()).contains("suspended", "\"r\"", "\"s\"");
    broker.connect();
    told();
    send("echo", "t", false);
    answer(request, "{}");
    assertThat(told()).isEmpty();
    answer(last(), "{}");
    assertThat(told()).singleElement().asString().contains("\"t\"");
  }
}
