package io.longspan.config;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Which configuration file a process is told to read. */
public final class ConfigFile {

  /** The system property that names the file. */
  public static final String SYSTEM_PROPERTY = "longspan.config";

  /** The environment variable that names the file. */
  public static final String ENVIRONMENT_VARIABLE = "LONGSPAN_CONFIG";

  private ConfigFile() {}

  /**
   * The file that the system property names, or else the environment variable.
   *
   * @return the file, which need not exist; empty if neither names one
   */
  public static Optional<Path> named(
      Map<String, String> systemProperties, Map<String, String> environment) {
    return Optional.ofNullable(systemProperties.get(SYSTEM_PROPERTY))
        .or(() -> Optional.ofNullable(environment.get(ENVIRONMENT_VARIABLE)))
        .filter(name -> !name.isBlank())
        .map(Path::of);
  }
}
