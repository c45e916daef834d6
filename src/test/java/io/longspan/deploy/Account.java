package io.longspan.deploy;

import java.util.List;

/** A user of a container's realm. */
record Account(String name, String password, List<String> roles) {
  /** Those that the core wire contract wants. */
  static final List<Account> ALL =
      List.of(
          new Account("alice", "alice", List.of("trader", "editor")),
          new Account("bob", "bob", List.of("viewer")),
          new Account("root", "root", List.of("sysadmin")),
          new Account("zoë ~x", "zoë", List.of()));
}
