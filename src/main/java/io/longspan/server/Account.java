package io.longspan.server;

import java.util.Set;
import org.eclipse.jetty.util.security.Credential;

/**
 * Account of one user.
 *
 * @param password password as written in the file, plain or encoded
 * @param credential checks a password
 * @param roles unmodifiable, in the order of the file
 */
record Account(String password, Credential credential, Set<String> roles) {

  /** Omits the password. */
  @Override
  public String toString() {
    return "Account[roles=" + roles + "]";
  }
}
