package io.longspan.wire;

import static io.longspan.wire.WireTarget.unique;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who is present on a topic, over all bridges (protocol section 18). */
interface PresenceTests extends WireTarget {

  private TestBridge secondBridge() {
    Map<String, String> settings = new HashMap<>(settings());
    settings.put("bridge.id", "bridge-2");
    return TestBridge.start(settings);
  }

  private static Map<String, Object> tryWatch(RawBayeuxClient client, String topic) {
    return client.control("type", "topicSubscribe", "topics", List.of(topic), "presence", true);
  }

  private static void watch(RawBayeuxClient client, String topic) {
    assertThat(tryWatch(client, topic)).containsEntry("status", "success");
  }

  private static Map<String, Object> presence(RawBayeuxClient client, String... topics) {
    return client.control("type", "presence", "topics", List.of(topics));
  }

  /** Waits until a client sees so many clients and these users. */
  private static void awaitPresent(
      RawBayeuxClient client, String topic, int clients, String... users) {
    Map<String, Object> expected =
        Map.of("topic", topic, "clients", clients, "users", List.of(users));
    Awaitility.await()
        .atMost(java.time.Duration.ofSeconds(60))
        .untilAsserted(
            () ->
                assertThat(presence(client, topic))
                    .containsEntry("status", "success")
                    .containsEntry("topics", List.of(expected)));
  }

  /** Returns the names in the notices so far: {@code +bob} has joined, {@code -bob} has left. */
  private static List<String> notices(RawBayeuxClient client, String topic) {
    List<String> names = new ArrayList<>();
    for (Map<String, Object> data : client.data()) {
      if ("presence".equals(data.get("type")) && topic.equals(data.get("topic"))) {
        ((List<?>) data.get("joined")).forEach(user -> names.add("+" + user));
        ((List<?>) data.get("left")).forEach(user -> names.add("-" + user));
      }
    }
    return names;
  }

