package io.longspan.security;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.longspan.protocol.BrokerMessage;
import io.longspan.protocol.DestinationName;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Asks over JMS, each time anew (protocol section 11): only {@code "allowed": true} in a
 * well-formed answer that came in time is a grant.
 */
public final class AuthorizationServiceClient implements AuthorizationService {
  private final RequestSender requestSender;
  private final ObjectMapper json = new ObjectMapper();

  /** Creates a client over a sender of requests. */
  public AuthorizationServiceClient(RequestSender requestSender) {
    this.requestSender = requestSender;
  }

  @Override
  public CompletionStage<Boolean> isAllowed(
      String queue, Operation operation, Identity identity, DestinationName name) {
    Map<String, Object> request = new LinkedHashMap<>();
    request.put("operation", operation.wireName());
    request.put("user", identity.user());
    request.put("roles", identity.roles());
    request.put("destination", name.value());
    try {
      return requestSender
          .request(queue, json.writeValueAsString(request))
          .thenApply(this::grants)
          .exceptionally(failure -> false);
    } catch (JsonProcessingException x) {
      return CompletableFuture.completedFuture(false);
    }
  }

  private boolean grants(BrokerMessage answer) {
    if (!(answer.body() instanceof String text)) {
      return false;
    }
    try {
      JsonNode allowed = json.readTree(text).path("allowed");
      return allowed.isBoolean() && allowed.booleanValue();
    } catch (JsonProcessingException malformed) {
      return false;
    }
  }
}
