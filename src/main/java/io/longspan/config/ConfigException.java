package io.longspan.config;

/**
 * A configuration that cannot be used.
 *
 * <p>The message is one line, fit for an operator: it names the key, the value, what is allowed and
 * where the value was read. The value of a secret is never in it.
 */
public final class ConfigException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * @param line what is wrong; line breaks and other control characters become spaces, and the
   *     credentials of URLs are hidden
   */
  public ConfigException(String line) {
    super(Secrets.masked(line.replaceAll("\\p{Cntrl}+", " ")));
  }

  /** The value of a key is not one of those allowed. */
  static ConfigException refused(String key, String value, String allowed, Origin origin) {
    return new ConfigException(
        "%s: \"%s\" is not allowed; allowed: %s; read from %s"
            .formatted(key, shortened(value), allowed, origin));
  }

  /** A key that does not exist. */
  static ConfigException unknown(String key, String value, String allowed, Origin origin) {
    return new ConfigException(
        "%s: unknown key with the value \"%s\"; allowed: %s; read from %s"
            .formatted(shortened(key), shortened(value), allowed, origin));
  }

  /** A key that another key's value makes necessary. */
  static ConfigException missing(String key, String allowed, String reason, Origin origin) {
    return new ConfigException(
        "%s: not set, but needed by %s; allowed: %s; read from %s"
            .formatted(key, reason, allowed, origin));
  }

  private static String shortened(String value) {
    return value.length() <= 200 ? value : value.substring(0, 200) + "…";
  }
}
