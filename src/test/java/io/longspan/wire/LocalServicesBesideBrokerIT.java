package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.properties;
import static io.longspan.wire.WireTarget.unique;
import static java.util.concurrent.CompletableFuture.completedFuture;
import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.local.LocalMessage;
import io.longspan.local.LocalRequest;
import jakarta.servlet.ServletContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Local services and topics beside a JMS broker; neither can be reached by the other's names. */
@TestInstance(Lifecycle.PER_CLASS)
final class LocalServicesBesideBrokerIT implements LocalServiceTests, LocalTopicTests {
  private static final String CATALOGUE =
      """
        - {name: "queues/{x...}", kind: queue, jms: "{x}", send: ["*"]}
        - {name: "services/{x}", kind: queue, send: ["*"]}
        - {name: "chat/{room}", kind: topic, send: ["*"], subscribe: ["*"]}
        - {name: "asked/{x}", kind: local, send: {ask: services/authorization}}
        - {name: "registered/{x}", kind: local, send: ["*"]}
        - {name: "ticker/{x}", kind: local, subscribe: ["*"]}
      """;

  private final ActiveMqTestBroker broker = new ActiveMqTestBroker();
  private TestBridge bridge;
  private ServletContext context;

  @BeforeAll
  void start(@TempDir Path folder) throws IOException {
    Path catalogue = folder.resolve("catalogue.yaml");
    Files.writeString(
        catalogue, LocalServiceTests.CATALOGUE + LocalTopicTests.CATALOGUE + CATALOGUE);
    Map<String, String> settings = new HashMap<>(broker.settings());
    settings.put("catalogue", catalogue.toString());
    bridge = TestBridge.start(settings);
    context = TestHooks.lastContext();
  }

  @AfterAll
  void stop() {
    bridge.close();
    broker.close();
  }

  @Override
  public TestBridge bridge() {
    return bridge;
  }

