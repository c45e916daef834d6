package io.longspan.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The wall clock of a process, which can be stepped while it runs: by libfaketime (Debian's package
 * of that name, or {@code -Dchaos.faketime=FILE}). The monotonic clock, and so every timer of Java,
 * goes on as before.
 */
final class WallClock {
  private static final Optional<Path> LIBRARY = find();

  private final Path offset;

  /**
   * Makes a clock that is right.
   *
   * @param folder where its file is written
   */
  WallClock(Path folder, String name) {
    offset = folder.resolve(name + ".offset");
    step(Duration.ZERO);
  }

  private static Optional<Path> find() {
    String file = "faketime/libfaketimeMT.so.1";
    return Stream.concat(
            Stream.ofNullable(System.getProperty("chaos.faketime")),
            Stream.of("x86_64", "aarch64").map(cpu -> "/usr/lib/" + cpu + "-linux-gnu/" + file))
        .map(Path::of)
        .filter(Files::exists)
        .findFirst();
  }

  /** Returns whether {@link #step} changes anything. */
  static boolean canBeStepped() {
    return LIBRARY.isPresent();
  }

  /** Returns the environment of a process that has this clock. */
  Map<String, String> environment() {
    return LIBRARY
        .map(
            library ->
                Map.of(
                    "LD_PRELOAD", library.toString(),
                    "FAKETIME_TIMESTAMP_FILE", offset.toString(),
                    "FAKETIME_CACHE_DURATION", "1",
                    "FAKETIME_DONT_FAKE_MONOTONIC", "1",
                    // Else each timed wait of Java ends at once.
                    "FAKETIME_FORCE_MONOTONIC_FIX", "0"))
        .orElse(Map.of());
  }

  /** Sets by how much the clock is ahead of the right time, or behind it; within a second. */
  void step(Duration ahead) {
    try {
      Path written =
          Files.writeString(Path.of(offset + ".new"), "%+d\n".formatted(ahead.toSeconds()));
      Files.move(written, offset, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }
}
