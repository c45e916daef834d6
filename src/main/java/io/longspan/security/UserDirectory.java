package io.longspan.security;

import java.util.Optional;
import java.util.Set;

/**
 * A realm that can be asked about a user without a password. That of the embedded server can; the
 * Servlet API does not offer it for that of a container.
 */
public interface UserDirectory {

  /**
   * What the realm knows of a user.
   *
   * @param roles unmodifiable, in the order granted
   * @param password stands for the present password: equal for as long as it is not changed
   */
  record Entry(Set<String> roles, Object password) {}

  /** Finds a user; empty if there is none. Does not block. */
  Optional<Entry> find(String user);

  /**
   * Reads the users again if they have changed. Called several times a second by one thread at a
   * time; reads a small file.
   *
   * @return whether other users are in force now
   */
  boolean reloadIfChanged();
}
