package io.longspan.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.longspan.protocol.MessageBody;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class BodySchemaTest {
  private static final String ORDER =
      """
      {"type": "object", "required": ["amount"], "additionalProperties": false,
       "properties": {"amount": {"type": "integer"}, "lines": {"type": "array",
         "items": {"$ref": "#/$defs/line"}}},
       "$defs": {"line": {"type": "string", "maxLength": 3}}}
      """;

  private static BodySchema schema(String json) {
    try {
      return BodySchema.compile(new ObjectMapper().readTree(json), BodySchema.Check.REFUSE);
    } catch (com.fasterxml.jackson.core.JsonProcessingException x) {
      throw new IllegalStateException(x);
    }
  }

  private static Optional<String> problem(String schema, String body) {
    return schema(schema).problem(new MessageBody.Text(body, "json"));
  }

  @Test
  void aBodyThatFitsHasNoProblem() {
    assertThat(problem(ORDER, "{\"amount\": 3, \"lines\": [\"a\", \"b\"]}")).isEmpty();
    assertThat(problem("{}", "7")).isEmpty();
  }

  @Test
  void theFirstProblemBeginsWithItsPath() {
    assertThat(problem(ORDER, "{\"amount\": \"3\"}").orElseThrow()).startsWith("/amount: ");
    assertThat(problem(ORDER, "{\"amount\": 3, \"lines\": [\"a\", \"long\"]}").orElseThrow())
        .startsWith("/lines/1: ");
    assertThat(problem(ORDER, "{}").orElseThrow()).startsWith("/: ").contains("amount");
    assertThat(problem(ORDER, "[]").orElseThrow()).startsWith("/: ");
  }

  @Test
  void aProblemIsOneShortLine() {
    String name = "x\\n" + "y".repeat(5000);
    String problem = problem(ORDER, "{\"amount\": 3, \"" + name + "\": 1}").orElseThrow();
    assertThat(problem).hasSizeLessThan(400).doesNotContain("\n");
  }

  @Test
  void aStringIsAJsonString() {
    MessageBody text = new MessageBody.Text("{\"amount\": 3}", "text");
    assertThat(schema(ORDER).problem(text)).isPresent();
    assertThat(schema("{\"type\": \"string\"}").problem(text)).isEmpty();
  }

  @Test
  void bytesAndNoBodyFitNothing() {
    assertThat(schema("{}").problem(new MessageBody.Bytes(new byte[1]))).isPresent();
    assertThat(schema("{}").problem(new MessageBody.Text(null, "text"))).isPresent();
  }

  @Test
  void schemasWithTheSameTextAreEqual() {
    assertThat(schema(ORDER)).isEqualTo(schema(ORDER)).hasSameHashCodeAs(schema(ORDER));
    assertThat(schema(ORDER)).isNotEqualTo(schema("{}"));
  }
}
