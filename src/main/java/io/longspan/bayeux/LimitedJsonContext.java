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
 * CometD's Jackson codec with limits for what it parses. Numbers keep all their digits.
 *
 * <p>It rejects JSON that two parsers could read differently: duplicate fields, or text after the
 * end. So every later reader sees exactly what the bridge has checked. May be used on any thread.
 */
final class LimitedJsonContext extends JacksonJSONContextServer {

  /** Longer than every name that has a meaning here, and short enough to compare cheaply. */
  private static final int NAME_CHARACTERS = 1024;

  /** Limits the parsing time, which grows with the square of a number's length. */
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
    // Field names of clients must not fill the JVM's table of interned strings.
    getObjectMapper().getFactory().configure(JsonFactory.Feature.INTERN_FIELD_NAMES, false);
    getObjectMapper().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);
    getObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    getObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);
    // Bayeux allows a single message without an array.
    getObjectMapper().enable(DeserializationFeature.ACCEPT_SINGLE_VALUE_AS_ARRAY);
  }

  /**
   * Returns a parser that collects the body and then parses it like a WebSocket text. The transport
   * limits the size of the body.
   *
   * <p>Jackson's non-blocking parser is not suitable: it accepts overlong UTF-8 sequences, and does
   * not check the text after the first value.
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
    @SuppressWarnings("unchecked") // like CometD's own parsers
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
