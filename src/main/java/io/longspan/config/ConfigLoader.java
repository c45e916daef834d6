package io.longspan.config;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Loads the configuration from four sources. System properties override environment variables,
 * these override the file, and the file overrides the defaults.
 *
 * <p>Both {@code load} methods read files and block. They hold no state and may be called on any
 * thread.
 */
public final class ConfigLoader {

  private ConfigLoader() {}

  /**
   * Loads the configuration with the system properties and environment variables of this process.
   *
   * @param file the configuration file; empty for none. {@link ConfigFile#named} finds it
   * @return the validated configuration
   * @throws ConfigException if the file cannot be read, or if a key or value is not allowed
   */
  public static LongspanConfig load(Optional<Path> file) {
    return load(file, systemProperties(), System.getenv());
  }

  /**
   * Loads the configuration with the given overrides.
   *
   * @param file the configuration file; empty for none. Relative paths in the configuration are
   *     resolved against its folder, or without a file against the working folder
   * @param systemProperties the system properties; other names than {@code longspan.<key>} are
   *     ignored
   * @param environment the environment variables; other names than {@code LONGSPAN_<KEY>} are
   *     ignored
   * @return the validated configuration
   * @throws ConfigException if the file cannot be read, or if a key or value is not allowed
   */
  public static LongspanConfig load(
      Optional<Path> file, Map<String, String> systemProperties, Map<String, String> environment) {
    KeyNames names = new KeyNames(Settings.all());
    Overrides overrides = new Overrides(names);
    Map<String, RawValue> raw = new LinkedHashMap<>();
    file.ifPresent(path -> raw.putAll(new YamlSource(path, names).read()));
    Map<String, RawValue> properties = overrides.fromSystemProperties(systemProperties);
    Set<String> brokers = FurtherBrokers.names(raw.keySet());
    brokers.addAll(FurtherBrokers.names(properties.keySet()));
    raw.putAll(overrides.fromEnvironment(environment, brokers));
    raw.putAll(properties);
    return new ConfigAssembly(new Values(raw), folderOf(file)).assemble();
  }

  /** Returns a copy of the system properties whose names and values are strings. */
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
