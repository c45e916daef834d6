package io.longspan.soak;

import io.longspan.wire.RawHttp;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;

/**
 * The bridge under attack.
 *
 * @param base where it is, with a slash at the end
 * @param percent how much of its full size an attack has, 1 to 100
 */
record Target(URI base, int percent) {
  /** Where strangers come from; honest users come from 127.0.0.1. */
  static final String STRANGE_ADDRESS = "127.0.0.66";

  static final String SHARED_ADDRESS = "127.0.0.1";

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  RawHttp connect(String from) {
    return RawHttp.to(base, from, PATIENCE);
  }

  /** Returns a part of a number, at least 1. */
  int scaled(int full) {
    return Math.max(1, full * percent / 100);
  }

  /** Returns the header of a user whose password is the name. */
  static String basic(String user) {
    return basic(user, user);
  }

  static String basic(String user, String password) {
    byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
    return "Authorization: Basic " + Base64.getEncoder().encodeToString(pair);
  }
}
