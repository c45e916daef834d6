package io.longspan.presence;

import io.longspan.presence.PresenceMessage.Entry;
import io.longspan.presence.PresenceMessage.State;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What another bridge has announced. As long as its messages have no hole, its changes are applied.
 * After a hole the last known state stays, until a new state has come completely. Guarded by {@link
 * PresenceDirectory}.
 */
final class RemoteBridge {
  /** Notified of each change. */
  interface Listener {
    void changed(PresenceTopic topic, String user, int difference);
  }

  private enum Knowledge {
    /** Messages were missed: a new state is needed. */
    OUTDATED,
    /** Parts of a state have come. */
    RECEIVING,
    /** Nothing is missing. */
    CURRENT
  }

  private record Place(PresenceTopic topic, String user) {}

  private final Listener listener;
  private Map<Place, Integer> clients = new HashMap<>();
  private Map<Place, Integer> incoming = new HashMap<>();
  private int incomingPart;
  private Knowledge knowledge = Knowledge.OUTDATED;
  private long lastSeq;
  private long lastHeard;
  private long mayQueryAt = Long.MIN_VALUE;

  /** Creates a bridge about which nothing is known. */
  RemoteBridge(long now, Listener listener) {
    this.lastHeard = now;
    this.listener = listener;
  }

  /** Accepts the number of a message; returns false if the message or a later one has come. */
  boolean accept(long seq, long now) {
    if (seq <= lastSeq) {
      return false;
    }
    if (seq != lastSeq + 1) {
      outdated();
    }
    lastSeq = seq;
    lastHeard = now;
    return true;
  }

  /** Marks that messages may have been missed. */
  void outdated() {
    knowledge = Knowledge.OUTDATED;
    incoming = new HashMap<>();
  }

  /** Gives the bridge time again: nothing could be heard. */
  void excuse(long now) {
    lastHeard = now;
    mayQueryAt = now;
    outdated();
  }

  long lastHeard() {
    return lastHeard;
  }

  /**
   * Returns whether the bridge must be asked for its state now.
   *
   * @param period the minimum time between two questions
   */
  boolean takeQuery(long now, long period) {
    boolean due = knowledge == Knowledge.OUTDATED && now >= mayQueryAt;
    if (due) {
      mayQueryAt = now + period;
    }
    return due;
  }

  /** Applies a part of a state. */
  void apply(State state) {
    if (knowledge == Knowledge.CURRENT) {
      return;
    }
    if (state.part() == 1) {
      knowledge = Knowledge.RECEIVING;
      incoming = new HashMap<>();
    } else if (knowledge != Knowledge.RECEIVING || state.part() != incomingPart + 1) {
      outdated();
      return;
    }
    incomingPart = state.part();
    for (Entry entry : state.entries()) {
      if (entry.clients() > 0) {
        incoming.put(new Place(entry.topic(), entry.user()), entry.clients());
      }
    }
    if (state.part() == state.parts()) {
      Map<Place, Integer> complete = incoming;
      incoming = new HashMap<>();
      List.copyOf(clients.keySet()).stream()
          .filter(place -> !complete.containsKey(place))
          .forEach(place -> set(place, 0));
      complete.forEach(this::set);
      knowledge = Knowledge.CURRENT;
    }
  }

  /** Applies changes. */
  void apply(List<Entry> changes) {
    if (knowledge != Knowledge.CURRENT) {
      outdated();
      return;
    }
    for (Entry entry : changes) {
      set(new Place(entry.topic(), entry.user()), entry.clients());
    }
  }

  private void set(Place place, int count) {
    Integer before = count == 0 ? clients.remove(place) : clients.put(place, count);
    int difference = count - (before == null ? 0 : before);
    if (difference != 0) {
      listener.changed(place.topic(), place.user(), difference);
    }
  }

  /** Forgets everybody. */
  void clear() {
    List.copyOf(clients.keySet()).forEach(place -> set(place, 0));
    outdated();
  }

  /** Forgets everybody, because there are too many, and asks again later. */
  void refuse(long until) {
    clear();
    mayQueryAt = until;
  }

  /** Returns the number of entries, those of an incomplete state included. */
  int size() {
    return clients.size() + incoming.size();
  }
}
