package io.longspan.config;

import java.util.regex.Pattern;

/** Keeps secrets out of what is printed. */
final class Secrets {

  static final String HIDDEN = "(hidden)";

  private static final Pattern USER_INFO = Pattern.compile("(?<=//)[^?#\\s]*@");
  private static final Pattern OPTION =
      Pattern.compile("(?i)([\\w.-]*(?:pass|pwd|secret|credential|token)[\\w.-]*=)[^&;,)\\s]*");
  private static final Pattern NAME = Pattern.compile("(?i).*(pas+w|pass|pwd|secret|cred|token).*");

  private Secrets() {}

  /** A text without the credentials that a URL in it carries. */
  static String masked(String text) {
    String withoutUser = USER_INFO.matcher(text).replaceAll(HIDDEN + "@");
    return OPTION.matcher(withoutUser).replaceAll("$1" + HIDDEN);
  }

  /** Whether an unknown key may be a misspelt secret. */
  static boolean namesSecret(String key) {
    return NAME.matcher(key).matches();
  }
}
