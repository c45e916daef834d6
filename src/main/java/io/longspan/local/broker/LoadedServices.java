package io.longspan.local.broker;

import io.longspan.config.ConfigException;
import io.longspan.local.LocalService;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.DestinationName;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/** Loads the services that are on the class path of the bridge. */
public final class LoadedServices {
  private LoadedServices() {}

  /**
   * Loads the services.
   *
   * @throws ConfigException if a service cannot be loaded, or has no valid name of its own; one
   *     line
   */
  public static List<LocalService> load(ClassLoader classes) {
    List<LocalService> services = new ArrayList<>();
    try {
      for (LocalService service : ServiceLoader.load(LocalService.class, classes)) {
        requireName(service, services);
        services.add(service);
      }
    } catch (ServiceConfigurationError broken) {
      throw new ConfigException(
          "a local service cannot be loaded: %s"
              .formatted(
                  broken.getCause() == null
                      ? broken.getMessage()
                      : broken.getMessage() + ": " + broken.getCause()));
    }
    return services;
  }

  private static void requireName(LocalService service, List<LocalService> others) {
    String type = service.getClass().getName();
    String name = service.name();
    try {
      DestinationName.parse(name == null ? "" : name);
    } catch (BridgeException invalid) {
      throw new ConfigException(
          "the local service %s has the name \"%s\": %s"
              .formatted(type, name, invalid.getMessage()));
    }
    others.stream()
        .filter(other -> other.name().equals(name))
        .findFirst()
        .ifPresent(
            other -> {
              throw new ConfigException(
                  "the local services %s and %s have the same name \"%s\""
                      .formatted(other.getClass().getName(), type, name));
            });
  }
}
