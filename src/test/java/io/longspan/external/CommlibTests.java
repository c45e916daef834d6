package io.longspan.external;

import static io.longspan.wire.RawBayeuxClient.properties;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.longspan.wire.RawBayeuxClient;
import io.longspan.wire.TestBridge;
import io.longspan.wire.Transport;
import jakarta.jms.Connection;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Services of commlib over MQTT ({@code envelope: commlib}); a subclass names the broker. */
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(120)
abstract class CommlibTests {
  private static final String CATALOGUE =
      """
      destinations:
        - {name: "robots/{robot}/count", kind: queue, jms: "robots.{robot}.count.send_goal", send: ["*"], envelope: commlib}
        - {name: "robots/{robot}/echo", kind: queue, send: ["*"], envelope: commlib, properties: {site: north}}
        - {name: "robots/{robot}/rubbish", kind: queue, send: ["*"], envelope: commlib}
        - {name: "robots/{robot}/command", kind: topic, send: ["*"], envelope: commlib}
        - {name: "robots/{robot}/sensors/{sensor}", kind: topic, subscribe: ["*"], wildcards: true, envelope: commlib}
        - {name: "robots/{rest...}", kind: topic, jms: "robots.{rest}", subscribe: ["*"], wildcards: true, envelope: commlib}
        - {name: "raw/{rest...}", kind: topic, jms: "robots.{rest}", subscribe: ["*"], wildcards: true}
      """;

  private ExternalBroker broker;
  private TestBridge bridge;
  private ChildProcess robot;

  abstract ExternalBroker startBroker();

  Map<String, String> settings(ExternalBroker started) {
    return started.settings();
  }

  @BeforeAll
  void start() throws IOException {
    broker = startBroker();
    Path catalogue = Files.createTempFile("commlib-", ".yaml");
    Files.writeString(catalogue, CATALOGUE);
    Map<String, String> settings = new HashMap<>(settings(broker));
    settings.put("catalogue", catalogue.toString());
    bridge = TestBridge.start(settings);
    robot = startRobot("robots/r1");
  }

  private ChildProcess startRobot(String name) {
    ChildProcess process =
        ChildProcess.start(
            "robot",
            Path.of(""),
            Map.of(),
            List.of(
                "/usr/bin/python3",
                Path.of("examples/services/python-commlib/robot.py").toString(),
                "127.0.0.1",
                Integer.toString(broker.mqttPort()),
                ExternalBroker.SERVICE_USER,
                ExternalBroker.SERVICE_PASSWORD,
                name));
    process.await("^subscribed$");
    return process;
  }

  @AfterAll
  void stop() {
    if (robot != null) {
      robot.kill();
    }
    if (bridge != null) {
      bridge.close();
    }
    if (broker != null) {
      broker.close();
    }
  }

