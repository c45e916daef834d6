package io.longspan.local.broker;

import io.longspan.local.LocalService;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;

/**
 * Finds the service that a logical name belongs to: among those that were loaded with the bridge,
 * and among those that other web applications have registered. Called on any thread; never blocks.
 */
final class ServiceDirectory {
  private final Map<String, HostedService> loaded = new HashMap<>();
  private final Function<String, Object> registered;
  private final Function<LocalService, HostedService> host;

  /** Only registered services that were called. */
  private final ConcurrentMap<String, Registered> hosted = new ConcurrentHashMap<>();

  private record Registered(Object value, HostedService service) {}

  /**
   * Creates a directory.
   *
   * @param services the loaded services; no two have the same name
   * @param registered returns what was registered for a name; null if nothing was
   * @param host gives a service its threads
   */
  ServiceDirectory(
      List<LocalService> services,
      Function<String, Object> registered,
      Function<LocalService, HostedService> host) {
    services.forEach(service -> loaded.put(service.name(), host.apply(service)));
    this.registered = registered;
    this.host = host;
  }

  /** Finds the service with a name, or with the longest beginning of it. */
  Optional<HostedService> find(String name) {
    String candidate = name;
    while (true) {
      HostedService found = loaded.get(candidate);
      Optional<HostedService> service =
          found == null ? findRegistered(candidate) : Optional.of(found);
      int slash = candidate.lastIndexOf('/');
      if (service.isPresent() || slash < 0) {
        return service;
      }
      candidate = candidate.substring(0, slash);
    }
  }

  /** A loaded service is never replaced by a registered one. */
  private Optional<HostedService> findRegistered(String name) {
    Object value = registered.apply(name);
    if (value == null) {
      hosted.remove(name);
      return Optional.empty();
    }
    Registered present = hosted.get(name);
    if (present != null && present.value() == value) {
      return Optional.of(present.service());
    }
    return RegisteredService.of(name, value)
        .map(
            service ->
                hosted
                    .compute(
                        name,
                        (n, other) ->
                            other != null && other.value() == value
                                ? other
                                : new Registered(value, host.apply(service)))
                    .service());
  }

  /** Returns how many calls wait for a thread. */
  int waiting() {
    return loaded.values().stream().mapToInt(HostedService::waiting).sum()
        + hosted.values().stream().mapToInt(r -> r.service().waiting()).sum();
  }
}
