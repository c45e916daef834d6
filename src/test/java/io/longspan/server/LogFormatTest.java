package io.longspan.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.joran.spi.JoranException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code logback.xml} makes of an event. */
final class LogFormatTest {

  private static final String HEAD =
      "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}(Z|[+-]\\d\\d:\\d\\d) INFO  Bridge ";

  private final LoggerContext context = new LoggerContext();

  @BeforeEach
  void configure() throws JoranException {
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(context);
    configurator.doConfigure(getClass().getResource("/logback.xml"));
  }

  @AfterEach
  void stop() {
    context.stop();
  }

  @Test
  void anEventIsOneLineWithTimeLevelLoggerAndMessage() {
    assertThat(line("alice, Zoë {} 'connected'", null))
        .matches(HEAD + "alice, Zoë \\{} 'connected'\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"\n", "\r\n", "\r", "\u0085", "\u2028", "\u2029", "\t", "\u001b", "\b", "\u202e"})
  void aMessageCannotForgeALineOrSteerATerminal(String control) {
    assertThat(line("user" + control + "2026-01-01 INFO forged", null))
        .matches(HEAD + "user 2026-01-01 INFO forged\n");
  }

  @Test
  void anExceptionWithItsTraceAndCausesIsInTheLineOfItsEvent() {
    Exception failure =
        new IllegalStateException("a\n2026 INFO forged", new RuntimeException("cause\r\nforged"));

    assertThat(line("failed", failure))
        .matches("(?s).*[^ ]\n")
        .satisfies(line -> assertThat(line.strip().lines()).hasSize(1))
        .contains("failed java.lang.IllegalStateException: a 2026 INFO forged at io.longspan")
        .contains("Caused by: java.lang.RuntimeException: cause forged");
  }

  @Test
  void librariesOnlyWarnWhileTheBridgeAndItsAccessLogInform() {
    assertThat(context.getLogger("org.eclipse.jetty").getEffectiveLevel()).isEqualTo(Level.WARN);
    assertThat(context.getLogger("io.longspan.web").getEffectiveLevel()).isEqualTo(Level.INFO);
    assertThat(context.getLogger("longspan.access").getEffectiveLevel()).isEqualTo(Level.INFO);
  }

  private String line(String message, Throwable failure) {
    Logger logger = context.getLogger("io.longspan.bridge.Bridge");
    ILoggingEvent event =
        new LoggingEvent(Logger.class.getName(), logger, Level.INFO, message, failure, null);
    ConsoleAppender<?> console =
        (ConsoleAppender<?>) context.getLogger(Logger.ROOT_LOGGER_NAME).getAppender("console");
    @SuppressWarnings("unchecked")
    byte[] line = ((ConsoleAppender<ILoggingEvent>) console).getEncoder().encode(event);
    return new String(line, StandardCharsets.UTF_8);
  }
}
