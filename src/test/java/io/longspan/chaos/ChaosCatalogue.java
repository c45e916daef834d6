package io.longspan.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.EnumSet;
import java.util.Set;

/** The catalogue file of the bridges, edited while they run; one thread at a time. */
final class ChaosCatalogue {
  private final Path file;
  private final Set<ChaosTopic> withdrawn = EnumSet.noneOf(ChaosTopic.class);
  private int comments;
  private boolean hasEntry;

  /** Writes the file, in which everybody may read everything. */
  ChaosCatalogue(Path file) {
    this.file = file;
    write();
  }

  Path file() {
    return file;
  }

  /** Changes nothing but a comment. */
  void comment() {
    comments++;
    write();
  }

  /** Adds an entry of a topic that nobody reads. */
  void addEntry() {
    hasEntry = true;
    write();
  }

  /** Takes the right to read a topic from everybody. */
  void withdraw(ChaosTopic topic) {
    withdrawn.add(topic);
    write();
  }

  /** Removes the further entry, and gives all rights back. */
  void restore() {
    hasEntry = false;
    withdrawn.clear();
    write();
  }

  /** A bridge that reads it meanwhile gets the old text or the new one. */
  private void write() {
    String text =
        "# Edited %d times.%n".formatted(comments)
            + ChaosTopic.catalogue(withdrawn)
            + (hasEntry ? "  - {name: nobody/listens, kind: topic, subscribe: [\"*\"]}\n" : "");
    try {
      Files.move(
          Files.writeString(Path.of(file + ".new"), text), file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }
}
