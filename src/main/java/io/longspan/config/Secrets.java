package io.longspan.config;

import java.util.regex.Pattern;

/**
 * Removes credentials from texts that are logged or shown. May be used on any thread; never blocks.
 */
public final class Secrets {

  static final String HIDDEN = "(hidden)";

  private static final Pattern OPTION =
      Pattern.compile("(?i)((?:pass|pwd|secret|credential|token)[\\w.-]{0,64}=)[^&\\s]+");
  private static final Pattern NAME = Pattern.compile("(?i).*(pas+w|pass|pwd|secret|cred|token).*");

  private Secrets() {}

  /**
   * Returns a text without the credentials in its URLs. It may hide more than credentials, for
   * example a host name, but never shows a password in a URL. The time is linear in the length of
   * the text.
   *
   * @param text any text, for example a URL, or an exception's message that repeats one
   */
  public static String masked(String text) {
    String withoutUser = text.indexOf('@') < 0 ? text : withoutUserInfo(text);
    return withoutUser.indexOf('=') < 0
        ? withoutUser
        : OPTION.matcher(withoutUser).replaceAll("$1" + HIDDEN);
  }

  /** Hides, in each word, the part between the first double slash and the last at sign. */
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

  /** Returns whether an unknown key may be a misspelt name of a secret. */
  static boolean namesSecret(String key) {
    return NAME.matcher(key).matches();
  }
}
