package io.longspan.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which code an error has at the wire, and whether it says that the message may succeed later. */
@TestInstance(Lifecycle.PER_CLASS)
final class ErrorCodeIT {
  private final ActiveMqTestBroker broker = new ActiveMqTestBroker();
  private TestBridge bridge;

  @BeforeAll
  void start() {
    bridge = TestBridge.start(FaultyProvider.settings(broker.settings().get("broker.url")));
  }

  @AfterAll
  void stop() {
    bridge.close();
    broker.close();
  }

  @AfterEach
  void repair() {
    FaultyProvider.breaksTemporaryTopics = false;
    FaultyProvider.temporaryTopics.countDown();
  }

  private static void assertFailed(Map<String, Object> answer, String code, boolean temporary) {
    assertThat(answer)
        .containsEntry("status", "failed")
        .containsEntry("errorCode", code)
        .containsEntry("temporary", temporary)
        .containsKey("errorMessage");
    assertThat(answer.toString()).doesNotContain("injected");
  }

  private static void assertRefused(Map<String, Object> receipt, String code, boolean temporary) {
    assertThat(receipt)
        .containsEntry("successful", false)
        .containsEntry("ext", Map.of("bridge", Map.of("temporary", temporary)));
    assertThat(receipt.get("error")).asString().startsWith(code + ":").doesNotContain("injected");
  }

  private double internalErrors() {
    return bridge.metric("longspan_internal_errors_total");
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aFailureOfTheBridgeItselfWhileSendingIsAnInternalErrorAndCounted(Transport transport) {
    double before = internalErrors();
    try (RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      assertRefused(
          alice.send("services/broken", Map.of("JMSCorrelationID", "q"), "x"),
          "internalError",
          true);
      assertFailed(alice.awaitAnswer("q"), "internalError", true);
      assertThat(internalErrors()).isEqualTo(before + 1);
      assertThat(alice.send("services/sound", Map.of(), "x")).containsEntry("successful", true);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aFailureOfTheBridgeItselfWhileSubscribingIsAnInternalErrorAndCounted(Transport transport) {
    double before = internalErrors();
    try (RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      Map<String, Object> answer = alice.subscribe("chat/broken");
      assertFailed(answer, "internalError", true);
      assertThat(answer)
          .containsEntry("failedTopics", List.of("chat/broken"))
          .containsEntry("topicTemporary", List.of(true));
      assertThat(internalErrors()).isEqualTo(before + 1);
      assertThat(alice.subscribe("chat/sound")).containsEntry("status", "success");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aFailureOfTheBridgeItselfWhileConnectingIsAnInternalErrorAndCounted(Transport transport) {
    double before = internalErrors();
    try (RawBayeuxClient alice = bridge.client(transport, "alice").handshake()) {
      FaultyProvider.breaksTemporaryTopics = true;
      assertFailed(alice.connect(), "internalError", true);
      assertThat(internalErrors()).isEqualTo(before + 1);
      FaultyProvider.breaksTemporaryTopics = false;
      assertThat(alice.connect()).containsEntry("status", "connected");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aFailureToConnectWithTheHandshakeIsOneAnswer(Transport transport) {
    try (RawBayeuxClient alice = bridge.client(transport, "alice")) {
      FaultyProvider.breaksTemporaryTopics = true;
      HandshakeConnectTests.handshake(
          alice, HandshakeConnectTests.connect("topics", List.of("chat/a")));
      HandshakeConnectTests.poll(alice);
      assertFailed(
          alice.awaitData(data -> "c-0".equals(data.get("correlationId"))), "internalError", true);
      FaultyProvider.breaksTemporaryTopics = false;
      alice.startPolling();
      assertThat(alice.connect()).containsEntry("status", "connected");
      assertThat(alice.data()).hasSize(2);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void theFirstPollWaitsUntilTheClientIsConnected(Transport transport) {
    FaultyProvider.temporaryTopics = new CountDownLatch(1);
    try (RawBayeuxClient alice = bridge.client(transport, "alice")) {
      HandshakeConnectTests.handshake(
          alice, HandshakeConnectTests.connect("topics", List.of("chat/a")));
      CompletableFuture<Map<String, Object>> poll = HandshakeConnectTests.startPoll(alice);
      // Meanwhile others are served.
      bridge.client(transport, "bob").handshake().close();
      FaultyProvider.temporaryTopics.countDown();
      RawBayeuxClient.await(poll);
      assertThat(alice.data().stream().map(data -> data.get("status")))
          .containsExactly("connected", "success");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void eachFailedTopicSaysWhetherItMaySucceedLater(Transport transport) {
    try (RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      Map<String, Object> answer =
          alice.subscribe("a b", "chat/broken", "unknown/x", "chat/sound", "chat/forbidden");
      assertThat(answer)
          .containsEntry("status", "failed")
          .containsEntry("temporary", true)
          .doesNotContainKey("errorCode")
          .containsEntry(
              "failedTopics", List.of("a b", "chat/broken", "unknown/x", "chat/forbidden"))
          .containsEntry("topicTemporary", List.of(false, true, false, true));
      assertThat(alice.subscribe("unknown/x"))
          .containsEntry("temporary", false)
          .containsEntry("topicTemporary", List.of(false));
      assertThat(alice.subscribe("chat/sound"))
          .containsEntry("status", "success")
          .doesNotContainKeys("temporary", "topicTemporary");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aMessageThatTheBrokerNeverTakesIsNotTemporary(Transport transport) {
    try (RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      assertRefused(
          alice.send("services/forbidden", Map.of("JMSCorrelationID", "f"), "x"),
          "sendFailed",
          false);
      assertFailed(alice.awaitAnswer("f"), "sendFailed", false);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void whatTheClientDoesWrongIsNotTemporary(Transport transport) {
    try (RawBayeuxClient alice = bridge.client(transport, "alice").handshake()) {
      assertFailed(alice.subscribe("chat/a"), "notConnected", false);
      assertFailed(alice.control("type", "nonsense"), "badRequest", false);
      assertFailed(
          alice.control("type", "connect", "protocolVersion", "0.9"), "unsupportedVersion", false);
      alice.connect();
      assertRefused(
          alice.send("secret/x", Map.of("JMSCorrelationID", "s"), "x"), "notAuthorized", false);
      assertFailed(alice.awaitAnswer("s"), "notAuthorized", false);
      assertRefused(
          alice.send("services/x", Map.of("JMSCorrelationID", "l"), "x".repeat(300_000)),
          "limitExceeded",
          false);
      assertFailed(alice.awaitAnswer("l"), "limitExceeded", false);
    }
  }
}
