package io.longspan.concurrent;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * A queue of items that belong to owners, taken round robin by owner. An owner with many items
 * delays another owner's only item by one turn. Not thread-safe.
 *
 * @param <O> the owner of an item
 * @param <T> the item
 */
public final class FairTurns<O, T> {
  /** The items by owner, in the order of the turns. Owners without items are absent. */
  private final Map<O, ArrayDeque<T>> waiting = new LinkedHashMap<>();

  private int size;

  /** Adds an item after the other items of its owner. */
  public void add(O owner, T item) {
    waiting.computeIfAbsent(owner, o -> new ArrayDeque<>(4)).add(item);
    size++;
  }

  /** Removes and returns the next item; null if there is none. */
  public T poll() {
    return poll(owner -> true);
  }

  /**
   * Removes and returns the next item whose owner is eligible; null if there is none. Other owners
   * keep their place.
   */
  public T poll(Predicate<O> eligible) {
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

  /**
   * Removes an item out of turn.
   *
   * @return whether the item was in the queue
   */
  public boolean remove(O owner, T item) {
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

  /**
   * Removes and returns the newest item of the owner with the most items.
   *
   * @param moreThan at least 1
   * @return null if no owner has more items than this
   */
  public T removeNewestOfLargest(int moreThan) {
    if (size == waiting.size()) {
      return null; // every owner has one item
    }
    O largest = null;
    int most = moreThan;
    for (Map.Entry<O, ArrayDeque<T>> turn : waiting.entrySet()) {
      if (turn.getValue().size() > most) {
        largest = turn.getKey();
        most = turn.getValue().size();
      }
    }
    if (largest == null) {
      return null;
    }
    size--;
    // It has more than one item, so it keeps its place.
    return waiting.get(largest).pollLast();
  }

  /** Returns the number of items of an owner. */
  public int size(O owner) {
    ArrayDeque<T> items = waiting.get(owner);
    return items == null ? 0 : items.size();
  }

  /** Returns the number of items. */
  public int size() {
    return size;
  }
}
