package io.longspan.server;

import org.eclipse.jetty.util.security.Credential;

/**
 * A password stored as {@code CRYPT:}. The algorithm reads only eight characters. A longer password
 * would match any other with the same start, so it is rejected.
 */
final class CryptCredential extends Credential {
  private static final long serialVersionUID = 1L;

  /** Prefix of such an entry. */
  static final String PREFIX = "CRYPT:";

  private static final int MAX_LENGTH = 8;

  private final Credential stored;

  CryptCredential(String text) {
    this.stored = Credential.getCredential(text);
  }

  @Override
  public boolean check(Object credentials) {
    int length =
        credentials instanceof char[] chars ? chars.length : String.valueOf(credentials).length();
    return length <= MAX_LENGTH && stored.check(credentials);
  }
}
