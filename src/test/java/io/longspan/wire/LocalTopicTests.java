package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.properties;
import static io.longspan.wire.WireTarget.unique;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longspan.local.LocalMessage;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Topics inside the bridge's process (protocol section 19), on both transports. */
interface LocalTopicTests {
  String CATALOGUE =
      """
        - {name: "quotes/closed/{symbol}", kind: local, subscribe: [sysadmin]}
        - {name: "quotes/{market}/{symbol}", kind: local, send: [trader], subscribe: ["*"], wildcards: true}
        - {name: "news/{room}", kind: local, subscribe: ["*"], keep: {messages: 100, bytes: 1MiB, age: 5m}}
        - {name: "state/{x}", kind: local, subscribe: ["*"], snapshot: local/state}
        - {name: "own/{user}", kind: local, subscribe: ["*"]}
        - {name: "all/{x...}", kind: local, subscribe: ["*"], wildcards: true}
      """;

  TestBridge bridge();

  private static void publish(String topic, String text) {
    ScriptedLocalService.topics().publish(topic, LocalMessage.text(text));
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aLocalServiceGivesTheStateFirst(Transport transport) {
    String topic = unique("state/s");
    ScriptedLocalService.on(
        "local/state",
        (request, parts) -> {
          publish(topic, "meanwhile");
          return CompletableFuture.completedFuture(LocalMessage.text("for " + request.user()));
        });
    try (RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      assertThat(alice.subscribe(topic)).containsEntry("status", "success");
      publish(topic, "later");
      alice.awaitData(d -> "later".equals(d.get("body")));
      assertThat(alice.data().stream().map(d -> d.get("body")).filter(b -> b != null))
          .containsExactly("for alice", "meanwhile", "later");
      ScriptedLocalService.on(
          "local/state",
          (request, parts) -> {
            throw new IllegalStateException("no state");
          });
      assertThat(alice.subscribe(unique("state/t"))).containsEntry("temporary", true);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aServicePublishesToSubscribersAndPatterns(Transport transport) {
    String market = unique("m");
    try (RawBayeuxClient alice = bridge().connected(transport, "alice");
        RawBayeuxClient bob = bridge().connected(transport, "bob")) {
      assertThat(alice.subscribe("quotes/" + market + "/ABC")).containsEntry("status", "success");
      assertThat(bob.subscribe("quotes/" + market + "/*", "quotes/**"))
          .containsEntry("status", "success");
      ScriptedLocalService.topics()
          .publish("quotes/" + market + "/XYZ", LocalMessage.text("other").with("n", 1));
      publish("quotes/" + market + "/ABC", "price");
      Map<String, Object> received = alice.awaitData(d -> "price".equals(d.get("body")));
      assertThat(properties(received))
          .containsEntry("type", "topicMessage")
          .containsEntry("topic", "quotes/" + market + "/ABC")
          .containsKey("JMSMessageID");
      assertThat(alice.data()).noneMatch(d -> "other".equals(d.get("body")));
      for (String pattern : List.of("quotes/" + market + "/*", "quotes/**")) {
        Map<String, Object> matched =
            bob.awaitData(
                d ->
                    "other".equals(d.get("body"))
                        && pattern.equals(properties(d).get("subscription")));
        assertThat(properties(matched))
            .containsEntry("topic", "quotes/" + market + "/XYZ")
            .containsEntry("n", 1);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aClientPublishesIfItMay(Transport transport) {
    String topic = "quotes/" + unique("m") + "/ABC";
    try (RawBayeuxClient alice = bridge().connected(transport, "alice");
        RawBayeuxClient bob = bridge().connected(transport, "bob")) {
      assertThat(bob.subscribe(topic)).containsEntry("status", "success");
      assertThat(bob.send(topic, Map.of(), "x").get("error"))
          .asString()
          .startsWith("notAuthorized:");
      assertThat(alice.send(topic, Map.of("JMSCorrelationID", "s", "JMSType", "t"), "from alice"))
          .containsEntry("successful", true);
      assertThat(alice.awaitAnswer("s")).containsEntry("status", "success");
      assertThat(properties(bob.awaitData(d -> "from alice".equals(d.get("body")))))
          .containsEntry("runAsUser", "alice")
          .containsEntry("JMSType", "t")
          .containsEntry("topic", topic);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aTopicResumesFromTheLastMessageSeen(Transport transport) {
    String topic = unique("news/r");
    try (RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      alice.subscribe(topic);
      publish(topic, "first");
      Object id =
          properties(alice.awaitData(d -> "first".equals(d.get("body")))).get("JMSMessageID");
      alice.control("type", "topicUnsubscribe", "topics", List.of(topic));
      publish(topic, "second");
      publish(topic, "third");
      assertThat(
              alice.control(
                  "type", "topicSubscribe",
                  "topics", List.of(topic),
                  "resumeFrom", Map.of(topic, id)))
          .containsEntry("recoveredTopics", List.of(topic));
      alice.awaitData(d -> "third".equals(d.get("body")));
      assertThat(alice.data().stream().map(d -> d.get("body")).filter(b -> b != null).toList())
          .containsExactly("first", "second", "third");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aSelectorIsRefused(Transport transport) {
    try (RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      assertThat(
              alice
                  .control(
                      "type", "topicSubscribe",
                      "topics", List.of("quotes/a/b"),
                      "selector", "n > 5")
                  .toString())
          .contains("badRequest");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aPatternDeliversNoTopicOfAnotherEntryOrOfTheBridge(Transport transport) {
    String symbol = unique("S");
    try (RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      assertThat(alice.subscribe("quotes/**", "all/**")).containsEntry("status", "success");
      assertThat(alice.subscribe("own/bob", "own/*", "own/**", "bridge/clients", "**", "news/*"))
          .extracting("failedTopics")
          .asList()
          .hasSize(6);
      assertThat(alice.subscribe("own/alice")).containsEntry("status", "success");
      publish("quotes/closed/" + symbol, "secret");
      publish("own/bob", "secret");
      publish("quotes/a/" + symbol, "public");
      alice.awaitData(d -> "public".equals(d.get("body")));
      assertThat(alice.data()).noneMatch(d -> "secret".equals(d.get("body")));
    }
    for (String name : List.of("bridge/push", "bridge/x", "a//b", "", "a/*", "a/../b", "a b")) {
      assertThatThrownBy(() -> publish(name, "x"))
          .as(name)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
