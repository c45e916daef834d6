package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.properties;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A user tries to read what is retained or queued and is no longer, or was not yet, his to read, or
 * to fill the memory with it (protocol sections 5, 6 and 10).
 */
interface RetentionAttacks extends AttackTarget {
  /** The first entry can be put before the others; the last one tells when it is in force. */
  String OPEN =
      """
      destinations:
        - {name: "prices/{market}/{symbol}", kind: topic, jms: "prices.{market}.{symbol}", subscribe: ["*"], wildcards: true, keep: {messages: 100}}
        - {name: "marker/{x}", kind: topic, subscribe: ["*"]}
      """;

  String NARROWED =
      """
      destinations:
        - {name: "prices/secret/{symbol}", kind: topic, jms: "prices.secret.{symbol}", subscribe: [sysadmin]}
        - {name: "prices/{market}/{symbol}", kind: topic, jms: "prices.{market}.{symbol}", subscribe: ["*"], wildcards: true, keep: {messages: 100}}
      """;

  private static String unique(String prefix) {
    return prefix + Long.toHexString(System.nanoTime());
  }

  private static Path write(Path file, String text) {
    try {
      return Files.writeString(file, text);
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }

  private static Path catalogue(String text) {
    try {
      return write(Files.createTempFile("longspan-test-", ".yaml"), text);
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }

  private static Predicate<Map<String, Object>> body(String body) {
    return data -> body.equals(data.get("body"));
  }

  private static Predicate<Map<String, Object>> revoked(String topic) {
    return data ->
        "topicUnsubscribed".equals(data.get("type")) && List.of(topic).equals(data.get("topics"));
  }

  private static Predicate<Map<String, Object>> notRecoverable(String topic) {
    return data ->
        "gap".equals(data.get("type"))
            && "notRecoverable".equals(data.get("reason"))
            && String.valueOf(data.get("topics")).contains(topic);
  }

  private static void publish(TestService service, String topic, String body) {
    service.publish(topic, session -> session.createTextMessage(body));
  }

  private static Map<String, Object> resume(RawBayeuxClient client, String topic, Object lastSeen) {
    return client.control(
        "type", "topicSubscribe", "topics", List.of(topic), "resumeFrom", Map.of(topic, lastSeen));
  }

  private static Object id(Map<String, Object> data) {
    return properties(data).get("JMSMessageID");
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void queuedAndRetainedMessagesOfANarrowedPatternAreNotDelivered(Transport transport) {
    Path file = catalogue(OPEN);
    try (TestBridge own = bridgeWith("catalogue", file.toString());
        TestService source = new TestService(broker().connectionFactory());
        RawBayeuxClient watcher = own.connected(transport, "alice");
        RawBayeuxClient bob = own.client(transport, "bob").acknowledging()) {
      bob.connected();
      assertThat(watcher.subscribe("prices/**", "marker/m")).containsEntry("status", "success");
      assertThat(bob.subscribe("prices/**")).containsEntry("status", "success");
      bob.endPolling();
      publish(source, "prices.eu.ABC", "open-1");
      publish(source, "prices.secret.ABC", "secret-1");
      publish(source, "prices.eu.ABC", "open-2");
      watcher.awaitData(body("open-2"));
      Object first = id(watcher.awaitData(body("open-1")));

      write(file, NARROWED);
      watcher.awaitData(revoked("marker/m"));
      publish(source, "prices.secret.ABC", "secret-2");
      publish(source, "prices.eu.ABC", "open-3");
      watcher.awaitData(body("open-3"));

      bob.startPolling();
      bob.awaitData(body("open-3"));
      bob.awaitData(notRecoverable("prices/**"));
      assertThat(bob.data()).noneMatch(data -> String.valueOf(data.get("body")).contains("secret"));
      assertThat(watcher.data()).noneMatch(body("secret-2"));
      try (RawBayeuxClient later = own.connected(transport, "bob")) {
        assertThat(resume(later, "prices/**", first))
            .containsEntry("recoveredTopics", List.of("prices/**"));
        publish(source, "prices.eu.ABC", "open-4");
        later.awaitData(body("open-4"));
        assertThat(later.data().stream().map(data -> data.get("body")).filter(b -> b != null))
            .containsExactly("open-2", "open-3", "open-4");
      }
    }
  }

  /** What was secret in between stays so, although the pattern covers its topic again. */
  @ParameterizedTest
  @EnumSource(Transport.class)
  default void messagesThatANarrowedPatternDiscardedStayDiscarded(Transport transport) {
    Path file = catalogue(OPEN);
    try (TestBridge own = bridgeWith("catalogue", file.toString());
        TestService source = new TestService(broker().connectionFactory());
        RawBayeuxClient alice = own.connected(transport, "alice")) {
      assertThat(alice.subscribe("prices/**", "marker/m")).containsEntry("status", "success");
      publish(source, "prices.eu.ABC", "open-1");
      Object first = id(alice.awaitData(body("open-1")));
      publish(source, "prices.secret.ABC", "secret-1");
      alice.awaitData(body("secret-1"));
      write(file, NARROWED);
      alice.awaitData(notRecoverable("prices/**"));
      publish(source, "prices.secret.ABC", "secret-2");
      publish(source, "prices.eu.ABC", "open-2");
      alice.awaitData(body("open-2"));
      write(file, OPEN);
      String probe = unique("marker/p");
      Awaitility.await().until(() -> "success".equals(alice.subscribe(probe).get("status")));
      try (RawBayeuxClient bob = own.connected(transport, "bob")) {
        assertThat(resume(bob, "prices/**", first))
            .containsEntry("recoveredTopics", List.of("prices/**"));
        publish(source, "prices.secret.ABC", "no secret any more");
        bob.awaitData(body("no secret any more"));
        assertThat(bob.data()).anyMatch(body("open-2"));
        assertThat(bob.data()).noneMatch(body("secret-1")).noneMatch(body("secret-2"));
      }
    }
  }

  private static String kept(String subscribe) {
    return "destinations: [{name: 'kept/{x}', kind: topic, send: ['*'], subscribe: %s, keep: {messages: 100}}]"
        .formatted(subscribe);
  }

  /** Resumes after a message that was published before the right was granted, and gets nothing. */
  private static void assertNothingFromBefore(
      RawBayeuxClient client, String topic, Object lastSeen, TestService source) {
    Awaitility.await()
        .until(
            () -> {
              Map<String, Object> answer = resume(client, topic, lastSeen);
              assertThat(answer).doesNotContainKey("recoveredTopics");
              return "success".equals(answer.get("status"));
            });
    client.awaitData(notRecoverable(topic));
    publish(source, topic, "after");
    client.awaitData(body("after"));
    assertThat(client.data())
        .noneMatch(data -> String.valueOf(data.get("body")).startsWith("before"));
  }

  /** Goes on after the last message that was really received. */
  private static void assertGoesOn(RawBayeuxClient client, String topic, Object lastSeen) {
    assertThat(resume(client, topic, lastSeen)).containsEntry("recoveredTopics", List.of(topic));
    client.awaitData(body("missed"));
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void messagesFromBeforeACatalogueGrantAreNotDelivered(Transport transport) {
    Path file = catalogue(kept("['user:alice']"));
    String topic = unique("kept/k");
    try (TestBridge own = bridgeWith("catalogue", file.toString());
        TestService source = new TestService(broker().connectionFactory());
        RawBayeuxClient alice = own.connected(transport, "alice");
        RawBayeuxClient bob = own.connected(transport, "bob")) {
      assertThat(alice.subscribe(topic)).containsEntry("status", "success");
      publish(source, topic, "before-1");
      publish(source, topic, "before-2");
      Object first = id(alice.awaitData(body("before-1")));
      alice.awaitData(body("before-2"));
      write(file, kept("['user:alice', 'user:bob']"));
      assertNothingFromBefore(bob, topic, first, source);
      bob.close();
      publish(source, topic, "missed");
      alice.awaitData(body("missed"));
      try (RawBayeuxClient back = own.connected(transport, "bob")) {
        assertGoesOn(back, topic, id(bob.awaitData(body("after"))));
      }
      // Who was granted it all along goes on as ever.
      alice.close();
      try (RawBayeuxClient back = own.connected(transport, "alice")) {
        assertGoesOn(back, topic, first);
        assertThat(back.data()).anyMatch(body("before-2"));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void messagesFromBeforeAGrantOfTheServiceAreNotDelivered(Transport transport) {
    String topic = unique("kept/k");
    try (TestBridge own = bridgeWithCatalogue(kept("{ask: services/authorization}"));
        AuthorizationServiceStub authorization =
            new AuthorizationServiceStub(broker().connectionFactory());
        TestService source = new TestService(broker().connectionFactory());
        RawBayeuxClient alice = own.connected(transport, "alice");
        RawBayeuxClient bob = own.connected(transport, "bob")) {
      assertThat(alice.subscribe(topic)).containsEntry("status", "success");
      publish(source, topic, "before-1");
      publish(source, topic, "before-2");
      Object first = id(alice.awaitData(body("before-1")));
      alice.awaitData(body("before-2"));
      assertNothingFromBefore(bob, topic, first, source);
      bob.close();
      publish(source, topic, "missed");
      alice.awaitData(body("missed"));
      try (RawBayeuxClient back = own.connected(transport, "bob")) {
        assertGoesOn(back, topic, id(bob.awaitData(body("after"))));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void messagesPublishedWhileARightWasRevokedAreNotDelivered(Transport transport) {
    String topic = unique("kept/k");
    try (TestBridge own = bridgeWithCatalogue(kept("{ask: services/authorization}"));
        AuthorizationServiceStub authorization =
            new AuthorizationServiceStub(broker().connectionFactory());
        TestService source = new TestService(broker().connectionFactory());
        RawBayeuxClient alice = own.connected(transport, "alice");
        RawBayeuxClient bob = own.connected(transport, "bob")) {
      assertThat(alice.subscribe(topic)).containsEntry("status", "success");
      assertThat(bob.subscribe(topic)).containsEntry("status", "success");
      publish(source, topic, "seen");
      Object seen = id(bob.awaitData(body("seen")));
      bob.close();
      authorization.refuse("bob");
      int questions = authorization.questions();
      authorization.announce(topic);
      // Alice is asked about anew, so the event was heard.
      Awaitility.await().until(() -> authorization.questions() > questions);
      publish(source, topic, "before-1");
      alice.awaitData(body("before-1"));
      authorization.allow("bob");
      authorization.announce(topic);
      try (RawBayeuxClient back = own.connected(transport, "bob")) {
        assertNothingFromBefore(back, topic, seen, source);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void messagesFromBeforeAUserHadTheRoleAreNotDelivered(Transport transport) {
    String topic = unique("kept/k");
    TestHooks.setRoles("A", "viewer");
    try (TestBridge own = bridgeWithCatalogue(kept("[trader]"));
        TestService source = new TestService(broker().connectionFactory());
        RawBayeuxClient alice = own.connected(transport, "alice");
        RawBayeuxClient viewer = transport.client(own.cometd(), "A", "odd").connected()) {
      assertThat(alice.subscribe(topic)).containsEntry("status", "success");
      publish(source, topic, "before-1");
      publish(source, topic, "before-2");
      Object first = id(alice.awaitData(body("before-1")));
      alice.awaitData(body("before-2"));
      assertThat(viewer.subscribe(topic)).containsEntry("failedTopics", List.of(topic));
      TestHooks.setRoles("A", "trader");
      try (RawBayeuxClient trader = transport.client(own.cometd(), "A", "odd").connected()) {
        assertNothingFromBefore(trader, topic, first, source);
      }
    } finally {
      TestHooks.restoreRoles("A");
    }
  }

  /** A role that a bridge never saw the user without counts as held: failing over loses nothing. */
  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aTopicGrantedByRoleCanBeResumedOnAnotherBridge(Transport transport) {
    String topic = unique("kept/k");
    String catalogue = kept("[trader, sysadmin]");
    try (TestBridge one = bridgeWithCatalogue(catalogue);
        TestBridge other = bridgeWithCatalogue(catalogue);
        TestService source = new TestService(broker().connectionFactory());
        RawBayeuxClient root = other.connected(transport, "root");
        RawBayeuxClient alice = one.connected(transport, "alice")) {
      assertThat(root.subscribe(topic)).containsEntry("status", "success");
      assertThat(alice.subscribe(topic)).containsEntry("status", "success");
      publish(source, topic, "seen");
      Object seen = id(alice.awaitData(body("seen")));
      alice.cut();
      publish(source, topic, "missed");
      root.awaitData(body("missed"));
      try (RawBayeuxClient moved = other.connected(transport, "alice")) {
        assertGoesOn(moved, topic, seen);
      }
    }
  }

  private static void fill(RawBayeuxClient client, String topic, int messages) {
    String text = "x".repeat(240_000);
    for (int i = 0; i < messages; i++) {
      assertThat(client.send(topic, Map.of("n", i), text)).containsEntry("successful", true);
    }
    int last = messages - 1;
    client.awaitData(
        data ->
            topic.equals(properties(data).get("topic"))
                && Integer.valueOf(last).equals(properties(data).get("n")));
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aUserWhoFillsManyTopicsEvictsOnlyItsOwnMessages(Transport transport) {
    String room = unique("kept/k");
    String bobs = unique("kept/b");
    try (TestBridge own = bridgeWith("limits.totalBytes", "64MiB", "limits.userBytes", "16MiB");
        TestService source = new TestService(broker().connectionFactory());
        RawBayeuxClient alice = own.connected(transport, "alice")) {
      Object seen;
      try (RawBayeuxClient bob = own.connected(transport, "bob")) {
        assertThat(bob.subscribe(bobs)).containsEntry("status", "success");
        publish(source, bobs, "seen");
        seen = id(bob.awaitData(body("seen")));
      }
      publish(source, bobs, "missed");
      Object firstOfAlice = null;
      for (int i = 0; i < 12; i++) {
        String topic = room + "-" + i;
        assertThat(alice.subscribe(topic)).containsEntry("status", "success");
        fill(alice, topic, 4);
        if (i == 0) {
          firstOfAlice =
              id(
                  alice.awaitData(
                      data ->
                          topic.equals(properties(data).get("topic"))
                              && Integer.valueOf(0).equals(properties(data).get("n"))));
        }
        assertThat(alice.control("type", "topicUnsubscribe", "topics", List.of(topic)))
            .containsEntry("status", "success");
      }
      assertThat(own.metric("longspan_retained_evicted_total")).isPositive();
      assertThat(own.metric("longspan_budget_bytes{purpose=\"retained\"}"))
          .isPositive()
          .isLessThanOrEqualTo(8.1 * 1024 * 1024);
      assertThat(resume(alice, room + "-0", firstOfAlice)).doesNotContainKey("recoveredTopics");
      alice.awaitData(notRecoverable(room + "-0"));
      try (RawBayeuxClient bob = own.connected(transport, "bob")) {
        assertGoesOn(bob, bobs, seen);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void theLingeringSubscriptionsOfAUserAreLimited(Transport transport) {
    String room = unique("kept/k");
    try (TestBridge own = bridgeWith("limits.topicsPerClient", "5");
        RawBayeuxClient alice = own.connected(transport, "alice")) {
      for (int i = 0; i < 40; i++) {
        String topic = room + "-" + i;
        assertThat(alice.subscribe(topic)).containsEntry("status", "success");
        assertThat(alice.control("type", "topicUnsubscribe", "topics", List.of(topic)))
            .containsEntry("status", "success");
      }
      assertThat(own.metric("longspan_subscriptions")).isLessThanOrEqualTo(5);
    }
  }
}
