package io.longspan.config;

import java.nio.file.Path;

/**
 * The place where a value was read, for error messages.
 *
 * @param text the place, for example {@code longspan.yaml:12} or {@code environment
 *     LONGSPAN_HTTP_PORT}
 */
record Origin(String text) {

  static final Origin DEFAULT = new Origin("the default");

  static Origin line(Path file, int line) {
    return new Origin(file + ":" + line);
  }

  static Origin systemProperty(String name) {
    return new Origin("system property " + name);
  }

  static Origin environment(String name) {
    return new Origin("environment " + name);
  }

  @Override
  public String toString() {
    return text;
  }
}
