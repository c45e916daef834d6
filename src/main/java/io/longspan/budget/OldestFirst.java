package io.longspan.budget;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A bounded set of what strangers hold, in the order in which it was added, with a bound for each
 * address. Beyond a bound the oldest entry gives way to the newest: a client that means well has
 * finished by then, and one that holds its place on purpose loses it first.
 *
 * <p>Called on any thread; never blocks.
 *
 * @param <T> an entry, compared by {@code equals}
 */
public final class OldestFirst<T> {
  private final int maxEntries;
  private final int maxByAddress;

  /** Each entry with its address. Guarded by this, like the other map. */
  private final Map<T, String> all = new LinkedHashMap<>();

  private final Map<String, Set<T>> byAddress = new HashMap<>();

  /**
   * Creates an empty set.
   *
   * @param maxEntries at least 1
   * @param maxByAddress at least 1
   */
  public OldestFirst(int maxEntries, int maxByAddress) {
    this.maxEntries = maxEntries;
    this.maxByAddress = maxByAddress;
  }

  /**
   * Adds an entry that is not in the set.
   *
   * @param address where the entry comes from
   * @return the entry that had to give way, which is no longer in the set
   */
  public synchronized Optional<T> add(String address, T entry) {
    all.put(entry, address);
    Set<T> neighbours = byAddress.computeIfAbsent(address, key -> new LinkedHashSet<>());
    neighbours.add(entry);
    Optional<T> oldest = Optional.empty();
    if (neighbours.size() > maxByAddress) {
      oldest = Optional.of(neighbours.iterator().next());
    } else if (all.size() > maxEntries) {
      oldest = Optional.of(all.keySet().iterator().next());
    }
    oldest.ifPresent(this::remove);
    return oldest;
  }

  /** Removes an entry; returns whether it was in the set. */
  public synchronized boolean remove(T entry) {
    String address = all.remove(entry);
    if (address == null) {
      return false;
    }
    Set<T> neighbours = byAddress.get(address);
    neighbours.remove(entry);
    if (neighbours.isEmpty()) {
      byAddress.remove(address);
    }
    return true;
  }

  /** Returns the number of entries. */
  public synchronized int size() {
    return all.size();
  }
}
