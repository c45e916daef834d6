package io.longspan.bayeux;

import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import io.longspan.config.LongspanConfig.Limits;
import org.cometd.server.JacksonJSONContextServer;

/** CometD's Jackson codec with bounds on what it parses, and numbers that keep their digits. */
final class LimitedJsonContext extends JacksonJSONContextServer {

  LimitedJsonContext(Limits limits) {
    getObjectMapper()
        .getFactory()
        .setStreamReadConstraints(
            StreamReadConstraints.builder()
                .maxNestingDepth(TransportLimits.requestDepth(limits))
                .maxStringLength(TransportLimits.requestBytes(limits))
                .build());
    getObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);
    // Bayeux allows a single message that is not in an array.
    getObjectMapper().enable(DeserializationFeature.ACCEPT_SINGLE_VALUE_AS_ARRAY);
  }
}
