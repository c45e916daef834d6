package io.longspan.bridge;

import java.security.SecureRandom;
import java.util.Base64;

/** Texts that nobody can guess: tokens, addresses and correlation ids. */
final class RandomText {
  /** 144 random bits, which are 24 characters. */
  private static final int BYTES = 18;

  private static final SecureRandom RANDOM = new SecureRandom();

  private RandomText() {}

  /** Returns a new text, of letters, digits, {@code -} and {@code _}. Safe for many threads. */
  static String next() {
    byte[] bytes = new byte[BYTES];
    RANDOM.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
