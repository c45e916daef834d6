package io.longspan.server;

import org.eclipse.jetty.util.security.Credential;

/**
 * A password that is stored as {@code CRYPT:}. That form reads eight characters and ignores the
 * rest, so a longer password would be accepted for any other with the same beginning: it is
 * refused.
 */
final class CryptCredential extends Credential {
  private static final long serialVersionUID = 1L;

  /** How an entry of this form begins. */
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
