package io.longspan.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.longspan.protocol.GoldenMessages.Golden;
import io.longspan.protocol.Notice.TopicUnsubscribed.Reason;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The golden messages of durable subscriptions (protocol section 16). */
final class DurableMessagesTest {
  private final ControlDecoder decoder = new ControlDecoder();
  private final PayloadEncoder encoder = new PayloadEncoder();

  static Stream<Golden> fromClients() {
    return GoldenMessages.in("durable.json").filter(golden -> golden.data().has("correlationId"));
  }

  static Stream<Golden> toClients() {
    return GoldenMessages.in("durable.json").filter(golden -> golden.data().has("seq"));
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
    Optional<String> name = Optional.ofNullable(golden.data().path("durable").textValue());
    if (command instanceof ControlCommand.TopicSubscribe subscribe) {
      assertThat(subscribe.durable()).isEqualTo(name);
    } else {
      assertThat(((ControlCommand.TopicUnsubscribe) command).forget()).isEqualTo(name);
    }
  }

  @ParameterizedTest
  @MethodSource("toClients")
  void theBridgeWritesItAsTheProtocolSays(Golden golden) throws Exception {
    ObjectNode data = golden.data().deepCopy();
    data.remove("seq");
    Payload payload =
        data.has("delivery")
            ? message(data)
            : encoder.encode(
                new Notice.TopicUnsubscribed(
                    List.of(data.path("topics").path(0).asText()), Reason.TAKEN_OVER));
    assertThat(GoldenMessages.JSON.readTree("{" + payload.members() + "}")).isEqualTo(data);
  }

  private Payload message(JsonNode data) {
    Map<String, Object> properties =
        GoldenMessages.JSON.convertValue(
            data.get("properties"), new TypeReference<LinkedHashMap<String, Object>>() {});
    String topic = (String) properties.remove("topic");
    boolean again = properties.remove("JMSRedelivered") != null;
    properties.remove("type");
    return encoder.encodeDurableMessage(
        new BrokerMessage("jms", properties, data.get("body").asText(), null, Optional.empty()),
        topic,
        again,
        data.get("delivery").asText());
  }
}
