package io.longspan.benchmark;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * What each request of a client carries to prove its user.
 *
 * @param cookie the header {@code Cookie}; may be empty
 * @param authorization the header {@code Authorization}; empty: the requests have none
 */
record Login(String cookie, String authorization) {
  static final Login NONE = new Login("", "");

  static Login ofCookie(String cookie) {
    return new Login(cookie, "");
  }

  static Login ofPassword(String user, String password) {
    byte[] both = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
    return new Login("", "Basic " + Base64.getEncoder().encodeToString(both));
  }
}