  private static Object json(Map<String, Object> data) {
    try {
      return new ObjectMapper().readValue((String) data.get("body"), Object.class);
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }

  private static List<Map<String, Object>> parts(RawBayeuxClient client, String correlationId) {
    return client.data().stream()
        .filter(data -> correlationId.equals(properties(data).get("JMSCorrelationID")))
        .toList();
  }

  private static Map<String, Object> awaitLast(RawBayeuxClient client, String correlationId) {
    return client.awaitData(
        data ->
            correlationId.equals(properties(data).get("JMSCorrelationID"))
                && "true".equals(properties(data).get("done")));
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void anRpcNamesTheAuthenticatedUserAndIsAnswered(Transport transport) {
    try (RawBayeuxClient alice = bridge.connected(transport, "alice");
        RawBayeuxClient bob = bridge.connected(transport, "bob")) {
      Map<String, Object> data = Map.of("text", "h\u00e9llo", "runAsUser", "root");
      alice.send("robots/r1/echo", Map.of("JMSCorrelationID", "r-1", "runAsUser", "root"), data);
      bob.send("robots/r1/echo", Map.of("JMSCorrelationID", "r-1"), Map.of());
      Map<String, Object> answer = alice.awaitAnswer("r-1");
      assertThat(json(answer)).isEqualTo(Map.of("echo", data, "user", "alice"));
      assertThat(properties(answer))
          .containsEntry("bodyFormat", "json")
          .doesNotContainKey("reply_to");
      assertThat(json(bob.awaitAnswer("r-1"))).isEqualTo(Map.of("echo", Map.of(), "user", "bob"));
      assertThat(alice.received().toString()).doesNotContain("longspan.reply", "longspan/reply");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void anActionReportsItsProgressInParts(Transport transport) {
    try (RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      alice.send("robots/r1/count", Map.of("JMSCorrelationID", "goal"), Map.of("steps", 3));
      assertThat(json(awaitLast(alice, "goal"))).isEqualTo(Map.of("steps", 3));
      List<Map<String, Object>> parts = parts(alice, "goal");
      assertThat(parts)
          .extracting(part -> properties(part).get("goalStatus"))
          .containsExactly("accepted", "running", "running", "running", "succeeded");
      assertThat(parts)
          .extracting(part -> properties(part).get("sequence"))
          .containsExactly(1, 2, 3, 4, 5);
      assertThat(parts.subList(1, 4))
          .extracting(CommlibTests::json)
          .containsExactly(Map.of("step", 1), Map.of("step", 2), Map.of("step", 3));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void anActionCanBeCancelled(Transport transport) {
    try (RawBayeuxClient alice = bridge.connected(transport, "alice");
        RawBayeuxClient bob = bridge.connected(transport, "bob")) {
      bob.send("robots/r1/count", Map.of("JMSCorrelationID", "goal"), Map.of("steps", 1000000));
      alice.send("robots/r1/count", Map.of("JMSCorrelationID", "goal"), Map.of("steps", 1000000));
      alice.awaitData(data -> properties(data).get("sequence") instanceof Integer n && n > 2);
      bob.awaitData(data -> properties(data).get("sequence") instanceof Integer n && n > 2);
      assertThat(
              alice.send(
                  "robots/r1/count", Map.of("JMSCorrelationID", "goal", "cancel", true), null))
          .containsEntry("successful", true);
      Map<String, Object> last = awaitLast(alice, "goal");
      assertThat(properties(last)).containsEntry("goalStatus", "canceled");
      int part = (int) properties(last).get("sequence");
      assertThat(json(last)).isEqualTo(Map.of("steps", part - 2));
      assertThat(parts(bob, "goal")).noneMatch(data -> "true".equals(properties(data).get("done")));
      bob.send("robots/r1/count", Map.of("JMSCorrelationID", "goal", "cancel", true), null);
      assertThat(properties(awaitLast(bob, "goal"))).containsEntry("goalStatus", "canceled");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aGoalThatTheServiceRejectsEndsAtOnce(Transport transport) {
    try (RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      alice.send("robots/r1/count", Map.of("JMSCorrelationID", "goal"), Map.of("steps", "many"));
      Map<String, Object> last = awaitLast(alice, "goal");
      assertThat(properties(last)).containsEntry("goalStatus", "rejected");
      assertThat(last.get("body")).asString().contains("no steps");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void rubbishOfAServiceIsANamedOutcome(Transport transport) throws Exception {
    try (RawBayeuxClient alice = bridge.connected(transport, "alice");
        Connection connection = broker.connectionFactory().createConnection()) {
      Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
      MessageProducer producer = session.createProducer(null);
      MessageConsumer requests = session.createConsumer(session.createTopic("robots.r2.rubbish"));
      connection.start();
      double malformed = bridge.metric("longspan_envelopes_malformed_total");
      alice.send("robots/r2/rubbish", Map.of("JMSCorrelationID", "r-1"), Map.of());
      Message request = requests.receive(60_000);
      producer.send(request.getJMSReplyTo(), session.createTextMessage("rubbish"));
      assertThat(alice.awaitAnswer("r-1"))
          .containsEntry("bodyFormat", "unsupported")
          .containsEntry("body", null);
      alice.subscribe("robots/r2/sensors/x");
      producer.send(session.createTopic("robots.r2.sensors.x"), session.createTextMessage("{"));
      assertThat(alice.awaitData(d -> "robots/r2/sensors/x".equals(properties(d).get("topic"))))
          .containsEntry("bodyFormat", "unsupported");
      assertThat(bridge.metric("longspan_envelopes_malformed_total")).isEqualTo(malformed + 2);
      // An answer is taken once: the request has ended.
      double unknown = bridge.metric("longspan_answers_unknown_total");
      producer.send(request.getJMSReplyTo(), session.createTextMessage("late"));
      Awaitility.await()
          .until(() -> bridge.metric("longspan_answers_unknown_total") == unknown + 1);
      assertThat(alice.received().toString()).doesNotContain("late");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void topicsAreFollowedByPatternInBothDirections(Transport transport) {
    try (RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      assertThat(alice.subscribe("robots/r1/sensors/*")).containsEntry("status", "success");
      alice.send("robots/r1/command", Map.of(), Map.of("go", "north"));
      Map<String, Object> message =
          alice.awaitData(
              data -> "robots/r1/sensors/last_command".equals(properties(data).get("topic")));
      assertThat(json(message)).isEqualTo(Map.of("go", "north"));
      assertThat(properties(message))
          .containsEntry("type", "topicMessage")
          .containsEntry("bodyFormat", "json")
          .containsEntry("subscription", "robots/r1/sensors/*");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aHeartbeatStopsWithItsService(Transport transport) {
    String name = "robots/" + transport.name().toLowerCase(java.util.Locale.ROOT);
    try (RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      alice.subscribe(name + "/heartbeat");
      try (ChildProcess mortal = startRobot(name)) {
        alice.awaitData(CommlibTests::isHeartbeat);
        mortal.kill();
      }
      // What a service publishes afterwards comes after the last heartbeat.
      alice.subscribe(name + "/sensors/last_command");
      try (ChildProcess next = startRobot(name.replace("robots/", "robots/next_"))) {
        assertThat(next.isAlive()).isTrue();
        alice.send("robots/r1/echo", Map.of("JMSCorrelationID", "fence"), Map.of());
        alice.awaitAnswer("fence");
        long before = alice.data().stream().filter(CommlibTests::isHeartbeat).count();
        for (int i = 0; i < 3; i++) {
          alice.send("robots/r1/echo", Map.of("JMSCorrelationID", "again" + i), Map.of());
          alice.awaitAnswer("again" + i);
        }
        assertThat(alice.data().stream().filter(CommlibTests::isHeartbeat).count())
            .isEqualTo(before);
      }
    }
  }

  private static boolean isHeartbeat(Map<String, Object> data) {
    return String.valueOf(properties(data).get("topic")).endsWith("/heartbeat");
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void noSubscriberSeesTheReplyAddressesOfOthers(Transport transport) {
    try (RawBayeuxClient alice = bridge.connected(transport, "alice");
        RawBayeuxClient mallory = bridge.connected(transport, "bob")) {
      for (String pattern : List.of("robots/**", "raw/**")) {
        assertThat(mallory.subscribe(pattern)).containsEntry("status", "success");
      }
      alice.send("robots/r1/echo", Map.of("JMSCorrelationID", "r-1"), Map.of("text", "seen"));
      alice.awaitAnswer("r-1");
      // The entry of the echo decides about its topic, so that only the pattern raw/** covers it.
      mallory.awaitData(data -> "raw/r1/echo".equals(properties(data).get("topic")));
      assertThat(mallory.received().toString())
          .contains("seen")
          .doesNotContain("reply_to", "longspan.reply", "longspan/reply");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void whatTheEnvelopeCannotHoldIsABadRequest(Transport transport) {
    try (RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      assertThat(alice.send("robots/r1/echo", Map.of(), Map.of()).get("error"))
          .asString()
          .startsWith("badRequest:")
          .contains("JMSCorrelationID");
    }
  }
}
