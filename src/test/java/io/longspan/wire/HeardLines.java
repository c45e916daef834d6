package io.longspan.wire;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.slf4j.LoggerFactory;

/** The texts that are logged while this object is open. */
final class HeardLines extends AppenderBase<ILoggingEvent> implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
  private final List<String> lines = new CopyOnWriteArrayList<>();

  HeardLines() {
    setContext(root.getLoggerContext());
    start();
    root.addAppender(this);
  }

  @Override
  protected void append(ILoggingEvent event) {
    lines.add(event.getFormattedMessage());
  }

  /** Waits for a line that contains all the parts, and returns it. */
  String await(String... parts) {
    try {
      Awaitility.await().atMost(PATIENCE).until(() -> lines.stream().anyMatch(l -> has(l, parts)));
    } catch (RuntimeException x) {
      throw new AssertionError("no such line: " + List.of(parts) + " in " + lines, x);
    }
    return lines.stream().filter(line -> has(line, parts)).findFirst().orElseThrow();
  }

  private static boolean has(String line, String... parts) {
    return List.of(parts).stream().allMatch(line::contains);
  }

  List<String> all() {
    return List.copyOf(lines);
  }

  @Override
  public void close() {
    root.detachAppender(this);
  }
}
