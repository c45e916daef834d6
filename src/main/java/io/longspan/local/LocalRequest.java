package io.longspan.local;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/**
 * A request to a local service. Immutable, except the bytes of a body, which belong to the service.
 *
 * @param destination the logical name that the client has sent to
 * @param user the authenticated user
 * @param roles the user's roles
 * @param correlationId the client's correlation id; empty if the client expects no answer
 * @param properties what a service behind JMS would read as properties: those of the client, of the
 *     catalogue entry and of the bridge ({@code runAsUser}, {@code bridgeId}, {@code
 *     bridgeClientId}, {@code bodyFormat}). Each is a string, a boolean or a number
 * @param body a {@code String}, a {@code byte[]}, or null
 * @param bodyFormat {@code text}, {@code json} or {@code base64}; with the latter the body is the
 *     decoded bytes
 * @param cancelled completes when nobody waits for the answer any more: the client has cancelled
 *     the request, sent another one with its correlation id, or ended, or the deadline has passed.
 *     Its dependent actions must not block
 */
public record LocalRequest(
    String destination,
    String user,
    Set<String> roles,
    Optional<String> correlationId,
    Map<String, Object> properties,
    Object body,
    String bodyFormat,
    CompletionStage<Void> cancelled) {

  /** Creates a request; copies the collections. */
  public LocalRequest {
    roles = Set.copyOf(roles);
    properties = Collections.unmodifiableMap(new LinkedHashMap<>(properties));
  }

  /** Returns whether nobody waits for the answer any more. */
  public boolean isCancelled() {
    return cancelled.toCompletableFuture().isDone();
  }

  /** Returns the body as text; empty if there is none, or if it is bytes. */
  public String text() {
    return body instanceof String text ? text : "";
  }
}
