package io.longspan.logging;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import io.longspan.config.LongspanConfig;
import io.longspan.config.LongspanConfig.LogFormat;
import org.slf4j.LoggerFactory;

/** Switches the log to JSON. */
public final class JsonLog {
  private JsonLog() {}

  /**
   * Lets all appenders of the console write {@link EcsEncoder} lines, if the configuration says so.
   * Idempotent; called once at the start of each part, before it logs.
   */
  public static void useIfConfigured(LongspanConfig config) {
    if (config.logging().format() == LogFormat.JSON
        && LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      use(context, config.bridge().id());
    }
  }

  static void use(LoggerContext context, String bridgeId) {
    context
        .getLoggerList()
        .forEach(
            logger ->
                logger
                    .iteratorForAppenders()
                    .forEachRemaining(
                        appender -> {
                          if (appender instanceof ConsoleAppender<ILoggingEvent> console
                              && !(console.getEncoder() instanceof EcsEncoder)) {
                            EcsEncoder encoder = new EcsEncoder(bridgeId);
                            encoder.setContext(context);
                            encoder.start();
                            console.setEncoder(encoder);
                          }
                        }));
  }
}
