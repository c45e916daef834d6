package io.longspan.external;

import io.longspan.external.dropin.DroppedInContextFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
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
    Class<?> type = DroppedInContextFactory.class;
    String entry = type.getName().replace('.', '/') + ".class";
    try {
      Path parent = Files.createDirectories(Path.of("target", "bridges").toAbsolutePath());
      Path lib = Files.createDirectory(Files.createTempDirectory(parent, "dropin-").resolve("lib"));
      try (JarOutputStream jar =
              new JarOutputStream(Files.newOutputStream(lib.resolve("driver.jar")));
          InputStream bytes = type.getResourceAsStream(type.getSimpleName() + ".class")) {
        jar.putNextEntry(new JarEntry(entry));
        bytes.transferTo(jar);
        jar.closeEntry();
      }
      return lib;
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
