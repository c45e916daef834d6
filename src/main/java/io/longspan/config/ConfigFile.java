package io.longspan.config;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Finds the configuration file that the process was started with. */
public final class ConfigFile {

  /** Name of the system property that holds the path of the file. */
  public static final String SYSTEM_PROPERTY = "longspan.config";

  /** Name of the environment variable that holds the path of the file. */
  public static final String ENVIRONMENT_VARIABLE = "LONGSPAN_CONFIG";

  private ConfigFile() {}

  /**
   * Returns the path from the system property, or else from the environment variable. A blank value
   * counts as no path.
   *
   * @return the path; the file need not exist. Empty if no path is set
   */
  public static Optional<Path> named(
      Map<String, String> systemProperties, Map<String, String> environment) {
    return Optional.ofNullable(systemProperties.get(SYSTEM_PROPERTY))
        .or(() -> Optional.ofNullable(environment.get(ENVIRONMENT_VARIABLE)))
        .filter(name -> !name.isBlank())
        .map(Path::of);
  }
}
