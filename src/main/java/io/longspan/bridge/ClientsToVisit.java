package io.longspan.bridge;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Clients for which something is to be done soon. Those that are added before it begins are visited
 * together, and each once, however often it was added. The lock guards the set only.
 */
final class ClientsToVisit {
  private final Executor pool;
  private final Consumer<Set<ConnectedClient>> visit;
  private Set<ConnectedClient> next = new HashSet<>();

  /**
   * Creates an empty set.
   *
   * @param visit is called on the pool
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
