package io.longspan.logging;

import ch.qos.logback.classic.pattern.ThrowableProxyConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import io.longspan.config.Secrets;
import java.util.regex.Pattern;

/**
 * The Logback conversion {@code %oneLine{30}}: the message and the first 30 lines of the stack
 * trace as one line.
 *
 * <p>Control characters become spaces, so the text cannot forge a line or control a terminal.
 * Credentials in URLs are masked. Logback's {@code %replace} could do the same, but applies a
 * regular expression to each line.
 */
public final class OneLineConverter extends ThrowableProxyConverter {
  private static final Pattern CONTROL = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]+");

  @Override
  public String convert(ILoggingEvent event) {
    String text = event.getFormattedMessage() + ' ' + super.convert(event);
    String line = Secrets.masked(onOneLine(text));
    int end = line.length();
    while (end > 0 && line.charAt(end - 1) == ' ') {
      end--;
    }
    return line.substring(0, end);
  }

  private static String onOneLine(String text) {
    return isPrintableAscii(text) ? text : CONTROL.matcher(text).replaceAll(" ");
  }

  private static boolean isPrintableAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < ' ' || text.charAt(i) > '~') {
        return false;
      }
    }
    return true;
  }
}
