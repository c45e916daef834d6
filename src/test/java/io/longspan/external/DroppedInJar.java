package io.longspan.external;

import io.longspan.external.dropin.DroppedInContextFactory;
import io.longspan.local.LocalService;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/** A jar with a JNDI context that the WAR does not contain, in the place of a broker's client. */
public final class DroppedInJar {
  private DroppedInJar() {}

  /**
   * Writes the jar into a new folder {@code lib} of a new folder below {@code target}.
   *
   * @return the folder {@code lib}
   */
  public static Path write() {
    return write(List.of(DroppedInContextFactory.class), "", "");
  }

  /**
   * Writes a jar with a local service, likewise.
   *
   * @param type its class, which needs no other of its package
   * @return the folder {@code lib}
   */
  public static Path writeService(Class<? extends LocalService> type) {
    return write(
        List.of(type), "META-INF/services/" + LocalService.class.getName(), type.getName());
  }

  private static Path write(List<Class<?>> types, String file, String content) {
    try {
      Path parent = Files.createDirectories(Path.of("target", "bridges").toAbsolutePath());
      Path lib = Files.createDirectory(Files.createTempDirectory(parent, "dropin-").resolve("lib"));
      try (JarOutputStream jar =
          new JarOutputStream(Files.newOutputStream(lib.resolve("driver.jar")))) {
        for (Class<?> type : types) {
          add(type, jar);
        }
        if (!file.isEmpty()) {
          jar.putNextEntry(new JarEntry(file));
          jar.write(content.getBytes(StandardCharsets.UTF_8));
          jar.closeEntry();
        }
      }
      return lib;
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }

  private static void add(Class<?> type, JarOutputStream jar) throws IOException {
    try (InputStream bytes = type.getResourceAsStream(type.getSimpleName() + ".class")) {
      jar.putNextEntry(new JarEntry(type.getName().replace('.', '/') + ".class"));
      bytes.transferTo(jar);
      jar.closeEntry();
    }
  }

  /** Returns a copy of the WAR that has a folder {@code lib} beside it. */
  public static Path warBeside(Path lib) {
    try {
      return Files.copy(Distributions.war(), lib.resolveSibling("longspan.war"));
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }

  /** Returns the keys of a bridge that uses the jar to reach ActiveMQ. */
  public static Map<String, String> settings(ExternalBroker activeMq) {
    Map<String, String> settings = new HashMap<>(activeMq.jndiSettings());
    settings.computeIfPresent(
        "broker.jndi.environment",
        (key, environment) ->
            environment.replace(
                "org.apache.activemq.jndi.ActiveMQInitialContextFactory",
                DroppedInContextFactory.class.getName()));
    return settings;
  }
}
