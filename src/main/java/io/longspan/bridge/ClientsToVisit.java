package io.longspan.bridge;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Clients that need the same work soon. Clients that are added before the work starts are handled
 * together, each of them once. The lock guards the set only.
 */
final class ClientsToVisit {
  private final Executor pool;
  private final Consumer<Set<ConnectedClient>> visit;
  private Set<ConnectedClient> next = new HashSet<>();

  /**
   * Creates an empty set.
   *
   * @param visit does the work; called on the pool, one call for each batch
   */
  ClientsToVisit(Executor pool, Consumer<Set<ConnectedClient>> visit) {
    this.pool = pool;
    this.visit = visit;
  }

  void add(ConnectedClient client) {
    boolean first;
    synchronized (this) {
      first = next.isEmpty();
      next.add(client);
    }
    if (first) {
      pool.execute(() -> visit.accept(takeAll()));
    }
  }

  private synchronized Set<ConnectedClient> takeAll() {
    Set<ConnectedClient> taken = next;
    next = new HashSet<>();
    return taken;
  }
}
