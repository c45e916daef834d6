package io.longspan.config;

/**
 * Thrown if the configuration is not usable.
 *
 * <p>The message is one line for an operator. It names the key, the value, the allowed values and
 * the origin of the value. It never contains the value of a secret.
 */
public final class ConfigException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param line the message; control characters, for example line breaks, become spaces, and
   *     credentials in URLs are hidden
   */
  public ConfigException(String line) {
    super(Secrets.masked(line.replaceAll("\\p{Cntrl}+", " ")));
  }

  /** Returns an exception for a value that its key does not allow. */
  static ConfigException refused(String key, String value, String allowed, Origin origin) {
    return new ConfigException(
        "%s: \"%s\" is not allowed; allowed: %s; read from %s"
            .formatted(key, shortened(value), allowed, origin));
  }

  /** Returns an exception for a key that does not exist. */
  static ConfigException unknown(String key, String value, String allowed, Origin origin) {
    return new ConfigException(
        "%s: unknown key with the value \"%s\"; allowed: %s; read from %s"
            .formatted(shortened(key), shortened(value), allowed, origin));
  }

  /**
   * Returns an exception for a key that is not set although another key requires it.
   *
   * @param reason the key that requires it
   * @param origin the origin of the value of {@code reason}
   */
  static ConfigException missing(String key, String allowed, String reason, Origin origin) {
    return new ConfigException(
        "%s: not set, but needed by %s; allowed: %s; read from %s"
            .formatted(key, reason, allowed, origin));
  }

  private static String shortened(String value) {
    return value.length() <= 200 ? value : value.substring(0, 200) + "…";
  }
}
