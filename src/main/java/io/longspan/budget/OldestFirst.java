package io.longspan.budget;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What strangers hold, in the order in which it was added, with a bound on its weight in all and
 * for each address. Beyond a bound the oldest entries give way to the newest: a client that means
 * well has finished by then, and one that holds its place on purpose loses it first.
 *
 * <p>Called on any thread; never blocks.
 *
 * @param <T> an entry, compared by {@code equals}
 */
public final class OldestFirst<T> {
  private final long maxWeight;
  private final long maxByAddress;

  /** All entries. Guarded by this, like the other fields that change. */
  private final Map<T, Place> places = new LinkedHashMap<>();

  private final Map<String, Neighbours<T>> byAddress = new HashMap<>();
  private long weight;

  /** Where an entry comes from, and what it weighs. */
  private record Place(String address, long weight) {}

  /** The entries of one address. */
  private static final class Neighbours<T> {
    private final Set<T> entries = new LinkedHashSet<>();
    private long weight;
  }

  /**
   * Creates an empty set.
   *
   * @param maxWeight the most that all entries may weigh together
   * @param maxByAddress the most that the entries of one address may weigh together
   */
  public OldestFirst(long maxWeight, long maxByAddress) {
    this.maxWeight = maxWeight;
    this.maxByAddress = maxByAddress;
  }

  /**
   * Adds an entry that is not in the set, as the youngest.
   *
   * @param address where the entry comes from
   * @param entryWeight at least 0
   * @return the entries that have to give way, which are no longer in the set
   */
  public synchronized List<T> add(String address, T entry, long entryWeight) {
    put(address, entry, entryWeight);
    return shed(address);
  }

  /**
   * Changes the weight of an entry; does nothing if it is not in the set.
   *
   * @return the entries that have to give way, which are no longer in the set
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
   * Makes an entry the youngest, with a new weight; does nothing if it is not in the set.
   *
   * @return the entries that have to give way, which are no longer in the set
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
