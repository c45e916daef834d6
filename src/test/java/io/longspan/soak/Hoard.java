package io.longspan.soak;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** What one attack keeps open; used by its thread only. */
final class Hoard implements Closeable {
  private final Deque<Closeable> kept = new ArrayDeque<>();

  /** Keeps one more; beyond a number the oldest is closed. */
  <T extends Closeable> T keep(T item, int most) throws IOException {
    kept.addLast(item);
    while (kept.size() > most) {
      kept.removeFirst().close();
    }
    return item;
  }

  /** Closes one that the bridge has ended. */
  void drop(Closeable item) throws IOException {
    kept.remove(item);
    item.close();
  }

  List<Closeable> all() {
    return List.copyOf(kept);
  }

  int size() {
    return kept.size();
  }

  @Override
  public void close() throws IOException {
    while (!kept.isEmpty()) {
      kept.removeLast().close();
    }
  }
}
