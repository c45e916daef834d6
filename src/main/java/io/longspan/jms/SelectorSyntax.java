package io.longspan.jms;

import io.longspan.jms.SelectorToken.Kind;
import io.longspan.protocol.BridgeException;
import java.util.List;
import java.util.Set;
import org.apache.activemq.selector.SelectorParser;

/**
 * Validates selectors before a broker sees them.
 *
 * <p>The broker evaluates a selector for every message that anybody sends to the topic. A selector
 * that throws makes the sender's message fail. A slow selector delays everybody. This class
 * therefore accepts only a part of the JMS language that can do neither. It accepts comparisons of
 * a property with literals, joined by {@code AND}, {@code OR}, {@code NOT} and parentheses. It
 * rejects arithmetic, comparisons between properties, and extensions of any broker.
 *
 * <p>{@link SelectorToken} splits the text and rejects everything else, including comments. So this
 * class and a broker cannot read the same text differently. The parser of ActiveMQ then checks the
 * grammar. May be used on any thread; never blocks.
 */
final class SelectorSyntax {
  /** Maximum length of a selector, in characters. */
  static final int MAX_LENGTH = 2048;

  /** Maximum length of a {@code LIKE} pattern, in characters. */
  static final int MAX_PATTERN = 128;

  /** Maximum number of characters that the patterns of one selector may search for in total. */
  static final int MAX_SEARCH = 32;

  /** Cost of one searched character. A property costs 1. */
  static final int SEARCH_COST = 10;

  private static final int MAX_NESTING = 32;

  /**
   * The headers that JMS allows in a selector. Others, for example {@code JMSReplyTo}, could reveal
   * temporary names.
   */
  private static final Set<String> HEADERS =
      Set.of(
          "JMSDeliveryMode",
          "JMSPriority",
          "JMSMessageID",
          "JMSTimestamp",
          "JMSCorrelationID",
          "JMSType");

  private static final Set<String> BEFORE_PARENTHESIS = Set.of("AND", "OR", "NOT", "IN");

  private SelectorSyntax() {}

  /**
   * Validates a selector.
   *
   * @return the broker's cost to evaluate the selector for one message, at least 1. Each property
   *     costs 1, and each searched character costs {@link #SEARCH_COST}
   * @throws BridgeException {@code badRequest} with the reason, if the selector is rejected
   */
  static int require(String selector) {
    if (selector.length() > MAX_LENGTH) {
      throw invalid("it is longer than " + MAX_LENGTH + " characters");
    }
    List<SelectorToken> tokens = SelectorToken.read(selector);
    if (tokens.stream().filter(token -> token.is("(")).count() > MAX_NESTING) {
      throw invalid("it is nested too deeply");
    }
    int search = 0;
    int properties = 0;
    for (int i = 0; i < tokens.size(); i++) {
      require(tokens, i);
      if (tokens.get(i).is("LIKE")) {
        search += requireModestPattern(tokens, i + 1);
      }
      if (tokens.get(i).kind() == Kind.PROPERTY) {
        properties++;
      }
    }
    if (search > MAX_SEARCH) {
      throw invalid(
          "its LIKE patterns search for %d characters; at most %d are allowed"
              .formatted(search, MAX_SEARCH));
    }
    try {
      SelectorParser.parse(selector);
    } catch (Exception | StackOverflowError x) {
      throw invalid("it cannot be parsed");
    } finally {
      SelectorParser.clearCache();
    }
    return Math.max(1, properties) + SEARCH_COST * search;
  }

  private static void require(List<SelectorToken> tokens, int at) {
    SelectorToken token = tokens.get(at);
    SelectorToken before = at == 0 ? SelectorToken.END : tokens.get(at - 1);
    switch (token.kind()) {
      case PROPERTY -> requireProperty(token.text());
      case COMPARISON -> {
        requireProperty(before);
        requireLiteral(tokens, at + 1);
      }
      case SIGN -> {
        if (before.kind() != Kind.COMPARISON && !before.is("BETWEEN") && !before.is("AND")) {
          throw invalid("it contains arithmetic, which is not allowed");
        }
      }
      case PUNCTUATION -> {
        if (token.is("(") && before.isOperand()
            || token.is("(")
                && before.kind() == Kind.WORD
                && !BEFORE_PARENTHESIS.contains(before.text())) {
          throw invalid("it calls a function, which is not allowed");
        }
      }
      case WORD -> requireWord(tokens, at, token.text(), before);
      default -> {}
    }
  }

