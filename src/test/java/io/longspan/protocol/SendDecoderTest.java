package io.longspan.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.longspan.protocol.GoldenMessages.Golden;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SendDecoderTest {
  private final SendDecoder decoder = new SendDecoder(1024, 2000, 5);

  static Stream<Golden> sends() {
    return GoldenMessages.in("sends.json");
  }

  @ParameterizedTest
  @MethodSource("sends")
  void aMessageIsTakenOrRefusedAsTheProtocolSays(Golden golden) throws Exception {
    JsonNode expect = golden.expect();
    if (expect.has("errorCode")) {
      assertRefused(golden.parsed(), expect.get("errorCode").asText());
      return;
    }
    SendCommand command = decoder.decode(golden.parsed());
    assertThat(target(command))
        .isEqualTo(expect.path("destination").asText(expect.path("replyTo").asText()));
    assertThat(headers(command)).isEqualTo(withDefaults(expect.get("headers")));
    assertThat(GoldenMessages.JSON.valueToTree(command.properties()).toString())
        .isEqualTo(expect.get("properties").toString());
    assertThat(command.stripped()).isEqualTo(expect.path("removed").size());
    assertThat(command.body().format()).isEqualTo(expect.get("bodyFormat").asText());
    assertThat(body(command)).isEqualTo(body(expect));
  }

  private static String target(SendCommand command) {
    return command.target() instanceof SendCommand.Destination to
        ? to.name().value()
        : ((SendCommand.ReplyHandle) command.target()).handle();
  }

  private static Map<String, Object> headers(SendCommand command) {
    Map<String, Object> headers = new LinkedHashMap<>();
    headers.put("JMSCorrelationID", command.headers().correlationId().orElse(null));
    headers.put("JMSPriority", command.headers().priority());
    headers.put("JMSType", command.headers().type().orElse(null));
    headers.put(
        "JMSDeliveryMode", command.headers().persistent() ? "PERSISTENT" : "NON_PERSISTENT");
    headers.put("timeToLive", command.headers().timeToLive());
    return headers;
  }

  private static Map<String, Object> withDefaults(JsonNode given) {
    Map<String, Object> headers = new LinkedHashMap<>();
    headers.put("JMSCorrelationID", given.path("JMSCorrelationID").textValue());
    headers.put("JMSPriority", given.path("JMSPriority").asInt(4));
    headers.put("JMSType", given.path("JMSType").textValue());
    headers.put("JMSDeliveryMode", given.path("JMSDeliveryMode").asText("NON_PERSISTENT"));
    headers.put("timeToLive", given.path("timeToLive").asLong(0));
    return headers;
  }

  private static Object body(SendCommand command) throws Exception {
    if (command.body() instanceof MessageBody.Bytes bytes) {
      return Base64.getEncoder().encodeToString(bytes.bytes());
    }
    String text = ((MessageBody.Text) command.body()).text();
    return command.body().format().equals("json") ? GoldenMessages.JSON.readTree(text) : text;
  }

  private static Object body(JsonNode expect) throws Exception {
    String text = expect.get("body").textValue();
    return expect.get("bodyFormat").asText().equals("json")
        ? GoldenMessages.JSON.readTree(text)
        : text;
  }

  private void assertRefused(Object data, String code) {
    assertThatThrownBy(() -> decoder.decode(data))
        .isInstanceOf(BridgeException.class)
        .extracting(x -> ((BridgeException) x).code().wireName())
        .isEqualTo(code);
  }

  @Test
  void aBodyOverTheLimitIsRefused() {
    assertRefused(Map.of("destination", "a", "body", "x".repeat(1025)), "limitExceeded");
    assertThat(decoder.decode(Map.of("destination", "a", "body", "x".repeat(1024))).body().size())
        .isEqualTo(1024);
  }

  @Test
  void theLimitCountsBytesAndPropertiesToo() {
    assertRefused(Map.of("destination", "a", "body", "é".repeat(513)), "limitExceeded");
    assertRefused(
        Map.of("destination", "a", "body", "", "properties", Map.of("p", "x".repeat(1024))),
        "limitExceeded");
  }

  @Test
  void aStringPropertyIsBoundedInBytes() {
    SendDecoder bounded = new SendDecoder(100_000, 64, 8);
    for (String fits : List.of("x".repeat(64), "é".repeat(32), "€".repeat(21))) {
      assertThat(
              bounded
                  .decode(Map.of("destination", "a", "properties", Map.of("p", fits)))
                  .properties())
          .containsEntry("p", fits);
    }
    for (String tooLong : List.of("x".repeat(65), "é".repeat(33), "€".repeat(22))) {
      assertThatThrownBy(
              () -> bounded.decode(Map.of("destination", "a", "properties", Map.of("p", tooLong))))
          .isInstanceOf(BridgeException.class)
          .hasMessage("property p is longer than 64 bytes");
    }
  }

  @Test
  void jsonThatNestsTooDeepIsRefused() {
    Object deep = List.of(List.of(List.of(List.of(1))));
    assertThat(decoder.decode(Map.of("destination", "a", "body", deep)).body().format())
        .isEqualTo("json");
    assertRefused(Map.of("destination", "a", "body", List.of(deep)), "limitExceeded");
  }

  @Test
  void aStringUnderJsonMustBeJson() {
    Map<String, Object> good = Map.of("destination", "a", "body", "[1]", "bodyFormat", "json");
    assertThat(((MessageBody.Text) decoder.decode(good).body()).text()).isEqualTo("[1]");
    assertRefused(Map.of("destination", "a", "body", "[1", "bodyFormat", "json"), "badRequest");
  }

  @Test
  void aMessageWithoutBodyIsATextMessageWithoutText() {
    assertThat(decoder.decode(Map.of("destination", "a")).body())
        .isEqualTo(new MessageBody.Text(null, "text"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "1 2", "{} x", "{\"a\":1}]"})
  void aStringUnderJsonIsOneJsonValue(String text) {
    assertThatThrownBy(
            () ->
                new SendDecoder(1000, 1000, 8)
                    .decode(Map.of("destination", "a", "body", text, "bodyFormat", "json")))
        .isInstanceOf(BridgeException.class)
        .hasMessage("body is not JSON");
  }

  @Test
  void aStringUnderJsonIsNoDeeperThanAnyJson() {
    assertThatThrownBy(
            () ->
                new SendDecoder(1000, 1000, 8)
                    .decode(
                        Map.of(
                            "destination",
                            "a",
                            "body",
                            "[".repeat(9) + "]".repeat(9),
                            "bodyFormat",
                            "json")))
        .isInstanceOfSatisfying(
            BridgeException.class, x -> assertThat(x.code()).isEqualTo(ErrorCode.TOO_LARGE));
  }
}
