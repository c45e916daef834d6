package io.longspan.bayeux;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import io.longspan.config.LongspanConfig.Limits;
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
}
