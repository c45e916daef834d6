package io.longspan.jms;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Waiting items of several owners, taken round robin: an owner with many items delays another
 * owner's only item by one turn. Not thread-safe.
 *
 * @param <O> who an item is served for
 * @param <T> what waits
 */
final class FairTurns<O, T> {
  /** In the order of their turns; an owner without items is not in it. */
  private final Map<O, ArrayDeque<T>> waiting = new LinkedHashMap<>();

  private int size;

  /** Adds an item behind those of the same owner. */
  void add(O owner, T item) {
    waiting.computeIfAbsent(owner, o -> new ArrayDeque<>(4)).add(item);
    size++;
  }

  /** Removes and returns the next item; null if there is none. */
  T poll() {
    return poll(owner -> true);
  }

  /** Removes and returns the next item of an owner that is eligible; null if there is none. */
  T poll(Predicate<O> eligible) {
    Iterator<Map.Entry<O, ArrayDeque<T>>> turns = waiting.entrySet().iterator();
    while (turns.hasNext()) {
      Map.Entry<O, ArrayDeque<T>> turn = turns.next();
      O owner = turn.getKey();
      if (eligible.test(owner)) {
        ArrayDeque<T> items = turn.getValue();
        turns.remove();
        T item = items.poll();
        size--;
        if (!items.isEmpty()) {
          waiting.put(owner, items);
        }
        return item;
      }
    }
    return null;
  }

  /** Removes an item out of turn; returns whether it was there. */
  boolean remove(O owner, T item) {
    ArrayDeque<T> items = waiting.get(owner);
    if (items == null || !items.remove(item)) {
      return false;
    }
    size--;
    if (items.isEmpty()) {
      waiting.remove(owner);
    }
    return true;
  }

  /** Returns how many items wait. */
  int size() {
    return size;
  }
}
