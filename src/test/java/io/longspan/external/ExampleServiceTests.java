package io.longspan.external;

import static io.longspan.wire.RawBayeuxClient.properties;
import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.external.ExampleService.ServiceBroker;
import io.longspan.wire.RawBayeuxClient;
import io.longspan.wire.TestBridge;
import io.longspan.wire.Transport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The services of {@code examples/services}; a subclass names the broker. */
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(120)
abstract class ExampleServiceTests implements ServiceBroker {
  private static final String CATALOGUE =
      """
      destinations:
        - {name: "services/node-mqtt/echo", kind: queue, send: ["*"], envelope: commlib}
        - {name: "services/node-mqtt/job", kind: queue, jms: "services.node-mqtt.job.send_goal", send: ["*"], envelope: commlib}
        - {name: "services/{service}", kind: queue, send: ["*"]}
      """;

  private final Map<ExampleService, ChildProcess> services = new EnumMap<>(ExampleService.class);
  private ExternalBroker broker;
  private TestBridge bridge;

  abstract ExternalBroker startBroker();

  @BeforeAll
  void start() throws Exception {
    broker = startBroker();
    Path catalogue = Files.createTempFile("examples-", ".yaml");
    Files.writeString(catalogue, CATALOGUE);
    Map<String, String> settings = new HashMap<>(broker.settings());
    settings.put("catalogue", catalogue.toString());
    bridge = TestBridge.start(settings);
    for (ExampleService service : ExampleService.values()) {
      services.put(service, service.start(this));
    }
  }

  @AfterAll
  void stop() {
    services.values().forEach(ChildProcess::kill);
    if (bridge != null) {
      bridge.close();
    }
    if (broker != null) {
      broker.close();
    }
  }

  @Override
  public ExternalBroker broker() {
    return broker;
  }

  /** Returns the services that read headers of JMS, on each transport. */
  static Stream<Arguments> everywhere() {
    return Arrays.stream(ExampleService.values())
        .filter(s -> s != ExampleService.NODE_MQTT)
        .flatMap(s -> Arrays.stream(Transport.values()).map(t -> Arguments.of(s, t)));
  }

  @ParameterizedTest
  @MethodSource("everywhere")
  void anEchoNamesTheAuthenticatedUser(ExampleService service, Transport transport) {
    try (RawBayeuxClient alice = bridge.connected(transport, "alice");
        RawBayeuxClient bob = bridge.connected(transport, "bob")) {
      alice.send(
          service.queue(), Map.of("JMSCorrelationID", "r:1", "runAsUser", "root"), "h\u00e9llo");
      bob.send(service.queue(), Map.of("JMSCorrelationID", "r:1"), "hi");
      assertThat(alice.awaitAnswer("r:1")).containsEntry("body", "alice says h\u00e9llo");
      assertThat(bob.awaitAnswer("r:1")).containsEntry("body", "bob says hi");
    }
  }

  @ParameterizedTest
  @MethodSource("everywhere")
  void aJobReportsItsProgressInParts(ExampleService service, Transport transport) {
    try (RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      alice.send(service.queue(), Map.of("JMSCorrelationID", "job", "operation", "job"), "3");
      alice.awaitData(data -> "true".equals(properties(data).get("done")));
      List<Map<String, Object>> parts = parts(alice, "job");
      assertThat(parts)
          .extracting(part -> part.get("body"))
          .containsExactly("step 1", "step 2", "step 3");
      assertThat(parts)
          .extracting(part -> String.valueOf(properties(part).get("sequence")))
          .containsExactly("1", "2", "3");
      assertThat(parts)
          .extracting(part -> properties(part).get("done"))
          .containsExactly("false", "false", "true");
    }
  }

  @ParameterizedTest
  @MethodSource("everywhere")
  void aJobCanBeCancelled(ExampleService service, Transport transport) {
    try (RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      alice.send(service.queue(), Map.of("JMSCorrelationID", "job", "operation", "job"), "1000000");
      alice.awaitData(data -> "step 2".equals(data.get("body")));
      alice.send(service.queue(), Map.of("JMSCorrelationID", "job", "cancel", true), null);
      alice.awaitData(data -> "cancelled".equals(data.get("body")));
      List<Map<String, Object>> parts = parts(alice, "job");
      assertThat(properties(parts.get(parts.size() - 1))).containsEntry("done", "true");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aServiceOverMqttDoesTheSame(Transport transport) {
    try (RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      alice.send("services/node-mqtt/echo", Map.of("JMSCorrelationID", "echo"), "h\u00e9llo");
      assertThat(alice.awaitAnswer("echo")).containsEntry("body", "alice says h\u00e9llo");
      alice.send("services/node-mqtt/job", Map.of("JMSCorrelationID", "short"), "2");
      awaitLast(alice, "short");
      assertThat(parts(alice, "short"))
          .extracting(part -> part.get("body"))
          .containsExactly(null, "{\"step\":1}", "{\"step\":2}", "{\"steps\":2}");
      alice.send("services/node-mqtt/job", Map.of("JMSCorrelationID", "long"), "1000000");
      alice.awaitAnswer("long");
      alice.send(
          "services/node-mqtt/job", Map.of("JMSCorrelationID", "long", "cancel", true), null);
      assertThat(properties(awaitLast(alice, "long"))).containsEntry("goalStatus", "canceled");
    }
  }

  private static Map<String, Object> awaitLast(RawBayeuxClient client, String correlationId) {
    return client.awaitData(
        data ->
            correlationId.equals(properties(data).get("JMSCorrelationID"))
                && "true".equals(properties(data).get("done")));
  }

  private static List<Map<String, Object>> parts(RawBayeuxClient client, String correlationId) {
    return client.data().stream()
        .filter(data -> correlationId.equals(properties(data).get("JMSCorrelationID")))
        .toList();
  }
}