  private static void requireWord(
      List<SelectorToken> tokens, int at, String word, SelectorToken before) {
    SelectorToken subject =
        before.is("NOT") && at > 1 && !word.equals("NOT") ? tokens.get(at - 2) : before;
    switch (word) {
      case "NOT" -> {
        if (before.is("NOT")) {
          throw invalid("NOT is repeated");
        }
      }
      case "BETWEEN" -> {
        requireProperty(subject);
        int and = requireLiteral(tokens, at + 1);
        requireLiteral(tokens, and + 1);
      }
      case "LIKE", "IN" -> requireProperty(subject);
      default -> {}
    }
  }

  private static void requireProperty(SelectorToken token) {
    if (token.kind() != Kind.PROPERTY) {
      throw invalid("a comparison needs a property on its left");
    }
  }

  private static void requireProperty(String name) {
    String upper = SelectorToken.upper(name);
    if (upper.startsWith("XPATH") || upper.startsWith("XQUERY") || upper.matches("_*AMQ.*")) {
      throw invalid("it contains syntax that JMS does not define");
    }
    if (upper.startsWith("JMS") && !upper.startsWith("JMSX") && !HEADERS.contains(name)) {
      throw invalid("it uses a JMS header that a selector cannot use");
    }
  }

  /** Returns the index after the literal. */
  private static int requireLiteral(List<SelectorToken> tokens, int at) {
    int literal = at < tokens.size() && tokens.get(at).kind() == Kind.SIGN ? at + 1 : at;
    if (literal >= tokens.size() || !tokens.get(literal).isLiteral()) {
      throw invalid("a comparison needs a literal on its right");
    }
    return literal + 1;
  }

  /**
   * Validates the pattern of a {@code LIKE}, because brokers convert it to a regular expression.
   *
   * <p>With several {@code %} the expression backtracks: {@code '%a%a%a%b'} on a long text
   * practically never ends. This method allows one {@code %} anywhere, or one at each end. The
   * broker then compares the part after the first {@code %} at each character of the text. The work
   * is the length of the text times the number of searched characters. The sender chooses the
   * length of the text, so this method bounds the other factor.
   *
   * @return the number of searched characters: the first {@code %} and all characters after it; 0
   *     without a {@code %}
   */
  private static int requireModestPattern(List<SelectorToken> tokens, int at) {
    if (at >= tokens.size() || tokens.get(at).kind() != Kind.TEXT) {
      throw invalid("LIKE needs a pattern on its right");
    }
    String pattern = tokens.get(at).value();
    if (pattern.length() > MAX_PATTERN) {
      throw invalid("a LIKE pattern is longer than " + MAX_PATTERN + " characters");
    }
    int escape = escape(tokens, at + 1);
    int length = 0;
    int wild = 0;
    int firstWild = 0;
    boolean endsWild = false;
    for (int i = 0; i < pattern.length(); i++, length++) {
      endsWild = pattern.charAt(i) == '%' && escape != '%';
      if (pattern.charAt(i) == escape) {
        i++; // The next character is a literal.
      } else if (endsWild && wild++ == 0) {
        firstWild = length;
      }
    }
    if (wild > 2 || (wild == 2 && !(firstWild == 0 && endsWild))) {
      throw invalid("a LIKE pattern may contain one %, or one % at each end");
    }
    return wild == 0 ? 0 : length - firstWild;
  }

  /** Returns the character of an {@code ESCAPE} clause; -1 if there is none. */
  private static int escape(List<SelectorToken> tokens, int at) {
    boolean escapes =
        at + 1 < tokens.size()
            && tokens.get(at).is("ESCAPE")
            && tokens.get(at + 1).value().length() == 1;
    return escapes ? tokens.get(at + 1).value().charAt(0) : -1;
  }

  static BridgeException invalid(String why) {
    return BridgeException.badRequest("not a valid selector: " + why);
  }
}
