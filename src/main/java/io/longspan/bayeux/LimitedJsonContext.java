package io.longspan.bayeux;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import io.longspan.config.LongspanConfig.Limits;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import org.cometd.common.JSONContext;
import org.cometd.server.JacksonJSONContextServer;

/**
 * CometD's Jackson codec with bounds on what it parses, and numbers that keep their digits. Text
 * that two parsers could read in two ways, with a field twice or more text after its end, is
 * refused: what the bridge has checked must be what everybody else reads.
 */
final class LimitedJsonContext extends JacksonJSONContextServer {

  /** Longer than any name that means something here, shorter than what costs to compare. */
  private static final int NAME_CHARACTERS = 1024;

  /** The time to parse a number grows with the square of its length. */
  private static final int NUMBER_CHARACTERS = 1000;

  LimitedJsonContext(Limits limits) {
    getObjectMapper()
        .getFactory()
        .setStreamReadConstraints(
            StreamReadConstraints.builder()
                .maxNestingDepth(TransportLimits.requestDepth(limits))
                .maxStringLength(TransportLimits.requestBytes(limits))
                .maxNumberLength(NUMBER_CHARACTERS)
                .maxNameLength(NAME_CHARACTERS)
                .build());
    // What clients call their fields must not stay in the process's table of strings.
    getObjectMapper().getFactory().configure(JsonFactory.Feature.INTERN_FIELD_NAMES, false);
    getObjectMapper().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);
    getObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    getObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);
    // Bayeux allows a single message that is not in an array.
    getObjectMapper().enable(DeserializationFeature.ACCEPT_SINGLE_VALUE_AS_ARRAY);
  }

  /**
   * Collects a body, whose size the transport bounds, and parses it like the text of a WebSocket
   * message. Jackson's parser of bytes that come bit by bit takes overlong sequences for
   * characters, and looks at nothing behind the first value.
   */
  @Override
  public JSONContext.AsyncParser newAsyncParser() {
    return new BodyParser();
  }

  private final class BodyParser implements JSONContext.AsyncParser {
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();

    @Override
    public void parse(ByteBuffer part) {
      byte[] bytes = new byte[part.remaining()];
      part.get(bytes);
      body.writeBytes(bytes);
    }

    @Override
    @SuppressWarnings("unchecked") // CometD's own parsers do the same
    public <R> R complete() {
      try {
        ByteBuffer bytes = ByteBuffer.wrap(body.toByteArray());
        return (R)
            LimitedJsonContext.this.parse(
                StandardCharsets.UTF_8.newDecoder().decode(bytes).toString());
      } catch (CharacterCodingException | ParseException malformed) {
        throw new IllegalArgumentException(malformed);
      }
    }
  }
}