  private static void awaitNotices(RawBayeuxClient client, String topic, String... names) {
    Awaitility.await()
        .atMost(java.time.Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(notices(client, topic)).containsExactly(names));
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void usersJoinAndLeaveOnceOverAllBridges(Transport transport) {
    String topic = unique("team/t");
    try (TestBridge second = secondBridge();
        RawBayeuxClient alice = bridge().connected(transport, "alice");
        RawBayeuxClient bob = second.connected(transport, "bob");
        RawBayeuxClient bobAgain = bridge().connected(transport, "bob")) {
      watch(alice, topic);
      assertThat(bob.subscribe(topic)).containsEntry("status", "success");
      awaitNotices(alice, topic, "+bob");
      awaitPresent(alice, topic, 2, "alice", "bob");
      awaitPresent(bob, topic, 2, "alice", "bob");
      assertThat(bobAgain.subscribe(topic)).containsEntry("status", "success");
      awaitPresent(alice, topic, 3, "alice", "bob");
      bobAgain.control("type", "topicUnsubscribe", "topics", List.of(topic));
      awaitPresent(bob, topic, 2, "alice", "bob");
      bob.control("type", "disconnect");
      awaitNotices(alice, topic, "+bob", "-bob");
      assertThat(notices(bob, topic)).isEmpty();
      alice.control("type", "topicUnsubscribe", "topics", List.of(topic));
      awaitPresent(bobAgain, topic, 0);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aBridgeThatBeginsLaterOrStopsIsNoticed(Transport transport) {
    String topic = unique("team/t");
    try (RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      watch(alice, topic);
      try (TestBridge second = secondBridge()) {
        RawBayeuxClient bob = second.connected(transport, "bob");
        assertThat(presence(bob, topic))
            .containsEntry(
                "topics", List.of(Map.of("topic", topic, "clients", 1, "users", List.of("alice"))));
        watch(bob, topic);
        awaitNotices(alice, topic, "+bob");
        bob.closed = true;
      }
      awaitNotices(alice, topic, "+bob", "-bob");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aWatchCanComeWithTheHandshakeOrLater(Transport transport) {
    String topic = unique("team/t");
    try (RawBayeuxClient alice = bridge().client(transport, "alice");
        RawBayeuxClient root = bridge().connected(transport, "root");
        RawBayeuxClient bob = bridge().connected(transport, "bob")) {
      HandshakeConnectTests.handshake(
          alice, HandshakeConnectTests.connect("topics", List.of(topic), "presence", true));
      alice.startPolling();
      alice.awaitData(data -> "topicSubscribe".equals(data.get("type")));
      assertThat(root.subscribe(topic)).containsEntry("status", "success");
      watch(root, topic);
      bob.subscribe(topic);
      awaitNotices(root, topic, "+bob");
      Awaitility.await()
          .untilAsserted(
              () -> assertThat(notices(alice, topic)).containsExactlyInAnyOrder("+root", "+bob"));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aLostClientIsPresentUntilItCannotResume(Transport transport) {
    String topic = unique("team/t");
    Map<String, String> settings = new HashMap<>(settings());
    settings.put("bridge.id", "bridge-3");
    settings.put("session.maxInterval", "5s");
    settings.put("session.resumeWindow", "5s");
    try (TestBridge third = TestBridge.start(settings);
        RawBayeuxClient alice = third.connected(transport, "alice");
        RawBayeuxClient bob = third.client(transport, "bob").handshake()) {
      Object token = bob.connect().get("resumeToken");
      watch(alice, topic);
      bob.subscribe(topic);
      awaitNotices(alice, topic, "+bob");
      bob.stopPolling();
      bob.closed = true;
      bob.cut();
      try (RawBayeuxClient resumed = third.client(transport, "bob").handshake()) {
        assertThat(
                resumed.control(
                    "type",
                    "connect",
                    "protocolVersion",
                    "1.1",
                    "resume",
                    Map.of("token", token, "seq", 1)))
            .containsEntry("resumed", true);
        awaitPresent(alice, topic, 2, "alice", "bob");
        resumed.stopPolling();
        resumed.closed = true;
        resumed.cut();
        awaitNotices(alice, topic, "+bob", "-bob");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void onlyThoseWhoMaySeePresenceSeeIt(Transport transport) {
    String ward = unique("ward/w");
    String board = unique("board/b");
    String chat = unique("chat/c");
    try (RawBayeuxClient alice = bridge().connected(transport, "alice");
        RawBayeuxClient bob = bridge().connected(transport, "bob");
        RawBayeuxClient root = bridge().connected(transport, "root")) {
      assertThat(tryWatch(bob, ward))
          .containsEntry("status", "failed")
          .containsEntry("failedTopics", List.of(ward));
      assertThat(bob.subscribe(ward)).containsEntry("status", "success");
      assertThat(tryWatch(bob, ward)).containsEntry("status", "failed");
      Map<String, Object> refusal = presence(bob, ward, board, chat, "secret/x", "team/*", "a//b");
      assertThat(refusal)
          .containsEntry("status", "failed")
          .containsEntry("topics", List.of())
          .containsEntry("failedTopics", List.of(ward, board, chat, "secret/x", "team/*", "a//b"));
      // The refusals do not tell what exists.
      List<?> errors = (List<?>) refusal.get("topicErrors");
      assertThat(List.of(errors.get(0), errors.get(1), errors.get(2), errors.get(3)))
          .allMatch(error -> error.equals(errors.get(3)))
          .allMatch(error -> error.toString().startsWith("notAuthorized:"));
      root.subscribe(board);
      // The right to see presence is not the right to subscribe.
      awaitPresent(alice, board, 1, "root");
      assertThat(alice.subscribe(board)).containsEntry("status", "failed");
      assertThat(tryWatch(alice, board)).containsEntry("status", "failed");
      awaitPresent(alice, ward, 1, "bob");
      assertThat(notices(bob, ward)).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void usersWithTopicsOfTheirOwnDoNotSeeEachOther(Transport transport) {
    try (RawBayeuxClient alice = bridge().connected(transport, "alice");
        RawBayeuxClient bob = bridge().connected(transport, "bob")) {
      watch(alice, "post");
      watch(bob, "post");
      awaitPresent(alice, "post", 1, "alice");
      awaitPresent(bob, "post", 1, "bob");
      assertThat(notices(alice, "post")).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void whoLosesTheRightIsToldNoMore(Transport transport) {
    String topic = unique("team/t");
    Map<String, String> settings = new HashMap<>(settings());
    settings.put("bridge.id", "bridge-4");
    try (TestBridge bridge = TestBridge.start(settings);
        RawBayeuxClient alice = bridge.connected(transport, "alice");
        RawBayeuxClient bob = bridge.connected(transport, "bob");
        RawBayeuxClient root = bridge.connected(transport, "root")) {
      watch(alice, topic);
      watch(bob, topic);
      watch(root, topic);
      bridge.writeCatalogue(
          TestBridge.CATALOGUE.replace(
              "\"team/{room}\", kind: topic, send: [\"*\"], subscribe: [\"*\"], presence: true",
              "\"team/{room}\", kind: topic, subscribe: [sysadmin, trader], presence: [sysadmin]"));
      assertThat(alice.awaitData(data -> "presenceEnded".equals(data.get("type"))))
          .containsEntry("topics", List.of(topic))
          .containsEntry("reason", "accessRevoked");
      bob.awaitData(data -> "topicUnsubscribed".equals(data.get("type")));
      awaitNotices(root, topic, "-bob");
      assertThat(presence(alice, topic)).containsEntry("failedTopics", List.of(topic));
      assertThat(notices(alice, topic)).doesNotContain("-bob");
      assertThat(alice.data()).noneMatch(data -> "topicUnsubscribed".equals(data.get("type")));
    }
  }

  @Test
  default void whateverComesOnTheTopicOfBridgesIsChecked() {
    String topic = unique("team/t");
    String forged =
        "{\"instance\":\"forged-%s\",\"seq\":%d,\"type\":\"state\",\"part\":1,\"parts\":1,"
            + "\"entries\":[[\"%s\",\"%s\",\"mallory\",1]]}";
    try (RawBayeuxClient alice = bridge().connected(Transport.WEBSOCKET, "alice");
        TestService service = service()) {
      watch(alice, topic);
      awaitPresent(alice, topic, 1, "alice");
      double before = bridge().metric("longspan_presence_discarded_total");
      for (String text : List.of("", "{}", "[".repeat(100_000), "x".repeat(3 << 20))) {
        service.publish("bridge/presence", session -> session.createTextMessage(text));
      }
      service.publish("bridge/presence", session -> session.createMapMessage());
      Awaitility.await()
          .until(() -> bridge().metric("longspan_presence_discarded_total") >= before + 5);
      // A bridge that dies is noticed within 15 s.
      service.publish(
          "bridge/presence",
          session ->
              session.createTextMessage(forged.formatted(topic.substring(5), 1, topic, topic)));
      awaitNotices(alice, topic, "+mallory");
      awaitNotices(alice, topic, "+mallory", "-mallory");
      awaitPresent(alice, topic, 1, "alice");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void joinsOfManyClientsAreToldTogether(Transport transport) {
    List<String> topics =
        IntStream.range(0, 200).mapToObj(i -> unique("team/t" + i + "-")).toList();
    try (RawBayeuxClient alice = bridge().connected(transport, "alice");
        RawBayeuxClient bob = bridge().connected(transport, "bob")) {
      watch(alice, topics.get(0));
      for (int i = 0; i < 20; i++) {
        bob.control("type", "topicSubscribe", "topics", topics);
        bob.control("type", "topicUnsubscribe", "topics", topics);
      }
      bob.subscribe(topics.get(0));
      awaitPresent(alice, topics.get(0), 2, "alice", "bob");
      // However often bob has joined and left, what alice was told is consistent.
      Awaitility.await()
          .untilAsserted(
              () ->
                  assertThat(notices(alice, topics.get(0))).isNotEmpty().last().isEqualTo("+bob"));
      List<String> told = notices(alice, topics.get(0));
      for (int i = 0; i < told.size(); i++) {
        assertThat(told.get(i)).isEqualTo(i % 2 == 0 ? "+bob" : "-bob");
      }
    }
  }
}
