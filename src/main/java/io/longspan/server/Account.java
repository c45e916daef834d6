package io.longspan.server;

import java.util.Set;
import org.eclipse.jetty.util.security.Credential;

/**
 * What the server knows of one user.
 *
 * @param password the password as it stands in the file
 * @param credential checks a password
 * @param roles unmodifiable and in the order granted
 */
record Account(String password, Credential credential, Set<String> roles) {

  /** Without the password. */
  @Override
  public String toString() {
    return "Account[roles=" + roles + "]";
  }
}
