package io.longspan.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.longspan.protocol.GoldenMessages.Golden;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class PayloadEncoderTest {
  private final PayloadEncoder encoder = new PayloadEncoder();

  static Stream<Golden> deliveries() {
    return GoldenMessages.in("deliveries.json");
  }

  @ParameterizedTest
  @MethodSource("deliveries")
  void aMessageFromJmsLooksAsTheProtocolSays(Golden golden) throws Exception {
    JsonNode data = golden.data();
    Map<String, Object> properties = new LinkedHashMap<>();
    data.get("properties")
        .fields()
        .forEachRemaining(
            p ->
                properties.put(
                    p.getKey(), GoldenMessages.JSON.convertValue(p.getValue(), Object.class)));
    boolean fromTopic = "topicMessage".equals(properties.remove("type"));
    String topic = (String) properties.remove("topic");
    String subscription = (String) properties.remove("subscription");
    BrokerMessage message =
        new BrokerMessage(
            "some.name",
            properties,
            GoldenMessages.JSON.convertValue(data.get("body"), Object.class),
            data.path("bodyFormat").textValue(),
            Optional.empty());
    Payload payload =
        fromTopic
            ? encoder.encodeTopicMessage(message, topic, Optional.ofNullable(subscription))
            : encoder.encode(message, Optional.ofNullable(data.path("replyTo").textValue()));
    assertThat(decoded(payload)).isEqualTo(withoutSeq(data));
  }

  private static JsonNode decoded(Payload payload) throws Exception {
    return GoldenMessages.JSON.readTree("{" + payload.members() + "}");
  }

  private static JsonNode withoutSeq(JsonNode data) {
    ObjectNode copy = data.deepCopy();
    copy.remove("seq");
    return copy;
  }

  @Test
  void aPayloadKnowsItsSizeInBytes() {
    Payload payload = Payload.ofObject("{\"a\":\"é\"}");
    assertThat(payload.members()).isEqualTo("\"a\":\"é\"");
    assertThat(payload.size()).isEqualTo("\"a\":\"é\"".getBytes(StandardCharsets.UTF_8).length);
  }

  @Test
  void aFailureCarriesItsCodeAndItsCorrelationId() throws Exception {
    JsonNode data =
        decoded(
            encoder.encode(
                new Answer.SendFailed(Optional.of("c-1"), BridgeException.notAuthorized())));
    assertThat(data.get("status").asText()).isEqualTo("failed");
    assertThat(data.get("errorCode").asText()).isEqualTo("notAuthorized");
    assertThat(data.at("/properties/JMSCorrelationID").asText()).isEqualTo("c-1");
  }

  @Test
  void aGapNamesEachTopicWithAnUnknownLoss() throws Exception {
    JsonNode data =
        decoded(
            encoder.encode(
                Answer.Gap.unknown(java.util.List.of("a", "b"), Answer.GapReason.BROKER_OUTAGE)));
    Golden golden =
        GoldenMessages.in("notices.json")
            .filter(g -> g.name().startsWith("a gap of unknown size"))
            .findFirst()
            .orElseThrow();
    assertThat(data.fieldNames()).toIterable().containsExactly("type", "topics", "reason");
    assertThat(data.at("/topics/1/lost").isNull()).isTrue();
    assertThat(data.get("reason")).isEqualTo(golden.data().get("reason"));
  }
}
