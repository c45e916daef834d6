package io.longspan.security;

import java.security.Principal;
import java.util.Set;

/**
 * A user who knows his roles.
 *
 * <p>The Servlet API only answers whether a user has a given role; the bridge tells a client all of
 * its roles, and so needs the list. A login service that can give it returns such a principal.
 */
public interface RolePrincipal extends Principal {

  /**
   * The roles of the user.
   *
   * @return never null; unmodifiable, in the order in which they were granted
   */
  Set<String> roles();
}
