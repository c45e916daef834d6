package io.longspan.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the audit log says about an operator who deletes durable subscriptions. */
@Timeout(120)
final class OperatorAuditIT {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  private static int delete(TestBridge bridge, String operator, Map<String, String> command)
      throws IOException {
    return RawHttp.exchange(
            bridge,
            "POST",
            "/admin/delete-durable",
            Map.of(
                "Content-Type", "application/json",
                "X-Longspan-Operator", "1",
                "Authorization", RawBayeuxClient.basic(operator, operator)),
            JSON.writeValueAsString(command))
        .status();
  }

  private static Map<String, String> durable(String topic, String name) {
    return Map.of("user", "alice", "topic", topic, "name", name);
  }

  /** Returns the actions of operators, whose lines must be well-formed. */
  private static List<JsonNode> actions(Path audit) throws IOException {
    List<JsonNode> actions = new ArrayList<>();
    for (String line : Files.readAllLines(audit)) {
      JsonNode event = JSON.readTree(line);
      if ("operatorAction".equals(event.path("event").asText())) {
        actions.add(event);
      }
    }
    return actions;
  }

  @Test
  void aDeletionNamesItsOperatorAndTheSubscriptionAndARefusedOneIsNoDeletion() throws Exception {
    Path audit = folder.resolve("audit.log");
    String topic = WireTarget.unique("durable/t");
    String hostile = "x\",\"operator\":\"bob\"}\n{\"event\":\"signedIn\u2028";
    try (TestBroker broker = new ActiveMqTestBroker()) {
      Map<String, String> settings = new HashMap<>(broker.settings());
      settings.put("audit.file", audit.toString());
      try (TestBridge bridge = TestBridge.start(settings);
          RawBayeuxClient alice = bridge.connected(Transport.WEBSOCKET, "alice")) {
        assertThat(
                alice.control(
                    "type", "topicSubscribe", "topics", List.of(topic), "durable", "orders"))
            .containsEntry("status", "success");
        assertThat(delete(bridge, "bob", durable(topic, "orders"))).isEqualTo(403);
        assertThat(delete(bridge, "nobody", durable(topic, "orders"))).isEqualTo(401);
        assertThat(delete(bridge, "root", durable("nowhere/x", "orders"))).isEqualTo(404);
        assertThat(delete(bridge, "root", Map.of("user", "alice", "topic", topic))).isEqualTo(400);

        assertThat(delete(bridge, "root", durable(topic, "orders"))).isEqualTo(200);
        alice.awaitData(data -> "takenOver".equals(data.get("reason")));
        assertThat(delete(bridge, "root", durable(topic, hostile))).isEqualTo(200);
      }
    }
    // The end of a bridge writes the rest of its audit log.
    List<JsonNode> actions = actions(audit);
    assertThat(actions).hasSize(2);
    Map<String, String> fields = JSON.convertValue(actions.get(0), new TypeReference<>() {});
    assertThat(fields.remove("time")).endsWith("Z");
    assertThat(fields)
        .isEqualTo(
            Map.of(
                "bridge", "bridge-1",
                "event", "operatorAction",
                "operator", "root",
                "action", "deleteDurableSubscription",
                "target", "alice",
                "name", topic,
                "durable", "orders"));
    assertThat(actions.get(1).path("operator").asText()).isEqualTo("root");
    assertThat(actions.get(1).path("durable").asText()).isEqualTo(hostile);
  }
}
