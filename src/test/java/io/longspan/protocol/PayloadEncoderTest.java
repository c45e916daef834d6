package io.longspan.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.longspan.protocol.GoldenMessages.Golden;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
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
    Object type = properties.remove("type");
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
        "topicMessage".equals(type)
            ? encoder.encodeTopicMessage(message, topic, Optional.ofNullable(subscription))
            : "snapshot".equals(type)
                ? encoder.encodeSnapshot(message, topic)
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

  static Stream<Golden> failures() {
    return Stream.of("control-answers.json", "notices.json")
        .flatMap(GoldenMessages::in)
        .filter(golden -> "failed".equals(golden.data().path("status").asText()));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void aFailureLooksAsTheProtocolSays(Golden golden) throws Exception {
    JsonNode data = golden.data();
    Optional<String> id = Optional.ofNullable(data.path("correlationId").textValue());
    Notice notice;
    if (data.has("failedTopics")) {
      notice = new Notice.Topics(id.orElseThrow(), topicFailures(data), whole(data), List.of());
    } else if (data.has("properties")) {
      notice =
          new Notice.SendFailed(
              Optional.ofNullable(data.at("/properties/JMSCorrelationID").textValue()),
              whole(data).orElseThrow());
    } else {
      notice = new Notice.ControlFailed(id, whole(data).orElseThrow());
    }
    assertThat(decoded(encoder.encode(notice))).isEqualTo(withoutSeq(data));
  }

  private static Optional<BridgeException> whole(JsonNode data) {
    return data.has("errorCode")
        ? Optional.of(
            failure(
                data.get("errorCode").asText(),
                data.get("errorMessage").asText(),
                data.get("temporary").asBoolean()))
        : Optional.empty();
  }

  private static Map<String, BridgeException> topicFailures(JsonNode data) {
    Map<String, BridgeException> failures = new LinkedHashMap<>();
    for (int i = 0; i < data.get("failedTopics").size(); i++) {
      String[] error = data.get("topicErrors").get(i).asText().split(":", 2);
      failures.put(
          data.get("failedTopics").get(i).asText(),
          failure(error[0], error[1], data.get("topicTemporary").get(i).asBoolean()));
    }
    return failures;
  }

  private static BridgeException failure(String wireName, String message, boolean temporary) {
    return Stream.of(ErrorCode.values())
        .filter(code -> code.wireName().equals(wireName) && code.isTemporary() == temporary)
        .findFirst()
        .map(code -> new BridgeException(code, message))
        .orElseThrow();
  }

  @Test
  void aFaultReadsInternalErrorAndIsReportedWhereItGetsItsCode() {
    List<Throwable> reported = new ArrayList<>();
    Throwable fault = new IllegalStateException("secret");
    BridgeException refusal = BridgeException.from(new CompletionException(fault), reported::add);
    assertThat(refusal.code()).isEqualTo(ErrorCode.INTERNAL_ERROR);
    assertThat(refusal.toBayeuxError()).doesNotContain("secret");
    assertThat(refusal).hasCause(fault);
    assertThat(BridgeException.from(new CompletionException(refusal), reported::add))
        .isSameAs(refusal);
    assertThat(reported).containsExactly(fault);
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
                new Notice.SendFailed(Optional.of("c-1"), BridgeException.notAuthorized())));
    assertThat(data.get("status").asText()).isEqualTo("failed");
    assertThat(data.get("errorCode").asText()).isEqualTo("notAuthorized");
    assertThat(data.at("/properties/JMSCorrelationID").asText()).isEqualTo("c-1");
  }

  @Test
  void aGapNamesEachTopicWithAnUnknownLoss() throws Exception {
    JsonNode data =
        decoded(
            encoder.encode(Notice.Gap.unknown(List.of("a", "b"), Notice.GapReason.BROKER_OUTAGE)));
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
