package io.longspan.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.longspan.external.BridgeFiles;
import io.longspan.external.ExecutableWar;
import io.longspan.external.ExternalActiveMq;
import io.longspan.external.ExternalBroker;
import io.longspan.wire.RawBayeuxClient;
import io.longspan.wire.TestBridge;
import io.longspan.wire.Transport;
import jakarta.jms.Connection;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The log in JSON, and the audit log, of a bridge in a process of its own. */
final class LogsIT {
  private static final String CATALOGUE =
      """
      destinations:
        - {name: services/echo, kind: queue, send: ["*"]}
        - {name: secret, kind: topic, subscribe: [nobody], send: [nobody]}
      """;

  @TempDir Path folder;

  private static List<JsonNode> lines(String log) throws Exception {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : log.lines().toList()) {
      if (!line.startsWith("Longspan ")) {
        lines.add(new ObjectMapper().readTree(line));
      }
    }
    return lines;
  }

  private static List<String> messages(String log) throws Exception {
    return lines(log).stream().map(line -> line.path("message").asText()).toList();
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void connectingAClientWritesTwoLinesAndEachLineIsJson(Transport transport) throws Exception {
    try (ExecutableWar bridge =
        new ExecutableWar(
            "logs", Map.of("broker.provider", "embedded", "logging.format", "json"))) {
      try (RawBayeuxClient alice =
          transport.client(bridge.base().resolve("cometd"), "alice", "alice").connected()) {
        await()
            .until(
                () ->
                    messages(bridge.log()).stream()
                        .anyMatch(line -> line.startsWith("client connected")));
        assertThat(messages(bridge.log()))
            .filteredOn(line -> line.contains("alice"))
            .hasSize(2)
            .anyMatch(line -> line.contains("channels=/anzo/control"))
            .anyMatch(line -> line.startsWith("client connected"));
        assertThat(alice).isNotNull();
      }
      assertThat(messages(bridge.log()))
          .filteredOn(line -> line.startsWith("bridge started"))
          .hasSize(1)
          .allMatch(
              line ->
                  line.contains("catalogue=")
                      && line.contains("limits={")
                      && line.contains("provider=embedded"));
    }
  }

  @Test
  void theAuditLogIsAFileBesideTheConfiguration() throws Exception {
    Map<String, String> settings =
        Map.of("broker.provider", "embedded", "audit.file", "audit.log", "http.port", "0");
    Path config = BridgeFiles.write("audit", settings, CATALOGUE, TestBridge.USERS);
    Path audit = config.resolveSibling("audit.log");
    try (WarProcess bridge = WarProcess.start(folder, Map.of(), "--config", config.toString())) {
      URI base = URI.create(bridge.awaitAddress());
      signIn(base, "alice", "wrong secret");
      signIn(base, "alice", "alice");
      Transport transport = Transport.WEBSOCKET;
      try (RawBayeuxClient alice =
          transport.client(base.resolve("cometd"), "alice", "alice").connected()) {
        alice.send("secret", Map.of("JMSCorrelationID", "1"), "payload of alice");
        await().until(() -> events(audit).contains("rightRefused"));
      }
      disconnectUser(base, "alice");
      await().until(() -> events(audit).contains("sessionEnded"));
      bridge.signal("TERM");
      assertThat(bridge.awaitExitStatus()).isZero();
    }
    String text = Files.readString(audit);
    assertThat(events(audit))
        .containsSubsequence(
            "signInRefused", "signedIn", "sessionStarted", "rightRefused", "sessionEnded");
    assertThat(events(audit)).contains("operatorAction");
    assertThat(text).doesNotContain("payload of alice").doesNotContain("wrong secret");
    assertThat(lines(text))
        .anySatisfy(
            line -> {
              assertThat(line.path("event").asText()).isEqualTo("rightRefused");
              assertThat(line.path("right").asText()).isEqualTo("send");
              assertThat(line.path("name").asText()).isEqualTo("secret");
              assertThat(line.path("user").asText()).isEqualTo("alice");
              assertThat(line.path("code").asText()).isEqualTo("notAuthorized");
            });
  }

  private static List<String> events(Path audit) throws Exception {
    return Files.exists(audit)
        ? lines(Files.readString(audit)).stream().map(l -> l.path("event").asText()).toList()
        : List.of();
  }

  @Test
  void theAuditLogCanBeATopicThatNoClientReaches() throws Exception {
    try (ExternalBroker broker = new ExternalActiveMq();
        Connection connection = broker.connectionFactory().createConnection()) {
      connection.start();
      Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
      MessageConsumer audit = session.createConsumer(session.createTopic("bridge/audit"));
      Map<String, String> settings = new HashMap<>(broker.settings());
      settings.put("audit.topic", "bridge/audit");
      try (ExecutableWar bridge = new ExecutableWar("audit-topic", settings);
          RawBayeuxClient alice =
              Transport.WEBSOCKET
                  .client(bridge.base().resolve("cometd"), "alice", "alice")
                  .connected()) {
        assertThat(alice).isNotNull();
        TextMessage started = (TextMessage) audit.receive(30_000);
        assertThat(new ObjectMapper().readTree(started.getText()).path("event").asText())
            .isEqualTo("sessionStarted");
        assertThat(started.getStringProperty("bridgeId")).isEqualTo("audit-topic");
      }
    }
  }

  @Test
  void wrongAuditSettingsStopTheStart() throws Exception {
    assertThat(refusal(Map.of("LONGSPAN_AUDIT_FILE", "nowhere/audit.log")))
        .contains("audit.file", "cannot be written");
    assertThat(refusal(Map.of("LONGSPAN_AUDIT_TOPIC", "prices/x"))).contains("audit.topic");
    assertThat(refusal(Map.of("LONGSPAN_AUDIT_TOPIC", "bridge/push")))
        .contains("audit.topic", "other than");
    assertThat(
            refusal(Map.of("LONGSPAN_AUDIT_TOPIC", "bridge/a", "LONGSPAN_AUDIT_FILE", "audit.log")))
        .contains("only one of audit.file and audit.topic");
  }

  private String refusal(Map<String, String> environment) throws Exception {
    try (WarProcess bridge =
        WarProcess.start(Files.createTempDirectory(folder, "refused"), environment)) {
      assertThat(bridge.awaitExitStatus()).isEqualTo(2);
      assertThat(bridge.errors().lines()).hasSize(1);
      return bridge.errors();
    }
  }

  private static void signIn(URI base, String user, String password) throws Exception {
    HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(base.resolve("login"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(
                    HttpRequest.BodyPublishers.ofString(
                        "user=%s&password=%s".formatted(user, password.replace(" ", "+"))))
                .build(),
            BodyHandlers.discarding());
  }

  private static void disconnectUser(URI base, String user) throws Exception {
    String operator = Base64.getEncoder().encodeToString("root:root".getBytes());
    HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(base.resolve("admin/disconnect"))
                .header("Authorization", "Basic " + operator)
                .header("Content-Type", "application/json")
                .header("X-Longspan-Operator", "1")
                .POST(HttpRequest.BodyPublishers.ofString("{\"user\": \"%s\"}".formatted(user)))
                .build(),
            BodyHandlers.discarding());
  }
}
