package io.longspan.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;

/**
 * Suppresses all log lines except the bridge's own errors while it is open. Cold code may warn that
 * it is slow, and a JMS client that is closed may report a message that it was about to
 * acknowledge.
 */
final class QuietLogs extends TurboFilter implements AutoCloseable {
  private static final String OWN = "io.longspan.";

  private final LoggerContext context;

  private QuietLogs(LoggerContext context) {
    this.context = context;
  }

  static QuietLogs begin() {
    QuietLogs quiet = new QuietLogs((LoggerContext) LoggerFactory.getILoggerFactory());
    quiet.context.addTurboFilter(quiet);
    return quiet;
  }

  @Override
  public FilterReply decide(
      Marker marker,
      Logger logger,
      Level level,
      String format,
      Object[] parameters,
      Throwable failure) {
    boolean ownError = level.isGreaterOrEqual(Level.ERROR) && logger.getName().startsWith(OWN);
    return ownError ? FilterReply.NEUTRAL : FilterReply.DENY;
  }

  @Override
  public void close() {
    context.getTurboFilterList().remove(this);
  }
}
