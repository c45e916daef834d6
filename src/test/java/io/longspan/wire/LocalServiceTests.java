package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.message;
import static io.longspan.wire.RawBayeuxClient.properties;
import static io.longspan.wire.WireTarget.unique;
import static java.util.concurrent.CompletableFuture.completedFuture;
import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.local.LocalMessage;
import io.longspan.local.LocalRequest;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Services inside the bridge's process (protocol section 19), on both transports. */
interface LocalServiceTests {
  String CATALOGUE =
      """
      destinations:
        - {name: "local/secret/{x}", kind: local, send: [sysadmin]}
        - {name: "local/short/{x}", kind: local, send: ["*"], timeToLive: 200ms, properties: {tier: silver}}
        - {name: "local/{x...}", kind: local, send: ["*"]}
        - {name: "absent/{x}", kind: local, send: ["*"]}
      """;

  TestBridge bridge();

  private static String answerOf(RawBayeuxClient client, String id) {
    return (String) client.awaitAnswer(id).get("body");
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aServiceSeesTheUserAndAnswers(Transport transport) {
    for (String name : List.of(unique("local/s"), unique("local/quick/s"))) {
      AtomicReference<LocalRequest> seen = new AtomicReference<>();
      ScriptedLocalService.on(
          name,
          (request, parts) -> {
            seen.set(request);
            return completedFuture(
                new LocalMessage(
                    Map.of("n", 7, "big", Long.MAX_VALUE, "ok", true), "hello " + request.text()));
          });
      try (RawBayeuxClient alice = bridge().connected(transport, "alice")) {
        assertThat(
                alice.send(
                    name, Map.of("JMSCorrelationID", "r-1", "operation", "greet", "n", 5), "you"))
            .containsEntry("successful", true);
        Map<String, Object> answer = alice.awaitAnswer("r-1");
        assertThat(answer).containsEntry("body", "hello you").doesNotContainKey("replyTo");
        assertThat(properties(answer))
            .containsEntry("n", 7)
            .containsEntry("big", "9223372036854775807")
            .containsEntry("ok", true)
            .containsKeys("JMSMessageID", "JMSTimestamp")
            .doesNotContainKeys("sequence", "done");
        LocalRequest request = seen.get();
        assertThat(request.destination()).isEqualTo(name);
        assertThat(request.user()).isEqualTo("alice");
        assertThat(request.roles()).isEqualTo(Set.of("trader", "editor"));
        assertThat(request.correlationId()).contains("r-1");
        assertThat(request.bodyFormat()).isEqualTo("text");
        assertThat(request.properties())
            .containsEntry("operation", "greet")
            .containsEntry("n", 5)
            .containsEntry("runAsUser", "alice")
            .containsEntry("bridgeId", "bridge-1")
            .containsEntry("bridgeClientId", alice.clientId());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void bytesAndJsonTravelBothWays(Transport transport) {
    String name = unique("local/s");
    AtomicReference<LocalRequest> seen = new AtomicReference<>();
    ScriptedLocalService.on(
        name,
        (request, parts) -> {
          seen.set(request);
          return ScriptedLocalService.echo(request, parts);
        });
    try (RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      alice.publish(
          "/anzo/bridge",
          message(
              "destination",
              name,
              "properties",
              Map.of("JMSCorrelationID", "b"),
              "body",
              "AAH/",
              "bodyFormat",
              "base64"));
      assertThat(alice.awaitAnswer("b"))
          .containsEntry("body", "AAH/")
          .containsEntry("bodyFormat", "base64");
      assertThat((byte[]) seen.get().body()).containsExactly(0, 1, -1);
      alice.send(name, Map.of("JMSCorrelationID", "j"), Map.of("a", 1));
      assertThat(answerOf(alice, "j")).isEqualTo("{\"a\":1}");
      assertThat(seen.get().bodyFormat()).isEqualTo("json");
      alice.send(name, Map.of("JMSCorrelationID", "n"), null);
      assertThat(alice.awaitAnswer("n")).containsEntry("body", null);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void anAnswerMayHaveParts(Transport transport) {
    String name = unique("local/s");
    ScriptedLocalService.on(
        name,
        (request, parts) -> {
          assertThat(parts.send(LocalMessage.text("one"))).isTrue();
          parts.send(LocalMessage.text("two").with("done", "true").with("sequence", 9));
          return CompletableFuture.supplyAsync(() -> LocalMessage.text("three"));
        });
    try (RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      alice.send(name, Map.of("JMSCorrelationID", "p"), "x");
      alice.awaitData(d -> "three".equals(d.get("body")));
      List<Map<String, Object>> answers =
          alice.data().stream()
              .filter(d -> "p".equals(properties(d).get("JMSCorrelationID")))
              .toList();
      assertThat(answers).extracting(d -> d.get("body")).containsExactly("one", "two", "three");
      assertThat(answers).extracting(d -> properties(d).get("sequence")).containsExactly(1, 2, 3);
      assertThat(answers)
          .extracting(d -> properties(d).get("done"))
          .containsExactly("false", "false", "true");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aCancelledRequestGetsNothingMore(Transport transport) {
    String name = unique("local/s");
    AtomicReference<LocalRequest> seen = new AtomicReference<>();
    CompletableFuture<LocalMessage> answer = new CompletableFuture<>();
    ScriptedLocalService.on(
        name,
        (request, parts) -> {
          seen.set(request);
          return answer;
        });
    try (RawBayeuxClient alice = bridge().connected(transport, "alice");
        RawBayeuxClient other = bridge().connected(transport, "alice")) {
      alice.send(name, Map.of("JMSCorrelationID", "c"), "x");
      Awaitility.await().until(() -> seen.get() != null);
      Map<String, Object> cancel = Map.of("JMSCorrelationID", "c", "cancel", true);
      assertThat(other.send(name, cancel, null)).containsEntry("successful", true);
      assertThat(alice.send(unique("local/other"), cancel, null)).containsEntry("successful", true);
      assertThat(seen.get().isCancelled()).isFalse();
      double late = bridge().metric("longspan_local_late_total");
      assertThat(alice.send(name, cancel, null)).containsEntry("successful", true);
      Awaitility.await().until(() -> seen.get().isCancelled());
      answer.complete(LocalMessage.text("too late"));
      assertThat(bridge().metric("longspan_local_late_total")).isEqualTo(late + 1);
      ScriptedLocalService.on(name, ScriptedLocalService::echo);
      alice.send(name, Map.of("JMSCorrelationID", "next"), "x");
      alice.awaitAnswer("next");
      assertThat(alice.data()).noneMatch(d -> "too late".equals(d.get("body")));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aFailingServiceHasANamedOutcomeAndHurtsOnlyItsCaller(Transport transport) {
    String name = unique("local/quick/s");
    try (RawBayeuxClient alice = bridge().connected(transport, "alice");
        RawBayeuxClient bob = bridge().connected(transport, "bob")) {
      List<ScriptedLocalService.Script> scripts =
          List.of(
              (request, parts) -> {
                throw new IllegalStateException("secret reason");
              },
              (request, parts) -> {
                throw new StackOverflowError();
              },
              (request, parts) -> null,
              (request, parts) -> completedFuture(null),
              (request, parts) ->
                  CompletableFuture.failedFuture(new IllegalStateException("secret reason")),
              (request, parts) -> completedFuture(LocalMessage.text("x").with("JMSReplyTo", "y")));
      for (int i = 0; i < scripts.size(); i++) {
        ScriptedLocalService.on(name, scripts.get(i));
        String id = "f-" + i;
        assertThat(alice.send(name, Map.of("JMSCorrelationID", id), "x"))
            .containsEntry("successful", true);
        assertThat(alice.awaitAnswer(id))
            .containsEntry("status", "failed")
            .containsEntry("errorCode", "serviceFailed")
            .containsEntry("temporary", true)
            .containsEntry("errorMessage", "the service failed");
      }
      assertThat(alice.received().toString()).doesNotContain("secret reason");
      ScriptedLocalService.on(name, ScriptedLocalService::echo);
      for (RawBayeuxClient client : List.of(alice, bob)) {
        client.send(name, Map.of("JMSCorrelationID", "after"), "x");
        assertThat(answerOf(client, "after")).isEqualTo("x");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aServiceThatNeverAnswersFailsAtTheDeadline(Transport transport) {
    String name = unique("local/short/s");
    AtomicReference<LocalRequest> seen = new AtomicReference<>();
    ScriptedLocalService.on(
        name,
        (request, parts) -> {
          seen.set(request);
          return new CompletableFuture<>();
        });
    try (RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      alice.send(name, Map.of("JMSCorrelationID", "never", "tier", "gold"), "x");
      assertThat(alice.awaitAnswer("never"))
          .containsEntry("errorCode", "serviceFailed")
          .containsEntry("errorMessage", "the service did not answer in time");
      assertThat(seen.get().isCancelled()).isTrue();
      assertThat(seen.get().properties()).containsEntry("tier", "silver");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aServiceThatBlocksDelaysNeitherOtherUsersNorOtherServices(Transport transport)
      throws Exception {
    String name = unique("local/s");
    CountDownLatch release = new CountDownLatch(1);
    ScriptedLocalService.on(
        name,
        (request, parts) -> {
          if (request.text().equals("block")) {
            release.await();
          }
          return ScriptedLocalService.echo(request, parts);
        });
    try (RawBayeuxClient alice = bridge().connected(transport, "alice");
        RawBayeuxClient bob = bridge().connected(transport, "bob")) {
      for (int i = 0; i < 40; i++) {
        assertThat(alice.send(name, Map.of("JMSCorrelationID", "block-" + i), "block"))
            .containsEntry("successful", true);
      }
      bob.send(name, Map.of("JMSCorrelationID", "bob"), "x");
      assertThat(answerOf(bob, "bob")).isEqualTo("x");
      String quick = unique("local/quick/s");
      ScriptedLocalService.on(quick, ScriptedLocalService::echo);
      alice.send(quick, Map.of("JMSCorrelationID", "quick"), "x");
      assertThat(answerOf(alice, "quick")).isEqualTo("x");
      release.countDown();
      for (int i = 0; i < 40; i++) {
        alice.awaitAnswer("block-" + i);
      }
    } finally {
      release.countDown();
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void theThreadOfACancelledCallIsInterrupted(Transport transport) throws Exception {
    String name = unique("local/s");
    CountDownLatch called = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    ScriptedLocalService.on(
        name,
        (request, parts) -> {
          called.countDown();
          try {
            return completedFuture(new CompletableFuture<LocalMessage>().get());
          } finally {
            interrupted.countDown();
          }
        });
    try (RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      alice.send(name, Map.of("JMSCorrelationID", "c"), "x");
      assertThat(called.await(60, TimeUnit.SECONDS)).isTrue();
      alice.send(name, Map.of("JMSCorrelationID", "c", "cancel", true), null);
      assertThat(interrupted.await(60, TimeUnit.SECONDS)).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aCallEndsWithItsClient(Transport transport) {
    String name = unique("local/s");
    AtomicReference<LocalRequest> seen = new AtomicReference<>();
    CompletableFuture<LocalMessage> answer = new CompletableFuture<>();
    ScriptedLocalService.on(
        name,
        (request, parts) -> {
          seen.set(request);
          return answer;
        });
    try (RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      alice.send(name, Map.of("JMSCorrelationID", "c"), "x");
      Awaitility.await().until(() -> seen.get() != null);
      assertThat(alice.control("type", "disconnect")).containsEntry("status", "disconnected");
      Awaitility.await().until(() -> seen.get().isCancelled());
      answer.complete(LocalMessage.text("too late"));
      assertThat(alice.connect()).containsEntry("status", "connected");
      ScriptedLocalService.on(name, ScriptedLocalService::echo);
      alice.send(name, Map.of("JMSCorrelationID", "next"), "x");
      alice.awaitAnswer("next");
      assertThat(alice.data()).noneMatch(d -> "too late".equals(d.get("body")));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void anAnswerNeverReachesALaterRequestWithTheSameCorrelationId(Transport transport) {
    String name = unique("local/s");
    CompletableFuture<LocalMessage> first = new CompletableFuture<>();
    CompletableFuture<LocalMessage> second = new CompletableFuture<>();
    AtomicReference<LocalRequest> seen = new AtomicReference<>();
    ScriptedLocalService.on(
        name,
        (request, parts) -> {
          if (request.text().equals("first")) {
            seen.set(request);
            return first;
          }
          return second;
        });
    try (RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      alice.send(name, Map.of("JMSCorrelationID", "same"), "first");
      Awaitility.await().until(() -> seen.get() != null);
      alice.send(name, Map.of("JMSCorrelationID", "same"), "second");
      Awaitility.await().until(() -> seen.get().isCancelled());
      first.complete(LocalMessage.text("to the first"));
      second.complete(LocalMessage.text("to the second"));
      assertThat(answerOf(alice, "same")).isEqualTo("to the second");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aServiceThatIsNotPresentIsNamed(Transport transport) {
    try (RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      assertThat(alice.send("absent/x", Map.of("JMSCorrelationID", "a"), "x").get("error"))
          .isEqualTo("sendFailed:the service is not present now");
      assertThat(alice.awaitAnswer("a"))
          .containsEntry("errorCode", "sendFailed")
          .containsEntry("temporary", true);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aServiceThatFloodsEndsOnlyItsCaller(Transport transport) {
    String name = unique("local/s");
    CompletableFuture<Boolean> stopped = new CompletableFuture<>();
    ScriptedLocalService.on(
        name,
        (request, parts) -> {
          if (request.text().equals("flood")) {
            LocalMessage part = LocalMessage.text("x".repeat(10_000));
            while (parts.send(part)) {
              Thread.onSpinWait();
            }
            stopped.complete(true);
          }
          return ScriptedLocalService.echo(request, parts);
        });
    try (RawBayeuxClient alice = bridge().connected(transport, "alice");
        RawBayeuxClient bob = bridge().connected(transport, "bob")) {
      alice.stopPolling();
      alice.send(name, Map.of("JMSCorrelationID", "f"), "flood");
      RawBayeuxClient.await(stopped);
      bob.send(name, Map.of("JMSCorrelationID", "b"), "x");
      assertThat(answerOf(bob, "b")).isEqualTo("x");
    }
  }

  // Attacks

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void nobodyCallsAServiceWithoutTheRight(Transport transport) {
    String name = unique("local/secret/s");
    List<LocalRequest> calls = new CopyOnWriteArrayList<>();
    ScriptedLocalService.on(
        name,
        (request, parts) -> {
          calls.add(request);
          return ScriptedLocalService.echo(request, parts);
        });
    try (RawBayeuxClient alice = bridge().connected(transport, "alice");
        RawBayeuxClient root = bridge().connected(transport, "root")) {
      for (String tried :
          List.of(name, "local//" + name, "local/x/../" + name, "./" + name, "local", "other/x")) {
        assertThat(alice.send(tried, Map.of("JMSCorrelationID", "no"), "x"))
            .as(tried)
            .containsEntry("successful", false);
      }
      assertThat(alice.send(name, Map.of("cancel", true, "JMSCorrelationID", "1"), null))
          .containsEntry("successful", false);
      assertThat(alice.subscribe(name)).containsEntry("status", "failed");
      root.send(name, Map.of("JMSCorrelationID", "yes"), "x");
      root.awaitAnswer("yes");
      assertThat(calls).extracting(LocalRequest::user).containsExactly("root");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void identityCannotBeForged(Transport transport) {
    String name = unique("local/s");
    AtomicReference<LocalRequest> seen = new AtomicReference<>();
    ScriptedLocalService.on(
        name,
        (request, parts) -> {
          seen.set(request);
          return ScriptedLocalService.echo(request, parts);
        });
    try (RawBayeuxClient bob = bridge().connected(transport, "bob")) {
      bob.send(
          name,
          Map.of(
              "JMSCorrelationID", "f",
              "runAsUser", "root",
              "RUNASUSER", "root",
              "bridgeClientId", "x",
              "bridgeSignature", "x",
              "JMSXUserID", "root",
              "JMSReplyTo", "x"),
          "x");
      bob.awaitAnswer("f");
      LocalRequest request = seen.get();
      assertThat(request.user()).isEqualTo("bob");
      assertThat(request.roles()).isEqualTo(Set.of("viewer"));
      assertThat(request.properties())
          .containsEntry("runAsUser", "bob")
          .containsEntry("bridgeClientId", bob.clientId())
          .doesNotContainKeys("RUNASUSER", "bridgeSignature", "JMSXUserID", "JMSReplyTo");
    }
  }
}
