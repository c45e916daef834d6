package io.longspan.client;

import java.util.ArrayList;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Delivers each numbered message once, in ascending order. Messages after a hole wait until the
 * missing ones arrive, or until it is known that they will not.
 */
final class InOrder {
  private static final int MAX_HELD = 10_000;

  enum Order {
    IN_ORDER,
    HOLE,
    /** Too many waited, so the hole was skipped. */
    OVERRUN
  }

  private final Consumer<Incoming> give;
  private final TreeMap<Long, Incoming> held = new TreeMap<>();
  private long last;

  InOrder(Consumer<Incoming> give) {
    this.give = give;
  }

  /** Returns the last delivered number. */
  long last() {
    return last;
  }

  Order take(long seq, Incoming message) {
    if (seq > last) {
      held.put(seq, message);
    }
    giveNext();
    if (held.isEmpty()) {
      return Order.IN_ORDER;
    }
    if (held.size() < MAX_HELD) {
      return Order.HOLE;
    }
    settle(held.lastKey());
    return Order.OVERRUN;
  }

  /** Skips all holes up to this number: the bridge has discarded those messages. */
  void settle(long seq) {
    for (long each : new ArrayList<>(held.headMap(seq, true).keySet())) {
      giveOne(each);
    }
    last = seq;
    giveNext();
  }

  /** Continues after this number, and discards what waits. */
  void restart(long seq) {
    held.clear();
    last = seq;
  }

  private void giveNext() {
    while (held.containsKey(last + 1)) {
      giveOne(last + 1);
    }
  }

  private void giveOne(long seq) {
    Incoming message = held.remove(seq);
    if (message != null) {
      last = seq;
      give.accept(message);
    }
  }
}
