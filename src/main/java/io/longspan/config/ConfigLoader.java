package io.longspan.config;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;

/**
 * Loads the configuration: system properties win over environment variables, these over the file,
 * and the file over the defaults.
 *
 * <p>Both methods read files and block; they keep nothing and may be called on any thread.
 */
public final class ConfigLoader {

  private ConfigLoader() {}

  /**
   * Loads the configuration with the overrides of this process.
   *
   * @param file the configuration file; empty for none. Which one a process is told to read, {@link
   *     ConfigFile#named} says
   * @throws ConfigException if the file cannot be read, or a key or value is not allowed
   */
  public static LongspanConfig load(Optional<Path> file) {
    return load(file, systemProperties(), System.getenv());
  }

  /**
   * Loads the configuration with the overrides given.
   *
   * @param file the configuration file; empty for none. Relative paths in the configuration are
   *     resolved against its folder, or against the working folder where there is no file
   * @param systemProperties only those named {@code longspan.<key>} are read
   * @param environment only those named {@code LONGSPAN_<KEY>} are read
   * @throws ConfigException if the file cannot be read, or a key or value is not allowed
   */
  public static LongspanConfig load(
      Optional<Path> file, Map<String, String> systemProperties, Map<String, String> environment) {
    KeyNames names = new KeyNames(Settings.all());
    Overrides overrides = new Overrides(names);
    Map<String, RawValue> raw = new LinkedHashMap<>();
    file.ifPresent(path -> raw.putAll(new YamlSource(path, names).read()));
    raw.putAll(overrides.fromEnvironment(environment));
    raw.putAll(overrides.fromSystemProperties(systemProperties));
    return new ConfigAssembly(new Values(raw), folderOf(file)).assemble();
  }

  /** The system properties of this process whose names and values are texts; a copy. */
  public static Map<String, String> systemProperties() {
    Properties properties = System.getProperties();
    return properties.stringPropertyNames().stream()
        .collect(Collectors.toMap(name -> name, name -> properties.getProperty(name, "")));
  }

  private static Path folderOf(Optional<Path> file) {
    return file.map(path -> path.toAbsolutePath().getParent())
        .orElseGet(() -> Path.of("").toAbsolutePath());
  }
}
