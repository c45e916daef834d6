package io.longspan.config;

import java.util.regex.Pattern;

/** Keeps secrets out of what is printed and logged. */
public final class Secrets {

  static final String HIDDEN = "(hidden)";

  private static final Pattern OPTION =
      Pattern.compile("(?i)((?:pass|pwd|secret|credential|token)[\\w.-]{0,64}=)[^&\\s]+");
  private static final Pattern NAME = Pattern.compile("(?i).*(pas+w|pass|pwd|secret|cred|token).*");

  private Secrets() {}

  /**
   * Returns a text without the credentials that URLs in it carry. Fails closed: it may hide a host
   * as well, never show a password. Its time is linear in the text's length.
   *
   * @param text any text, such as a URL or the message of an exception that repeats one
   */
  public static String masked(String text) {
    String withoutUser = text.indexOf('@') < 0 ? text : withoutUserInfo(text);
    return withoutUser.indexOf('=') < 0
        ? withoutUser
        : OPTION.matcher(withoutUser).replaceAll("$1" + HIDDEN);
  }

  /** Hides, in each word, what is between the first double slash and the last at sign. */
  private static String withoutUserInfo(String text) {
    StringBuilder masked = new StringBuilder(text.length());
    int start = 0;
    while (start < text.length()) {
      int end = start;
      while (end < text.length() && !Character.isWhitespace(text.charAt(end))) {
        end++;
      }
      String word = text.substring(start, end);
      int slashes = word.indexOf("//");
      int at = word.lastIndexOf('@');
      if (slashes >= 0 && at > slashes) {
        masked.append(word, 0, slashes + 2).append(HIDDEN).append(word, at, word.length());
      } else {
        masked.append(word);
      }
      if (end < text.length()) {
        masked.append(text.charAt(end));
      }
      start = end + 1;
    }
    return masked.toString();
  }

  /** Whether an unknown key may be a misspelt secret. */
  static boolean namesSecret(String key) {
    return NAME.matcher(key).matches();
  }
}
