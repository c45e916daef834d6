package io.longspan.identity;

import io.longspan.protocol.UserChannel;
import java.util.Set;

/**
 * The authenticated user of a session. Immutable; passed as an argument, not as thread-local state.
 *
 * @param user name of the user, any Unicode text
 * @param roles roles of the user, in the order of the realm
 */
public record Identity(String user, Set<String> roles) {
  /** Role of operators. */
  public static final String SYSADMIN = "sysadmin";

  /** Returns whether the user is an operator. */
  public boolean isSysadmin() {
    return roles.contains(SYSADMIN);
  }

  /** Returns the user name encoded for a log line; the encoding is the one of the user channel. */
  public String loggable() {
    return UserChannel.encode(user);
  }
}
