package io.longspan.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Finds the files that the configuration names.
 *
 * @param folder the absolute folder against which relative paths are resolved
 */
record ConfiguredFiles(Path folder) {
  /**
   * Returns the file of a setting; empty if it is not set.
   *
   * @throws ConfigException if the file is not readable
   */
  Optional<Path> find(Values values, Setting<Path> setting) {
    return values.find(setting).map(path -> require(values, setting, path));
  }

  /**
   * Returns the absolute path of a file.
   *
   * @param setting the setting that names it
   * @throws ConfigException if the file is not readable
   */
  Path require(Values values, Setting<?> setting, Path path) {
    Path file = folder.resolve(path).normalize();
    if (!(Files.isRegularFile(file) && Files.isReadable(file))) {
      throw values.refused(
          setting, "%s; %s is not a readable file".formatted(setting.type().allowed(), file));
    }
    return file;
  }
}
