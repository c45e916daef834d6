package io.longspan.identity;

import java.util.Optional;
import java.util.Set;

/**
 * A realm that can be asked about a user without a password. The embedded server's realm can; the
 * Servlet API offers no such access to a container's realm.
 */
public interface UserDirectory {

  /**
   * Entry of a user in the realm.
   *
   * @param roles unmodifiable, in the order of the realm
   * @param password token that equals another one only if the password is the same
   */
  record Entry(Set<String> roles, Object password) {}

  /** Finds a user; empty if unknown. Called on any thread; does not block. */
  Optional<Entry> find(String user);

  /**
   * Reads the users again if they have changed. Called several times a second by one thread at a
   * time; reads a small file.
   *
   * @return true if the users have changed
   */
  boolean reloadIfChanged();
}
