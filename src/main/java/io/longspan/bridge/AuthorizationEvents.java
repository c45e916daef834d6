package io.longspan.bridge;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.longspan.access.RightsChange;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.BrokerMessage;
import io.longspan.protocol.DestinationName;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the messages of {@code bridge/authorization-events} (protocol section 11). */
final class AuthorizationEvents {
  private static final Logger LOG = LoggerFactory.getLogger(AuthorizationEvents.class);

  private final ObjectMapper json = new ObjectMapper();

  /** Reads an event. An event that cannot be understood counts as a change of all rights. */
  RightsChange read(BrokerMessage message) {
    try {
      JsonNode event = json.readTree(message.body() instanceof String text ? text : "");
      if (event.path("event").asText().equals("changed")
          && isTextOrAbsent(event.path("user"))
          && isTextOrAbsent(event.path("role"))) {
        return new RightsChange(
            Optional.of(DestinationName.parsePattern(event.path("destination").asText())),
            text(event.path("user")),
            text(event.path("role")));
      }
    } catch (JsonProcessingException | BridgeException x) {
      LOG.debug("authorisation event is not JSON, or its destination is invalid", x);
    }
    LOG.warn("authorisation event is malformed, every subscription is checked");
    return RightsChange.EVERYTHING;
  }

  private static boolean isTextOrAbsent(JsonNode field) {
    return field.isMissingNode() || field.isNull() || field.isTextual();
  }

  private static Optional<String> text(JsonNode field) {
    return Optional.ofNullable(field.textValue());
  }
}
