package io.longspan.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import org.junit.jupiter.api.Test;

/** What every line of the log goes through. */
final class OneLineConverterTest {
  private static final LoggerContext CONTEXT = new LoggerContext();

  private static String line(String text, Throwable thrown) {
    OneLineConverter converter = new OneLineConverter();
    converter.setContext(CONTEXT);
    converter.start();
    Logger logger = CONTEXT.getLogger(OneLineConverterTest.class);
    return converter.convert(
        new LoggingEvent(Logger.class.getName(), logger, Level.WARN, text, thrown, new Object[0]));
  }

  @Test
  void charactersThatHideOrReorderTextAreReplaced() {
    for (String range :
        new String[] {
          "\u0000\u001f", "\u007f\u009f", "\u00ad\u00ad", "\u061c\u061c", "\u180e\u180e",
          "\u200b\u200f", "\u2028\u202e", "\u2060\u2064", "\u2066\u206f", "\ufeff\ufeff"
        }) {
      for (char c = range.charAt(0); c <= range.charAt(1); c++) {
        assertThat(line("ali" + c + "ce", null)).as("U+%04X", (int) c).isEqualTo("ali ce");
      }
    }
    assertThat(line("Zoë 日本", null)).isEqualTo("Zoë 日本");
  }

  @Test
  void noExceptionBringsTheCredentialsOfAUrl() {
    Exception cause =
        new IllegalArgumentException("tcp://bridge:hunter2@mq:61616?jms.password=hunter2");
    String line = line("failed", new IllegalStateException("at amqp://bridge:hunter2@mq", cause));
    assertThat(line)
        .doesNotContain("hunter2")
        .contains("failed", "amqp://(hidden)@mq", "tcp://(hidden)@mq:61616");
  }
}
