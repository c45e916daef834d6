package io.longspan.envelope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longspan.protocol.BridgeException;
import io.longspan.protocol.BrokerMessage;
import io.longspan.protocol.MessageBody;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CommlibEnvelopeTest {
  private final Envelope requests = CommlibEnvelope.ofRequests(() -> 1_700_000_000_123L);
  private final Envelope topics = CommlibEnvelope.ofTopics();

  private static BrokerMessage text(String body, Map<String, Object> properties) {
    return new BrokerMessage("x", properties, body, null, Optional.empty());
  }

  private static BrokerMessage bytes(byte[] body) {
    return new BrokerMessage(
        "x", Map.of(), Base64.getEncoder().encodeToString(body), "base64", Optional.empty());
  }

  private static BrokerMessage bytes(String body) {
    return bytes(body.getBytes(StandardCharsets.UTF_8));
  }

  private String wrapped(String json, Map<String, Object> properties) {
    MessageBody content = requests.content(new MessageBody.Text(json, "json"));
    MessageBody body =
        requests.wrap(
            content,
            properties,
            Optional.of("r-1"),
            Optional.of(requests.replyName("longspan.reply.b.x")));
    assertThat(body.format()).isEqualTo("commlib");
    return ((MessageBody.Text) body).text();
  }

  @Test
  void aRequestHasItsHeadersInTheBody() {
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put("runAsUser", "zo\u00eb");
    properties.put("urgent", true);
    properties.put("limit", 5);
    properties.put("ratio", 0.5);
    assertThat(wrapped("{\"a\": 1.0}", properties))
        .isEqualTo(
            "{\"data\":{\"a\": 1.0},\"header\":{\"timestamp\":1700000000123000000,"
                + "\"reply_to\":\"longspan/reply/b/x\",\"content_type\":\"json\","
                + "\"encoding\":\"utf8\",\"agent\":\"longspan\",\"properties\":{"
                + "\"runAsUser\":\"zo\u00eb\",\"urgent\":true,\"limit\":5,\"ratio\":0.5,"
                + "\"JMSCorrelationID\":\"r-1\"}}}");
  }

  @Test
  void theSignedTextStandsBetweenTwoFixedTexts() {
    String data = "{\"x\":\",\\\"header\\\":{\",\"header\":{\"y\":1}}";
    String body = wrapped(data, Map.of("note", ",\"header\":{"));
    int end = body.lastIndexOf(CommlibEnvelope.AFTER_DATA);
    assertThat(body.substring(CommlibEnvelope.BEFORE_DATA.length(), end)).isEqualTo(data);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '\u0001',
      delimiter = '|',
      value = {"hello|\"hello\"", "say \"hi\"|\"say \\\"hi\\\"\"", "{\"a\":1}|\"{\\\"a\\\":1}\""})
  void aTextIsAJsonString(String text, String json) {
    assertThat(requests.content(new MessageBody.Text(text, "text")))
        .isEqualTo(new MessageBody.Text(json, "json"));
  }

  @Test
  void noBodyIsAnEmptyObject() {
    assertThat(topics.content(new MessageBody.Text(null, "text")))
        .isEqualTo(new MessageBody.Text("{}", "json"));
  }

  @Test
  void bytesAreRefused() {
    assertThatThrownBy(() -> requests.content(new MessageBody.Bytes(new byte[1])))
        .isInstanceOf(BridgeException.class)
        .hasMessageContaining("bytes");
  }

  @Test
  void anAnswerIsReadFromBytesAsMqttConnectorsDeliverThem() {
    BrokerMessage answer =
        requests.unwrap(
            bytes(
                "{\"header\": {\"reply_to\": \"secret\", \"timestamp\": 1, \"agent\": \"commlib\","
                    + " \"properties\": {\"sequence\": 2, \"done\": \"false\", \"deep\": {\"a\": 1},"
                    + " \"JMSReplyTo\": \"secret\", \"reply_to\": \"secret\","
                    + " \"big\": 123456789012345678901234567890}},"
                    + " \"data\": {\"t\": 21.50, \"n\": 12345678901234567890}}"));
    assertThat(answer.body()).isEqualTo("{\"t\": 21.50, \"n\": 12345678901234567890}");
    assertThat(answer.bodyFormat()).isNull();
    assertThat(answer.properties())
        .isEqualTo(
            Map.of(
                "sequence",
                2L,
                "done",
                "false",
                "big",
                "123456789012345678901234567890",
                "bodyFormat",
                "json"));
    assertThat(answer.endsAnswer()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '\u0001',
      delimiter = '|',
      value = {
        "\"hello\"|hello|text",
        "[1, 2]|[1, 2]|json",
        "true|true|json",
        "-1.5e3|-1.5e3|json"
      })
  void dataMayBeAnyValue(String data, String body, String format) {
    BrokerMessage answer = requests.unwrap(bytes("{\"data\":" + data + " ,\"header\":{}}"));
    assertThat(answer.body()).isEqualTo(body);
    assertThat(answer.properties()).containsEntry("bodyFormat", format);
  }

  @Test
  void aRequestThatIsReadAgainHasNoReplyAddress() {
    Map<String, Object> properties = Map.of("runAsUser", "alice", "bodyFormat", "json");
    BrokerMessage read =
        requests.unwrap(text(wrapped("{}", properties), Map.of("bodyFormat", "commlib")));
    assertThat(read.body()).isEqualTo("{}");
    assertThat(read.properties()).isEqualTo(Map.of("runAsUser", "alice", "bodyFormat", "json"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "rubbish",
        "{",
        "[]",
        "null",
        "\"data\"",
        "{\"data\":{}}",
        "{\"header\":{}}",
        "{\"data\":{},\"header\":null}",
        "{\"data\":{},\"header\":[]}",
        "{\"data\":{},\"header\":{}} {}",
        "{\"data\":{},\"header\":{}",
        "{\"data\":NaN,\"header\":{}}",
        "{\"data\":{\"a\":},\"header\":{}}",
        "{\"data\":tru,\"header\":{}}"
      })
  void whatIsNoAnswerIsUnsupported(String body) {
    for (BrokerMessage message : new BrokerMessage[] {bytes(body), text(body, Map.of())}) {
      BrokerMessage read = requests.unwrap(message);
      assertThat(read.isUnsupported()).as(body).isTrue();
      assertThat(read.body()).isNull();
    }
  }

  @Test
  void bodiesThatAreNoTextAreUnsupported() {
    assertThat(requests.unwrap(bytes(new byte[] {'{', (byte) 0xC3, '}'})).isUnsupported()).isTrue();
    assertThat(requests.unwrap(text(null, Map.of())).isUnsupported()).isTrue();
    assertThat(
            topics
                .unwrap(new BrokerMessage("x", Map.of(), Map.of(), "map", Optional.empty()))
                .isUnsupported())
        .isTrue();
  }

  @Test
  void deepNestingIsUnsupported() {
    String deep = "[".repeat(100_000);
    assertThat(topics.unwrap(bytes(deep)).isUnsupported()).isTrue();
    assertThat(requests.unwrap(bytes("{\"data\":" + deep)).isUnsupported()).isTrue();
    String closed = "[".repeat(100_000) + "]".repeat(100_000);
    assertThat(requests.unwrap(bytes("{\"data\":" + closed + ",\"header\":{}}")).isUnsupported())
        .isTrue();
  }

  @Test
  void aTopicMessageIsTheDataAlone() {
    assertThat(topics.unwrap(bytes("{\"ts\": 1}")).body()).isEqualTo("{\"ts\": 1}");
    String event = "{\"header\": {\"msg_id\": -1}, \"payload\": {}}";
    assertThat(topics.unwrap(bytes(event)).body()).isEqualTo(event);
    String more = "{\"header\": {}, \"data\": {}, \"more\": 1}";
    assertThat(topics.unwrap(bytes(more)).body()).isEqualTo(more);
    assertThat(topics.unwrap(bytes("{\"header\":{},\"data\":{\"x\":1}}")).body())
        .isEqualTo("{\"x\":1}");
  }
}
