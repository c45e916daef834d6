package io.longspan.jms;

import io.longspan.protocol.BridgeException;
import java.util.regex.Pattern;
import org.apache.activemq.selector.SelectorParser;

/**
 * Checks selectors before any broker sees them: JMS's own language, and none of the extensions that
 * brokers have made to it. The parser is ActiveMQ's.
 */
final class SelectorSyntax {
  /** The longest selector, in characters. */
  static final int MAX_LENGTH = 2048;

  private static final Pattern LITERAL = Pattern.compile("'(?:[^']|'')*'");
  private static final Pattern EXTENSION =
      Pattern.compile("\\b(?:XPATH|XQUERY)\\b|[:\"`;]|AMQ", Pattern.CASE_INSENSITIVE);
  private static final Pattern NESTING = Pattern.compile("\\(");
  private static final int MAX_NESTING = 32;

  private SelectorSyntax() {}

  static void require(String selector) {
    if (selector.length() > MAX_LENGTH) {
      throw invalid("it is longer than " + MAX_LENGTH + " characters");
    }
    String code = LITERAL.matcher(selector).replaceAll("''");
    if (EXTENSION.matcher(code).find()) {
      throw invalid("it is not JMS's selector language");
    }
    if (NESTING.matcher(code).results().count() > MAX_NESTING) {
      throw invalid("it nests too deep");
    }
    try {
      SelectorParser.parse(selector);
    } catch (Exception | StackOverflowError x) {
      throw invalid("it cannot be parsed");
    } finally {
      SelectorParser.clearCache();
    }
  }

  private static BridgeException invalid(String why) {
    return BridgeException.badRequest("not a valid selector: " + why);
  }
}
