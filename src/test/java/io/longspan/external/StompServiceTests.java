package io.longspan.external;

import static io.longspan.wire.RawBayeuxClient.properties;
import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.wire.RawBayeuxClient;
import io.longspan.wire.Transport;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.messaging.simp.stomp.StompHeaders;

/** Services that are STOMP clients written by someone else; a subclass names the broker. */
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(120)
abstract class StompServiceTests {
  private ExternalBroker broker;
  private ExecutableWar bridge;

  abstract ExternalBroker startBroker();

  /** Returns the beginning of the reply addresses that the broker gives to STOMP clients. */
  abstract String replyPrefix();

  /** Returns how a STOMP client writes the name of a queue. */
  abstract String queue(String name);

  /** Returns the headers by which the broker takes a subscription for one to a queue. */
  abstract Map<String, String> queueHeaders();

  /** Returns how a STOMP client writes the name of a topic. */
  abstract String topic(String name);

  /** Returns the headers by which the broker takes a frame for a message to a topic. */
  abstract Map<String, String> topicHeaders();

  @BeforeAll
  void start() {
    broker = startBroker();
    bridge = new ExecutableWar("stomp", broker.settings());
  }

  @AfterAll
  void stop() {
    if (bridge != null) {
      bridge.close();
    }
    if (broker != null) {
      broker.close();
    }
  }

  private RawBayeuxClient connected(Transport transport, String user) {
    return transport.client(bridge.base().resolve("cometd"), user, user).connected();
  }

  private static String text(Map<String, Object> data) {
    String body = (String) data.get("body");
    return "base64".equals(data.get("bodyFormat"))
        ? new String(Base64.getDecoder().decode(body), StandardCharsets.UTF_8)
        : body;
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aStompClientSeesWhoAsksAndItsAnswerComesBack(Transport transport) {
    String queue = "services/stomp" + Long.toHexString(System.nanoTime());
    try (StompService service =
            new StompService(broker.stompPort()).greet(queue(queue), queueHeaders());
        RawBayeuxClient alice = connected(transport, "alice");
        RawBayeuxClient bob = connected(transport, "bob")) {
      assertThat(
              alice.send(
                  queue,
                  Map.of("JMSCorrelationID", "r:1", "runAsUser", "root", "operation", "greet"),
                  "héllo"))
          .containsEntry("successful", true);
      StompHeaders request = service.awaitRequest();
      assertThat(request.get("runAsUser")).containsExactly("alice");
      assertThat(request.get("operation")).containsExactly("greet");
      assertThat(request.get("bridgeId")).containsExactly("stomp");
      assertThat(request.get("bridgeClientId")).containsExactly(alice.clientId());
      String replyTo = request.getFirst("reply-to");
      assertThat(replyTo).startsWith(replyPrefix());

      Map<String, Object> answer = alice.awaitAnswer("r:1");
      // Spring's client writes a content-length, by which both brokers take the body for bytes.
      assertThat(answer).containsEntry("bodyFormat", "base64");
      assertThat(text(answer)).isEqualTo("Hello alice, you said héllo");
      assertThat(properties(answer)).containsEntry("mood", "good").doesNotContainKey("type");
      assertThat(service.errors()).isEmpty();

      String name = replyTo.substring(replyPrefix().length());
      assertThat(name).isNotBlank();
      assertThat(alice.received().toString()).doesNotContain(name, replyPrefix() + name);
      assertThat(bob.data()).noneMatch(d -> d.containsKey("properties"));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void whatAStompClientPublishesReachesSubscribers(Transport transport) {
    String topic = "chat/stomp" + Long.toHexString(System.nanoTime());
    try (StompService service = new StompService(broker.stompPort());
        RawBayeuxClient alice = connected(transport, "alice")) {
      assertThat(alice.subscribe(topic)).containsEntry("status", "success");
      service.send(topic(topic), topicHeaders(), "news");
      Map<String, Object> news = alice.awaitData(d -> d.containsKey("properties"));
      assertThat(text(news)).isEqualTo("news");
      assertThat(properties(news))
          .containsEntry("type", "topicMessage")
          .containsEntry("topic", topic);
      assertThat(service.errors()).isEmpty();
    }
  }
}
