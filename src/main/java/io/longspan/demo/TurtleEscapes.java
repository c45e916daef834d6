package io.longspan.demo;

/**
 * Repairs a frequent mistake in Turtle files: a backslash in a string before a character that needs
 * none ({@code "a\_b"}). It is read as a backslash.
 */
final class TurtleEscapes {

  private static final String ESCAPES = "tbnrf\"'\\uU";

  private final String text;
  private final StringBuilder repaired;
  private int position;
  private int repairs;

  private TurtleEscapes(String text) {
    this.text = text;
    this.repaired = new StringBuilder(text.length() + 16);
  }

  /**
   * A repaired document.
   *
   * @param text the document; unchanged if nothing was repaired
   * @param count number of doubled backslashes
   */
  record Repair(String text, int count) {}

  static Repair repair(String text) {
    TurtleEscapes escapes = new TurtleEscapes(text);
    while (escapes.position < text.length()) {
      escapes.token();
    }
    return new Repair(escapes.repaired.toString(), escapes.repairs);
  }

  private void token() {
    switch (text.charAt(position)) {
      case '"' -> string(text.startsWith("\"\"\"", position) ? "\"\"\"" : "\"");
      case '\'' -> string(text.startsWith("'''", position) ? "'''" : "'");
      case '<' -> copyUntil('>');
      case '#' -> copyUntil('\n');
      case '\\' -> copy(2);
      default -> copy(1);
    }
  }

  private void string(String quote) {
    copy(quote.length());
    while (position < text.length() && !text.startsWith(quote, position)) {
      if (text.charAt(position) != '\\') {
        copy(1);
      } else if (position + 1 < text.length() && ESCAPES.indexOf(text.charAt(position + 1)) < 0) {
        repaired.append('\\');
        repairs++;
        copy(1);
      } else {
        copy(2);
      }
    }
    copy(quote.length());
  }

  private void copyUntil(char end) {
    int found = text.indexOf(end, position);
    copy(found < 0 ? text.length() - position : found + 1 - position);
  }

  private void copy(int characters) {
    int end = Math.min(text.length(), position + characters);
    repaired.append(text, position, end);
    position = end;
  }
}
