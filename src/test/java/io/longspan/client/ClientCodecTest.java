package io.longspan.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longspan.client.Incoming.Answer;
import io.longspan.client.Incoming.BridgeStatus;
import io.longspan.client.Incoming.Delivered;
import io.longspan.client.Incoming.Gap;
import io.longspan.client.Incoming.Outcome;
import io.longspan.client.Incoming.QueuesRevoked;
import io.longspan.client.Incoming.TopicsRevoked;
import io.longspan.client.Incoming.Unknown;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The same golden messages as the bridge and the other clients. */
final class ClientCodecTest {

  /** A golden message. */
  record Golden(String file, Map<String, Object> fields) {
    Map<String, Object> data() {
      return Json.object(fields, "data");
    }

    Map<String, Object> expect() {
      return Json.object(fields, "expect");
    }

    @Override
    public String toString() {
      return file + ": " + fields.get("name");
    }
  }

  private static Stream<Golden> read(String... files) {
    return Stream.of(files)
        .flatMap(
            file -> {
              try {
                Path path = Path.of("src/test/resources/protocol", file + ".json");
                return ((List<?>) Json.parse(Files.readString(path)))
                    .stream().map(each -> new Golden(file, Json.object(Map.of("g", each), "g")));
              } catch (IOException x) {
                throw new IllegalStateException(x);
              }
            });
  }

  static Stream<Golden> received() {
    return read("control-answers", "notices", "deliveries", "queues", "durable")
        .filter(golden -> "bridgeToClient".equals(golden.fields().get("direction")));
  }

  static Stream<Golden> sent() {
    return read("sends")
        .filter(golden -> !golden.expect().containsKey("errorCode"))
        .filter(
            golden ->
                !List.of("text", "json").contains(String.valueOf(golden.data().get("bodyFormat"))));
  }

  @ParameterizedTest
  @MethodSource("received")
  void readsWhatTheBridgeSends(Golden golden) {
    Map<String, Object> derived = derive(Codec.decode(golden.data()));
    golden
        .expect()
        .forEach((name, value) -> assertThat(derived.get(name)).as(name).isEqualTo(value));
  }

  /** Returns what the client derives, by the names of the golden messages. */
  private static Map<String, Object> derive(Incoming incoming) {
    Map<String, Object> all = new HashMap<>();
    if (incoming instanceof Answer answer) {
      all.put("kind", "answer");
      all.put("correlationId", answer.correlationId());
      all.put("ok", answer.ok());
      putRefusal(all, answer.refusal());
      all.put("failedTopics", answer.failedTopics());
      all.put("topicErrors", answer.topicErrors());
      all.put("topicTemporary", answer.topicTemporary());
      all.put("failedDeliveries", answer.failedDeliveries());
      all.put("userRoles", answer.info().userRoles());
      all.put("isSysadmin", answer.info().isSysadmin());
      all.put("userUri", answer.info().userUri().orElse(null));
    } else if (incoming instanceof Outcome outcome) {
      all.put("kind", "outcome");
      all.put("correlationId", outcome.correlationId());
      all.put("ok", outcome.ok());
      putRefusal(all, outcome.refusal());
    } else if (incoming instanceof Delivered delivered) {
      putMessage(all, delivered.message());
    } else {
      putNotice(all, incoming);
    }
    return all;
  }

  private static void putRefusal(Map<String, Object> all, Incoming.Refusal refusal) {
    all.put("errorCode", refusal.errorCode());
    all.put("errorMessage", refusal.errorMessage());
    all.put("temporary", refusal.temporary());
  }

  private static void putMessage(Map<String, Object> all, Message message) {
    all.put("kind", "message");
    all.put("body", message.body());
    all.put("bodyFormat", message.bodyFormat());
    all.put("properties", message.properties());
    all.put("correlationId", message.correlationId().orElse(null));
    all.put("topic", message.topic().orElse(null));
    all.put("subscription", message.subscription().orElse(null));
    all.put("queue", message.queue().orElse(null));
    all.put("replyTo", message.replyTo().orElse(null));
    all.put("delivery", message.delivery().orElse(null));
    all.put("last", message.isLast());
    all.put("deliveryCount", new QueueMessage(message, command -> null).deliveryCount());
    message.sequence().ifPresent(sequence -> all.put("sequence", sequence));
  }

  private static void putNotice(Map<String, Object> all, Incoming incoming) {
    all.put("kind", "notice");
    if (incoming instanceof TopicsRevoked event) {
      all.put("type", "topicUnsubscribed");
      all.put("topics", event.topics());
      all.put("reason", event.reason());
    } else if (incoming instanceof QueuesRevoked event) {
      all.put("type", "queueUnsubscribed");
      all.put("queues", event.queues());
      all.put("reason", event.reason());
    } else if (incoming instanceof BridgeStatus event) {
      all.put("type", "bridgeStatus");
      all.put("status", event.status());
      all.put("broker", event.broker().orElse(null));
    } else if (incoming instanceof Gap event) {
      all.put("type", "gap");
      all.put("reason", event.reason());
      all.put("topics", event.topics().stream().map(ClientCodecTest::plain).toList());
    }
  }

  private static Map<String, Object> plain(ClientListener.MissedTopic missed) {
    Map<String, Object> plain = new LinkedHashMap<>();
    plain.put("topic", missed.topic());
    plain.put("lost", missed.lost().isPresent() ? (int) missed.lost().getAsLong() : null);
    return plain;
  }

  @ParameterizedTest
  @MethodSource("sent")
  void canSendWhatTheBridgeReads(Golden golden) {
    Map<String, Object> data = golden.data();
    String target = data.containsKey("replyTo") ? "replyTo" : "destination";
    Object body =
        "base64".equals(data.get("bodyFormat"))
            ? Base64.getDecoder().decode((String) data.get("body"))
            : data.get("body");
    Map<String, Object> properties = new HashMap<>(Json.object(data, "properties"));
    properties.values().removeIf(Objects::isNull);
    Map<String, Object> expected = new LinkedHashMap<>();
    expected.put("properties", properties);
    expected.put("body", null);
    expected.putAll(data);
    assertThat(
            Codec.encodeSend(
                Map.entry(target, (String) data.get(target)),
                body,
                SendOptions.NONE.withProperties(properties)))
        .isEqualTo(expected);
  }

  @Test
  void otherDataIsUnknown() {
    for (Object data : new Object[] {null, 1, "text", List.of(), Map.of(), Map.of("type", "new")}) {
      assertThat(Codec.decode(data)).isEqualTo(new Unknown(data));
    }
  }

  @Test
  void countsBytesAsTheBridgeDoes() {
    Map<String, Object> euros =
        Codec.encodeSend(Map.entry("destination", "d"), "\u20ac".repeat(100), SendOptions.NONE);
    Codec.checkSize(euros, Map.of("messageBytes", 300));
    assertThatThrownBy(() -> Codec.checkSize(euros, Map.of("messageBytes", 299)))
        .isInstanceOf(LongspanException.Refused.class)
        .hasMessageContaining("300 bytes");
  }
}
