package io.longspan.web;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.longspan.bridge.BridgeOperations;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the parameters and the bodies of operators' requests, strictly. */
final class OperatorRequests {
  private static final Logger LOG = LoggerFactory.getLogger(OperatorRequests.class);
  private static final int MAX_COMMAND = 8192;
  private static final int USUAL_PAGE = 100;

  private final JsonMapper json =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  JsonMapper json() {
    return json;
  }

  /** Returns the user to whom a list is limited. */
  static Optional<String> user(HttpServletRequest request) {
    return Optional.ofNullable(request.getParameter("user")).filter(user -> !user.isEmpty());
  }

  static int offset(HttpServletRequest request) throws OperatorRefusal {
    return number(request, "offset", 0, 0, Integer.MAX_VALUE);
  }

  static int limit(HttpServletRequest request) throws OperatorRefusal {
    return number(request, "limit", USUAL_PAGE, 1, BridgeOperations.MAX_PAGE_SIZE);
  }

  private static int number(
      HttpServletRequest request, String name, int byDefault, int least, int most)
      throws OperatorRefusal {
    String given = request.getParameter(name);
    if (given == null) {
      return byDefault;
    }
    if (given.matches("\\d{1,9}")) {
      int number = Integer.parseInt(given);
      if (number >= least && number <= most) {
        return number;
      }
    }
    throw new OperatorRefusal(
        400, "badRequest", "%s must be a whole number from %d to %d".formatted(name, least, most));
  }

  static String required(HttpServletRequest request, String name) throws OperatorRefusal {
    String given = request.getParameter(name);
    if (given == null || given.isEmpty() || given.length() > MAX_COMMAND) {
      throw new OperatorRefusal(400, "badRequest", "the parameter %s is missing".formatted(name));
    }
    return given;
  }

  /** Reads the body of a change, which is a JSON object. */
  JsonNode command(HttpServletRequest request) throws OperatorRefusal, IOException {
    byte[] body = request.getInputStream().readNBytes(MAX_COMMAND + 1);
    if (body.length > MAX_COMMAND) {
      throw new OperatorRefusal(413, "limitExceeded", "the body is too long");
    }
    try {
      JsonNode command = json.readTree(body);
      if (command.isObject()) {
        return command;
      }
    } catch (JsonProcessingException x) {
      LOG.debug("body of an operator's request is not JSON", x);
    }
    throw new OperatorRefusal(400, "badRequest", "the body must be a JSON object");
  }
}
