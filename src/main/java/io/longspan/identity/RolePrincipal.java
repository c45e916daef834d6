package io.longspan.identity;

import java.security.Principal;
import java.util.Set;

/**
 * A principal that knows its roles.
 *
 * <p>The Servlet API only answers whether a user has a given role. The bridge reports all roles to
 * the client, so it needs the list. A login service that knows the roles returns this type.
 */
public interface RolePrincipal extends Principal {

  /**
   * Returns the roles of the user.
   *
   * @return never null; unmodifiable, in the order of the realm
   */
  Set<String> roles();
}
