package io.longspan.catalogue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaException;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.PathType;
import com.networknt.schema.SchemaId;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;
import com.networknt.schema.resource.DisallowSchemaLoader;
import io.longspan.protocol.MessageBody;
import java.util.Locale;
import java.util.Optional;

/**
 * The JSON Schema (draft 2020-12) that the bodies of messages to an entry must fit. Immutable; two
 * are equal if their texts and checks are.
 */
public final class BodySchema {
  /** What happens to a message that does not fit. */
  public enum Check {
    /** It is refused. */
    REFUSE,
    /** It is counted and logged. */
    WARN
  }

  /** Maximum length of a problem, in characters; values of the message can be part of it. */
  private static final int MAX_PROBLEM = 300;

  private static final SchemaValidatorsConfig CONFIG =
      SchemaValidatorsConfig.builder()
          .failFast(true)
          .pathType(PathType.JSON_POINTER)
          .locale(Locale.ROOT)
          .build();

  /** A schema must not make the bridge read other files or URLs. */
  private static final JsonSchemaFactory FACTORY =
      JsonSchemaFactory.getInstance(
          VersionFlag.V202012,
          builder ->
              builder.schemaLoaders(loaders -> loaders.add(DisallowSchemaLoader.getInstance())));

  private static final JsonSchema META_SCHEMA =
      JsonSchemaFactory.getInstance(VersionFlag.V202012)
          .getSchema(SchemaLocation.of(SchemaId.V202012), CONFIG);

  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

  private final JsonNode source;
  private final Check check;
  private final JsonSchema schema;

  private BodySchema(JsonNode source, Check check, JsonSchema schema) {
    this.source = source;
    this.check = check;
    this.schema = schema;
  }

  /**
   * Compiles a schema.
   *
   * @throws IllegalArgumentException if it is not a schema of draft 2020-12, or refers to another
   *     document; the message is one line
   */
  static BodySchema compile(JsonNode source, Check check) {
    if (source.has("$schema") && !SchemaId.V202012.equals(source.path("$schema").asText())) {
      throw new IllegalArgumentException("$schema must be " + SchemaId.V202012);
    }
    Optional<String> problem = first(META_SCHEMA, source);
    if (problem.isPresent()) {
      throw new IllegalArgumentException("not a JSON Schema: " + problem.get());
    }
    try {
      JsonSchema schema = FACTORY.getSchema(source, CONFIG);
      schema.initializeValidators();
      return new BodySchema(source, check, schema);
    } catch (JsonSchemaException x) {
      throw new IllegalArgumentException("not a JSON Schema: " + oneLine(x.getMessage()), x);
    }
  }

  /** Returns what happens to a message that does not fit. */
  public Check check() {
    return check;
  }

  /**
   * Returns the first problem of a body, as one line that begins with its path; empty if it fits. A
   * text is a JSON string. Bytes and a message without a body fit no schema.
   */
  public Optional<String> problem(MessageBody body) {
    if (!(body instanceof MessageBody.Text text) || text.text() == null) {
      return Optional.of("the body is not JSON");
    }
    try {
      return first(
          schema,
          text.format().equals("json") ? JSON.readTree(text.text()) : new TextNode(text.text()));
    } catch (JsonProcessingException x) {
      return Optional.of("the body is not JSON");
    }
  }

  private static Optional<String> first(JsonSchema schema, JsonNode value) {
    return schema.validate(value).stream().findFirst().map(BodySchema::describe);
  }

  private static String describe(ValidationMessage problem) {
    String path = problem.getInstanceLocation().toString();
    return oneLine((path.isEmpty() ? "/" : path) + ": " + problem.getError());
  }

  private static String oneLine(String text) {
    String line = String.valueOf(text).replaceAll("\\p{Cntrl}+", " ");
    return line.length() <= MAX_PROBLEM ? line : line.substring(0, MAX_PROBLEM) + "…";
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof BodySchema that && source.equals(that.source) && check == that.check;
  }

  @Override
  public int hashCode() {
    return source.hashCode();
  }

  @Override
  public String toString() {
    return "BodySchema[check=%s]".formatted(check);
  }
}
