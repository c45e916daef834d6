package io.longspan.client;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Creates correlation ids: the Bayeux client id, a counter, and 128 random bits, which prevent
 * services from guessing ids of other requests.
 */
final class CorrelationIds {
  private static final int RANDOM_BYTES = 16;
  private static final Pattern REST = Pattern.compile("([1-9]\\d{0,17})-[0-9a-f]{32}");

  private final SecureRandom random = new SecureRandom();
  private String prefix = "";
  private long count;

  void begin(String clientId) {
    prefix = clientId + "-";
    count = 0;
  }

  String next() {
    byte[] bytes = new byte[RANDOM_BYTES];
    random.nextBytes(bytes);
    return prefix + ++count + "-" + HexFormat.of().formatHex(bytes);
  }

  /** Whether this session created the id. */
  boolean made(String id) {
    if (prefix.isEmpty() || !id.startsWith(prefix)) {
      return false;
    }
    Matcher rest = REST.matcher(id.substring(prefix.length()));
    return rest.matches() && Long.parseLong(rest.group(1)) <= count;
  }
}
