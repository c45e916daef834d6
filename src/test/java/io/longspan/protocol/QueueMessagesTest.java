package io.longspan.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.longspan.protocol.GoldenMessages.Golden;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The golden messages of a consumer of queues (protocol section 15). */
final class QueueMessagesTest {
  private final ControlDecoder decoder = new ControlDecoder();
  private final PayloadEncoder encoder = new PayloadEncoder();

  static Stream<Golden> fromClients() {
    return GoldenMessages.in("queues.json")
        .filter(golden -> golden.data().has("type"))
        .filter(golden -> golden.data().has("correlationId"));
  }

  static Stream<Golden> toClients() {
    return GoldenMessages.in("queues.json").filter(golden -> golden.data().has("seq"));
  }

  @ParameterizedTest
  @MethodSource("fromClients")
  void aMessageOfAClientIsTakenOrRefused(Golden golden) {
    if (golden.expect().has("errorCode")) {
      assertThatThrownBy(() -> decoder.decode(golden.parsed()))
          .isInstanceOf(BridgeException.class)
          .extracting(x -> ((BridgeException) x).code().wireName())
          .isEqualTo(golden.expect().get("errorCode").asText());
      return;
    }
    ControlCommand command = decoder.decode(golden.parsed());
    JsonNode data = golden.data();
    if (command instanceof ControlCommand.QueueSubscribe subscribe) {
      assertThat(subscribe.queue()).isEqualTo(data.path("queue").asText());
      assertThat(subscribe.prefetch()).isEqualTo(data.path("prefetch").asInt(1));
      assertThat(subscribe.selector())
          .isEqualTo(Optional.ofNullable(data.path("selector").textValue()));
    } else if (command instanceof ControlCommand.Settle settle) {
      assertThat(settle.deliveries()).isEqualTo(texts(data.path("deliveries")));
    } else {
      assertThat(command).isInstanceOf(ControlCommand.QueueUnsubscribe.class);
    }
  }

  private static List<String> texts(JsonNode array) {
    return GoldenMessages.JSON.convertValue(array, new TypeReference<>() {});
  }

  @ParameterizedTest
  @MethodSource("toClients")
  void theBridgeWritesItAsTheProtocolSays(Golden golden) throws Exception {
    ObjectNode data = golden.data().deepCopy();
    data.remove("seq");
    Payload payload = data.has("delivery") ? message(data) : encoder.encode(notice(data));
    assertThat(GoldenMessages.JSON.readTree("{" + payload.members() + "}")).isEqualTo(data);
  }

  private static Notice notice(JsonNode data) {
    if (data.has("queues")) {
      return new Notice.QueueUnsubscribed(texts(data.get("queues")));
    }
    String id = data.get("correlationId").asText();
    return data.has("failedDeliveries")
        ? new Notice.Settled(id, texts(data.get("failedDeliveries")))
        : new Notice.QueueAnswer(id);
  }

  private Payload message(JsonNode data) {
    Map<String, Object> properties =
        GoldenMessages.JSON.convertValue(
            data.get("properties"), new TypeReference<LinkedHashMap<String, Object>>() {});
    int count = (Integer) properties.remove("JMSXDeliveryCount");
    String queue = (String) properties.remove("queue");
    properties.remove("type");
    return encoder.encodeQueueMessage(
        new BrokerMessage("jobs", properties, data.get("body").asText(), null, Optional.empty()),
        queue,
        count,
        data.get("delivery").asText());
  }
}
