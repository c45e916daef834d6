package io.longspan.external;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/** The topics from which the bridge may not consume, in the file of {@link RefusedConsumers}. */
final class RefusedTopics {
  private final Path file;
  private final Set<String> topics = new TreeSet<>();

  /** Creates the file, or empties it. */
  RefusedTopics(Path file) {
    this.file = file;
    write();
  }

  Path file() {
    return file;
  }

  synchronized void refuse(String topic) {
    topics.add(topic);
    write();
  }

  synchronized void allow(String topic) {
    topics.remove(topic);
    write();
  }

  private void write() {
    try {
      Files.write(file, topics);
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }
}
