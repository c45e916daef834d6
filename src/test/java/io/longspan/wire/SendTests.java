package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.message;
import static io.longspan.wire.RawBayeuxClient.properties;
import static io.longspan.wire.TestService.text;
import static io.longspan.wire.WireTarget.unique;
import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.config.LongspanConfig.ReplyMode;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.TextMessage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Messages from a client into JMS (protocol section 3). */
interface SendTests extends WireTarget {

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void theServiceReceivesTheUserNameAndTheClientReceivesTheAnswer(Transport transport)
      throws Exception {
    String queue = unique("services/s");
    try (TestService service = service().serve(queue, TestService::echo);
        RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      assertThat(
              alice.send(
                  queue,
                  Map.of(
                      "JMSCorrelationID",
                      "r-1",
                      "JMSPriority",
                      7,
                      "JMSType",
                      "greeting",
                      "JMSDeliveryMode",
                      "PERSISTENT",
                      "timeToLive",
                      60_000,
                      "operation",
                      "greet",
                      "count",
                      5,
                      "ratio",
                      0.5,
                      "yes",
                      true),
                  "héllo"))
          .containsEntry("successful", true);
      Map<String, Object> answer = alice.awaitAnswer("r-1");
      assertThat(answer).containsEntry("body", "héllo").doesNotContainKey("bodyFormat");
      assertThat(properties(answer)).containsKeys("JMSMessageID", "JMSTimestamp");
      Message request = service.awaitFirst();
      assertThat(request.getStringProperty("runAsUser")).isEqualTo("alice");
      assertThat(request.getStringProperty("bridgeId")).isEqualTo("bridge-1");
      assertThat(request.getStringProperty("bridgeClientId")).isEqualTo(alice.clientId());
      assertThat(request.getStringProperty("bodyFormat")).isEqualTo("text");
      assertThat(request.getStringProperty("operation")).isEqualTo("greet");
      assertThat(request.getObjectProperty("count")).isEqualTo(5);
      assertThat(request.getObjectProperty("ratio")).isEqualTo(0.5);
      assertThat(request.getObjectProperty("yes")).isEqualTo(true);
      assertThat(request.getJMSPriority()).isEqualTo(7);
      assertThat(request.getJMSType()).isEqualTo("greeting");
      assertThat(request.getJMSDeliveryMode()).isEqualTo(DeliveryMode.PERSISTENT);
      assertThat(request.getJMSExpiration()).isPositive();
      assertThat(request.getJMSReplyTo()).isNotNull();
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void theBridgeRemovesReservedPropertiesOnQueuesAndTopics(Transport transport)
      throws Exception {
    String queue = unique("services/s");
    String topic = unique("chat/c");
    Map<String, Object> forged =
        Map.of(
            "RunAsUser", "root",
            "runAsUser", "root",
            "JMSXUserID", "root",
            "jmsreplyto", "queue://x",
            "BRIDGECLIENTID", "c",
            "_AMQ_GROUP_ID", "g",
            "AMQ_SCHEDULED_DELAY", 60_000,
            "CamelJmsDestinationName", "x",
            "kept", "k");
    try (TestService service = service().serve(queue, (s, m) -> {}).watch(topic);
        RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      Map<String, Object> request = new HashMap<>(forged);
      request.put("JMSCorrelationID", "r-1");
      assertThat(alice.send(queue, request, "q")).containsEntry("successful", true);
      assertThat(alice.send(topic, forged, "t")).containsEntry("successful", true);
      for (String body : List.of("q", "t")) {
        Message message = service.await(m -> body.equals(text(m)));
        List<String> names = new ArrayList<>();
        message.getPropertyNames().asIterator().forEachRemaining(n -> names.add((String) n));
        assertThat(names)
            .contains("runAsUser", "bridgeId", "bridgeClientId", "kept")
            .doesNotContain(
                "RunAsUser",
                "BRIDGECLIENTID",
                "AMQ_SCHEDULED_DELAY",
                "CamelJmsDestinationName",
                "_AMQ_GROUP_ID",
                "jmsreplyto");
        assertThat(message.getStringProperty("runAsUser")).isEqualTo("alice");
        if (body.equals("t") && replies() == ReplyMode.QUEUE) {
          assertThat(message.getJMSReplyTo()).isNull();
        } else {
          assertThat(message.getJMSReplyTo()).isNotNull();
        }
      }
      assertThat(
              alice.awaitData(
                  d -> "success".equals(d.get("status")) && !d.containsKey("correlationId")))
          .containsKey("properties");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void theServiceReceivesJsonAsTextAndBase64AsBytes(Transport transport) throws Exception {
    String queue = unique("services/s");
    try (TestService service = service().serve(queue, (s, m) -> {});
        RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      alice.send(queue, Map.of("JMSCorrelationID", "r-1", "k", "json"), Map.of("a", List.of(1, 2)));
      alice.publish(
          "/anzo/bridge",
          message(
              "destination",
              queue,
              "properties",
              Map.of("JMSCorrelationID", "r-2", "k", "bytes"),
              "body",
              "AAH/",
              "bodyFormat",
              "base64"));
      Message json = service.await(m -> "json".equals(property(m, "k")));
      assertThat(((TextMessage) json).getText()).isEqualTo("{\"a\":[1,2]}");
      assertThat(property(json, "bodyFormat")).isEqualTo("json");
      Message bytes = service.await(m -> "bytes".equals(property(m, "k")));
      assertThat(bytes.getBody(byte[].class)).containsExactly(0, 1, -1);
      assertThat(property(bytes, "bodyFormat")).isEqualTo("base64");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void theBridgeAuthorisesEachSendAndReturnsAReceipt(Transport transport) {
    try (RawBayeuxClient bob = bridge().connected(transport, "bob")) {
      for (String destination : List.of("secret/x", "prices/eu/ABC", "unknown/x", "inbox")) {
        Map<String, Object> reply =
            bob.send(destination, Map.of("JMSCorrelationID", destination), "x");
        assertThat(reply).containsEntry("successful", false);
        assertThat(reply.get("error")).asString().startsWith("notAuthorized:");
        assertThat(bob.awaitAnswer(destination))
            .containsEntry("status", "failed")
            .containsEntry("errorCode", "notAuthorized");
      }
      Map<String, Object> reply = bob.send("a b", Map.of("JMSCorrelationID", "bad"), "x");
      assertThat(reply.get("error")).asString().startsWith("badRequest:");
      assertThat(bob.send("chat/a", Map.of("JMSCorrelationID", "good"), "x"))
          .containsEntry("successful", true);
      assertThat(bob.awaitAnswer("good")).containsEntry("status", "success");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void messagesOfOneRequestReachTheQueueInOrder(Transport transport) {
    String queue = unique("services/s");
    try (TestService service = service().serve(queue, (s, m) -> {});
        RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      List<Map<String, Object>> batch =
          IntStream.range(0, 200)
              .mapToObj(i -> message("channel", "/anzo/bridge", "data", numbered(queue, i)))
              .toList();
      List<CompletableFuture<Map<String, Object>>> replies = alice.startAll(batch);
      replies.forEach(
          reply -> assertThat(RawBayeuxClient.await(reply)).containsEntry("successful", true));
      Awaitility.await().until(() -> service.received().size() == 200);
      assertThat(service.received().stream().map(TestService::text))
          .containsExactlyElementsOf(IntStream.range(0, 200).mapToObj(String::valueOf).toList());
    }
  }

  @Test
  default void messagesOfManyFramesReachTheQueueInOrder() {
    String queue = unique("services/s");
    try (TestService service = service().serve(queue, (s, m) -> {});
        RawBayeuxClient alice = bridge().connected(Transport.WEBSOCKET, "alice")) {
      List<CompletableFuture<Map<String, Object>>> replies = new ArrayList<>();
      for (int i = 0; i < 200; i += 5) {
        replies.addAll(
            alice.startAll(
                IntStream.range(i, i + 5)
                    .mapToObj(n -> message("channel", "/anzo/bridge", "data", numbered(queue, n)))
                    .toList()));
      }
      replies.forEach(
          reply -> assertThat(RawBayeuxClient.await(reply)).containsEntry("successful", true));
      Awaitility.await().until(() -> service.received().size() == 200);
      assertThat(service.received().stream().map(TestService::text))
          .containsExactlyElementsOf(IntStream.range(0, 200).mapToObj(String::valueOf).toList());
    }
  }

  private static Map<String, Object> numbered(String queue, int number) {
    return message(
        "destination",
        queue,
        "properties",
        Map.of("JMSCorrelationID", "r-" + number),
        "body",
        String.valueOf(number));
  }

  private static String property(Message message, String name) {
    try {
      return message.getStringProperty(name);
    } catch (JMSException x) {
      throw new IllegalStateException(x);
    }
  }
}
