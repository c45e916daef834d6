package io.longspan.local.broker;

import io.longspan.local.LocalMessage;
import io.longspan.local.LocalParts;
import io.longspan.local.LocalRequest;
import io.longspan.local.LocalService;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * A service that another web application has registered. The applications share no class but those
 * of the JDK, so it is a function from a map to a stage of a map.
 */
public final class RegisteredService implements LocalService {
  private final String name;
  private final Function<Map<String, Object>, ?> function;

  private RegisteredService(String name, Function<Map<String, Object>, ?> function) {
    this.name = name;
    this.function = function;
  }

  /**
   * Returns the service that was registered.
   *
   * @param value a {@link LocalService} of the same class loader, which is neither started nor
   *     stopped, or a function; empty if it is neither
   */
  @SuppressWarnings("unchecked")
  static Optional<LocalService> of(String name, Object value) {
    if (value instanceof LocalService service) {
      return Optional.of(service);
    }
    return value instanceof Function<?, ?> function
        ? Optional.of(new RegisteredService(name, (Function<Map<String, Object>, ?>) function))
        : Optional.empty();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public CompletionStage<LocalMessage> handle(LocalRequest request, LocalParts parts) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("destination", request.destination());
    members.put("user", request.user());
    members.put("roles", request.roles());
    members.put("correlationId", request.correlationId().orElse(null));
    members.put("properties", request.properties());
    members.put("body", request.body());
    members.put("bodyFormat", request.bodyFormat());
    members.put("cancelled", request.cancelled());
    members.put("parts", (Predicate<Object>) part -> parts.send(message(part)));
    Object answer = function.apply(members);
    return answer instanceof CompletionStage<?> stage
        ? stage.thenApply(RegisteredService::message)
        : CompletableFuture.completedFuture(message(answer));
  }

  /**
   * Reads a message: a map with {@code properties} and {@code body}, or the body alone.
   *
   * @throws IllegalArgumentException if it is not a message
   */
  @SuppressWarnings("unchecked")
  public static LocalMessage message(Object value) {
    if (value instanceof Map<?, ?> members) {
      Object properties = members.get("properties");
      return new LocalMessage(
          properties == null ? Map.of() : (Map<String, Object>) properties, members.get("body"));
    }
    if (value == null) {
      throw new NullPointerException("the answer is null");
    }
    return new LocalMessage(Map.of(), value);
  }
}
