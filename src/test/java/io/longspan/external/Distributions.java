package io.longspan.external;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The unpacked programs that the build fetches for its tests. */
public final class Distributions {
  private Distributions() {}

  /** Returns the folder whose name begins so. */
  public static Path find(String prefix) {
    Path folder = Path.of("target", "distributions").toAbsolutePath();
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(entry -> entry.getFileName().toString().startsWith(prefix))
          .findFirst()
          .orElseThrow(() -> new IllegalStateException("no " + prefix + " in " + folder));
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }

  /** Returns the WAR under test. */
  public static Path war() {
    return Path.of(System.getProperty("war.file", "target/longspan.war")).toAbsolutePath();
  }
}
