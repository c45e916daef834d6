package io.longspan.security;

import io.longspan.protocol.UserChannel;
import java.util.Set;

/**
 * The authenticated user of a session; it travels as an argument.
 *
 * @param user the user's name, any Unicode text
 * @param roles the user's roles, in the order in which the realm named them
 */
public record Identity(String user, Set<String> roles) {
  /** The role that makes an operator. */
  public static final String SYSADMIN = "sysadmin";

  /** Returns whether the user is an operator. */
  public boolean isSysadmin() {
    return roles.contains(SYSADMIN);
  }

  /** Returns the user's name in a form that can stand in a log line. */
  public String loggable() {
    return UserChannel.encode(user);
  }
}
