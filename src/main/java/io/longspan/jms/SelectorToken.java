package io.longspan.jms;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A token of a selector.
 *
 * @param kind the kind of token
 * @param text the text as written; keywords in capitals
 */
record SelectorToken(Kind kind, String text) {

  enum Kind {
    TEXT,
    NUMBER,
    PROPERTY,
    WORD,
    COMPARISON,
    SIGN,
    PUNCTUATION,
    END
  }

  /** Stands for the place before the first token. */
  static final SelectorToken END = new SelectorToken(Kind.END, "");

  private static final Set<String> WORDS =
      Set.of("AND", "OR", "NOT", "BETWEEN", "LIKE", "ESCAPE", "IN", "IS", "NULL", "TRUE", "FALSE");

  /** Placeholder for the token before the first one. */
  private static final Pattern TOKEN =
      Pattern.compile(
          "[ \\t\\r\\n\\f]*+(?:('[^']*+(?:''[^']*+)*+')"
              + "|((?:0[xX][0-9a-fA-F]++|(?:[0-9]++(?:\\.[0-9]*+)?+|\\.[0-9]++)(?:[eE][+-]?[0-9]++)?+)"
              + "[lL]?+)(?![\\p{L}\\p{N}_$.])"
              + "|([\\p{L}_$][\\p{L}\\p{N}_$.]*+)"
              + "|(<>|<=|>=|[=<>])"
              + "|([+-](?=\\.?[0-9]))"
              + "|([(),])"
              + "|\\z)");

  private static final List<Kind> GROUPS =
      List.of(Kind.TEXT, Kind.NUMBER, Kind.PROPERTY, Kind.COMPARISON, Kind.SIGN, Kind.PUNCTUATION);

  /**
   * Splits a selector into tokens.
   *
   * @throws io.longspan.protocol.BridgeException {@code badRequest} if a part is not a token of the
   *     JMS language
   */
  static List<SelectorToken> read(String selector) {
    List<SelectorToken> tokens = new ArrayList<>();
    Matcher matcher = TOKEN.matcher(selector).useTransparentBounds(true);
    int start = 0;
    while (start < selector.length()) {
      if (!matcher.region(start, selector.length()).lookingAt()) {
        throw SelectorSyntax.invalid("it contains syntax that JMS does not define");
      }
      for (int group = 1; group <= GROUPS.size(); group++) {
        if (matcher.group(group) != null) {
          tokens.add(token(GROUPS.get(group - 1), matcher.group(group)));
        }
      }
      start = matcher.end();
    }
    return tokens;
  }

  private static SelectorToken token(Kind kind, String text) {
    String upper = upper(text);
    return kind == Kind.PROPERTY && WORDS.contains(upper)
        ? new SelectorToken(Kind.WORD, upper)
        : new SelectorToken(kind, text);
  }

  static String upper(String text) {
    return text.toUpperCase(Locale.ROOT);
  }

  boolean is(String wanted) {
    return kind != Kind.TEXT && text.equals(wanted);
  }

  boolean isOperand() {
    return kind == Kind.PROPERTY || isLiteral();
  }

  boolean isLiteral() {
    return kind == Kind.TEXT
        || kind == Kind.NUMBER
        || (kind == Kind.WORD && (text.equals("TRUE") || text.equals("FALSE")));
  }

  /**
   * Returns the content of a text literal without its quotes; the text itself for another token.
   */
  String value() {
    return kind == Kind.TEXT ? text.substring(1, text.length() - 1).replace("''", "'") : text;
  }
}
