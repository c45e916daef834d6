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
  default void whatIsQueuedOrRetainedOfANarrowedPatternReachesNobody(Transport transport) {
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
  default void whatANarrowedPatternDiscardedDoesNotComeBackWithTheRight(Transport transport) {
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
}