  private TestService service() {
    return new TestService(broker.connectionFactory());
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aLocalNameReachesNoQueueAndAQueuesNameNoLocalService(Transport transport) {
    String local = unique("local/s");
    List<LocalRequest> calls = new CopyOnWriteArrayList<>();
    ScriptedLocalService.on(
        local,
        (request, parts) -> {
          calls.add(request);
          return ScriptedLocalService.echo(request, parts);
        });
    try (TestService queue =
            service()
                .serve(
                    local,
                    (session, request) ->
                        TestService.reply(session, request, session.createTextMessage("by JMS")));
        RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      alice.send(local, Map.of("JMSCorrelationID", "local"), "x");
      assertThat(alice.awaitAnswer("local")).containsEntry("body", "x");
      alice.send("queues/" + local, Map.of("JMSCorrelationID", "other"), "x");
      String dotted = local.replace('/', '.');
      try (TestService named = service().serve(dotted, TestService::echo)) {
        alice.send("queues/" + local, Map.of("JMSCorrelationID", "jms"), "y");
        assertThat(alice.awaitAnswer("jms")).containsEntry("body", "y");
      }
      assertThat(calls).hasSize(1);
      assertThat(queue.received()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aTopicOfTheBrokerAndALocalOneAreDifferent(Transport transport) {
    String symbol = unique("S");
    String topic = "quotes/m/" + symbol;
    try (TestService service = service();
        RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      assertThat(alice.subscribe(topic, "quotes/**")).containsEntry("status", "success");
      service.publish(topic, session -> session.createTextMessage("by JMS"));
      service.publish("quotes.m." + symbol, session -> session.createTextMessage("by JMS"));
      ScriptedLocalService.topics().publish(topic, LocalMessage.text("local"));
      alice.awaitData(d -> "local".equals(d.get("body")));
      assertThat(alice.data()).noneMatch(d -> "by JMS".equals(d.get("body")));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void theAuthorizationServiceDecidesAboutLocalServicesToo(Transport transport) {
    try (AuthorizationServiceStub authorization =
            new AuthorizationServiceStub(broker.connectionFactory());
        RawBayeuxClient alice = bridge.connected(transport, "alice");
        RawBayeuxClient bob = bridge.connected(transport, "bob")) {
      authorization.refuse("bob");
      String name = unique("asked/s");
      assertThat(bob.send(name, Map.of(), "x").get("error"))
          .asString()
          .startsWith("notAuthorized:");
      assertThat(alice.send(name, Map.of(), "x").get("error")).asString().startsWith("sendFailed:");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void anOutageOfTheBrokerConcernsNoLocalServiceOrTopic(Transport transport) {
    String name = unique("local/s");
    String topic = unique("news/r");
    CompletableFuture<LocalMessage> answer = new CompletableFuture<>();
    List<LocalRequest> calls = new CopyOnWriteArrayList<>();
    ScriptedLocalService.on(
        name,
        (request, parts) -> {
          calls.add(request);
          return request.text().equals("wait") ? answer : ScriptedLocalService.echo(request, parts);
        });
    try (RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      assertThat(alice.subscribe(topic, "chat/a")).containsEntry("status", "success");
      alice.send(name, Map.of("JMSCorrelationID", "open"), "wait");
      alice.send("services/nobody", Map.of("JMSCorrelationID", "lost"), "x");
      Awaitility.await().until(() -> calls.size() == 1);
      broker.kill();
      alice.awaitData(d -> "suspended".equals(d.get("status")));
      assertThat(alice.awaitAnswer("lost")).containsEntry("errorCode", "brokerUnavailable");
      assertThat(alice.send(name, Map.of("JMSCorrelationID", "during"), "x"))
          .containsEntry("successful", true);
      assertThat(alice.awaitAnswer("during")).containsEntry("body", "x");
      ScriptedLocalService.topics().publish(topic, LocalMessage.text("news"));
      alice.awaitData(d -> "news".equals(d.get("body")));
      broker.restart();
      alice.awaitData(d -> "resumed".equals(d.get("status")));
      answer.complete(LocalMessage.text("at last"));
      assertThat(alice.awaitAnswer("open")).containsEntry("body", "at last");
      ScriptedLocalService.topics().publish(topic, LocalMessage.text("more"));
      alice.awaitData(d -> "more".equals(d.get("body")));
      assertThat(alice.data().toString()).doesNotContain("topic=" + topic + ", lost");
      assertThat(alice.data().stream().filter(d -> "more".equals(d.get("body")))).hasSize(1);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  @SuppressWarnings("unchecked")
  void anotherApplicationRegistersAFunctionByAnAttribute(Transport transport) {
    Function<Map<String, Object>, CompletionStage<Map<String, Object>>> greeting =
        request -> {
          assertThat(((Predicate<Object>) request.get("parts")).test("part")).isTrue();
          return completedFuture(
              Map.of(
                  "properties",
                  Map.of("roles", new TreeSet<>((Set<String>) request.get("roles")).toString()),
                  "body",
                  request.get("user") + " sent " + request.get("body")));
        };
    String name = unique("registered/s");
    String attribute = "io.longspan.local." + name;
    try (RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      assertThat(alice.send(name, Map.of("JMSCorrelationID", "0"), "x"))
          .containsEntry("successful", false);
      context.setAttribute(attribute, greeting);
      alice.send(name, Map.of("JMSCorrelationID", "1"), "x");
      Map<String, Object> answer = alice.awaitData(d -> "alice sent x".equals(d.get("body")));
      assertThat(properties(answer))
          .containsEntry("roles", "[editor, trader]")
          .containsEntry("sequence", 2)
          .containsEntry("done", "true");
      context.setAttribute(attribute, (Function<Object, Object>) request -> "another");
      alice.send(name, Map.of("JMSCorrelationID", "2"), "x");
      assertThat(alice.awaitAnswer("2")).containsEntry("body", "another");
      for (Object wrong :
          List.of(7, Map.of("body", 7), Map.of("properties", Map.of("a", Map.of())))) {
        context.setAttribute(attribute, (Function<Object, Object>) request -> wrong);
        String id = "wrong" + wrong;
        alice.send(name, Map.of("JMSCorrelationID", id), "x");
        assertThat(alice.awaitAnswer(id)).containsEntry("errorCode", "serviceFailed");
      }
      for (Object value : List.of("no function", (Runnable) () -> {})) {
        context.setAttribute(attribute, value);
        assertThat(alice.send(name, Map.of(), "x").get("error"))
            .asString()
            .startsWith("sendFailed:");
      }
      context.removeAttribute(attribute);
      assertThat(alice.send(name, Map.of(), "x").get("error")).asString().startsWith("sendFailed:");
      String topic = unique("ticker/t");
      alice.subscribe(topic);
      ((BiConsumer<String, Object>) context.getAttribute("io.longspan.localTopics"))
          .accept(topic, Map.of("properties", Map.of("n", 1), "body", "tick"));
      assertThat(properties(alice.awaitData(d -> "tick".equals(d.get("body")))))
          .containsEntry("n", 1)
          .containsEntry("topic", topic);
    }
  }
}
