package io.longspan.access;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.longspan.access.AuthorizationService.Verdict.Kind;
import io.longspan.protocol.BrokerMessage;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Asks the authorisation service over JMS, without a cache (protocol section 11). Only a
 * well-formed answer in time with {@code "allowed": true} is a grant.
 */
public final class AuthorizationServiceClient implements AuthorizationService {
  private static final long MAX_TTL = Duration.ofDays(1).toSeconds();

  private final RequestSender requestSender;
  private final ObjectMapper json = new ObjectMapper();

  /**
   * Creates a client.
   *
   * @param requestSender sends the questions and returns the answers
   */
  public AuthorizationServiceClient(RequestSender requestSender) {
    this.requestSender = requestSender;
  }

  @Override
  public CompletionStage<Verdict> ask(Question question) {
    Map<String, Object> request = new LinkedHashMap<>();
    request.put("operation", question.operation().wireName());
    request.put("user", question.identity().user());
    request.put("roles", question.identity().roles());
    request.put("destination", question.name().value());
    try {
      return requestSender
          .request(question.queue(), json.writeValueAsString(request))
          .thenApply(this::verdict)
          .exceptionally(failure -> Verdict.NONE);
    } catch (JsonProcessingException x) {
      return CompletableFuture.completedFuture(Verdict.NONE);
    }
  }

  private Verdict verdict(BrokerMessage answer) {
    if (!(answer.body() instanceof String text)) {
      return Verdict.NONE;
    }
    try {
      JsonNode fields = json.readTree(text);
      JsonNode allowed = fields.path("allowed");
      JsonNode ttl = fields.path("ttl");
      if (!allowed.isBoolean() || !(ttl.isMissingNode() || ttl.isNumber())) {
        return Verdict.NONE;
      }
      double seconds = Math.max(0, Math.min(MAX_TTL, ttl.asDouble(0)));
      return new Verdict(
          allowed.booleanValue() ? Kind.ALLOWED : Kind.REFUSED,
          Duration.ofMillis((long) (seconds * 1000)));
    } catch (JsonProcessingException malformed) {
      return Verdict.NONE;
    }
  }
}
