package io.longspan.budget;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Things that strangers hold, from the oldest to the youngest. Their total weight is bounded, and
 * so is the weight of each address. When a bound is exceeded, the oldest entries are evicted.
 *
 * <p>The oldest entries are the right ones: an honest client has finished by then, and a client
 * that only occupies a place loses it first.
 *
 * <p>Called on any thread; never blocks.
 *
 * @param <T> an entry, compared by {@code equals}
 */
public final class OldestFirst<T> {
  private final long maxWeight;
  private final long maxByAddress;

  /** All entries, the oldest first. Guarded by this, like the other fields that change. */
  private final Map<T, Place> places = new LinkedHashMap<>();

  private final Map<String, Neighbours<T>> byAddress = new HashMap<>();
  private long weight;

  /** The address and the weight of an entry. */
  private record Place(String address, long weight) {}

  /** The entries of one address. */
  private static final class Neighbours<T> {
    private final Set<T> entries = new LinkedHashSet<>();
    private long weight;
  }

  /**
   * Creates an empty set.
   *
   * @param maxWeight the largest total weight of all entries
   * @param maxByAddress the largest total weight of the entries of one address
   */
  public OldestFirst(long maxWeight, long maxByAddress) {
    this.maxWeight = maxWeight;
    this.maxByAddress = maxByAddress;
  }

  /**
   * Adds an entry as the youngest. The entry must not be in the set.
   *
   * @param address where the entry comes from
   * @param entryWeight at least 0
   * @return the evicted entries, which are no longer in the set; the new entry may be one of them
   */
  public synchronized List<T> add(String address, T entry, long entryWeight) {
    put(address, entry, entryWeight);
    return shed(address);
  }

  /**
   * Changes the weight of an entry and keeps its age. Does nothing if the entry is not in the set.
   *
   * @param entryWeight at least 0
   * @return the evicted entries, which are no longer in the set
   */
  public synchronized List<T> weigh(T entry, long entryWeight) {
    Place place = places.get(entry);
    if (place == null) {
      return List.of();
    }
    places.put(entry, new Place(place.address(), entryWeight));
    byAddress.get(place.address()).weight += entryWeight - place.weight();
    weight += entryWeight - place.weight();
    return shed(place.address());
  }

  /**
   * Makes an entry the youngest and changes its weight. Does nothing if the entry is not in the
   * set.
   *
   * @param entryWeight at least 0
   * @return the evicted entries, which are no longer in the set
   */
  public synchronized List<T> renew(T entry, long entryWeight) {
    Place place = places.get(entry);
    if (place == null) {
      return List.of();
    }
    remove(entry);
    return add(place.address(), entry, entryWeight);
  }

  private void put(String address, T entry, long entryWeight) {
    places.put(entry, new Place(address, entryWeight));
    Neighbours<T> neighbours = byAddress.computeIfAbsent(address, key -> new Neighbours<>());
    neighbours.entries.add(entry);
    neighbours.weight += entryWeight;
    weight += entryWeight;
  }

  private List<T> shed(String address) {
    if (weight <= maxWeight && byAddress.get(address).weight <= maxByAddress) {
      return List.of();
    }
    List<T> shed = new ArrayList<>();
    Neighbours<T> neighbours = byAddress.get(address);
    while (neighbours.weight > maxByAddress) {
      shed.add(removed(neighbours.entries.iterator().next()));
    }
    while (weight > maxWeight) {
      shed.add(removed(places.keySet().iterator().next()));
    }
    return shed;
  }

  private T removed(T entry) {
    remove(entry);
    return entry;
  }

  /** Removes an entry; returns whether it was in the set. */
  public synchronized boolean remove(T entry) {
    Place place = places.remove(entry);
    if (place == null) {
      return false;
    }
    Neighbours<T> neighbours = byAddress.get(place.address());
    neighbours.entries.remove(entry);
    neighbours.weight -= place.weight();
    weight -= place.weight();
    if (neighbours.entries.isEmpty()) {
      byAddress.remove(place.address());
    }
    return true;
  }

  /** Returns the number of entries. */
  public synchronized int size() {
    return places.size();
  }
}
