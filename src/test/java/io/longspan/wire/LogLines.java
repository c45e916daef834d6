package io.longspan.wire;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.ConsoleAppender;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.slf4j.LoggerFactory;

/** Hears of each line that {@code logback.xml} writes, and keeps those that have another shape. */
final class LogLines extends AppenderBase<ILoggingEvent> implements AutoCloseable {
  /**
   * Time, level, logger and text: one line, nothing that steers a terminal, of a bounded length.
   */
  private static final Pattern SHAPE =
      Pattern.compile(
          "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}(?:Z|[+-]\\d\\d:\\d\\d)"
              + " (?:ERROR|WARN |INFO ) [A-Za-z0-9_$]+ [^\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]{0,16000}\n");

  private final Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
  private final List<String> misshapen = new CopyOnWriteArrayList<>();
  private final AtomicLong lines = new AtomicLong();

  LogLines() {
    setContext(root.getLoggerContext());
    start();
    root.addAppender(this);
  }

  @Override
  protected void append(ILoggingEvent event) {
    ConsoleAppender<?> console = (ConsoleAppender<?>) root.getAppender("console");
    @SuppressWarnings("unchecked")
    byte[] bytes = ((ConsoleAppender<ILoggingEvent>) console).getEncoder().encode(event);
    String line = new String(bytes, StandardCharsets.UTF_8);
    lines.incrementAndGet();
    if (!SHAPE.matcher(line).matches() || line.contains(" Forged ")) {
      misshapen.add(line.length() > 500 ? line.substring(0, 500) : line);
    }
  }

  long count() {
    return lines.get();
  }

  List<String> misshapen() {
    return misshapen;
  }

  @Override
  public void close() {
    root.detachAppender(this);
  }
}
