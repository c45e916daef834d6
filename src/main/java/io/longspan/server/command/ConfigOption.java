package io.longspan.server.command;

import io.longspan.config.ConfigFile;
import io.longspan.config.ConfigLoader;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The option {@code --config}. */
final class ConfigOption {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "the configuration file; else the one that the system property longspan.config or the"
              + " environment variable LONGSPAN_CONFIG names")
  private Path config;

  /** Returns the file that is named on the command line or in the environment. */
  Optional<Path> file() {
    return given().or(() -> ConfigFile.named(ConfigLoader.systemProperties(), System.getenv()));
  }

  /**
   * Returns the file that is named in front of the command, as in {@code longspan --config FILE
   * check}, if none follows it.
   */
  Optional<Path> file(RootCommand root) {
    return given().or(root::file);
  }

  private Optional<Path> given() {
    return Optional.ofNullable(config);
  }
}
