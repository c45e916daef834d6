package io.longspan.presence;

import io.longspan.presence.PresenceChange.Transition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Who is present on one topic, over all bridges. Guarded by {@link PresenceDirectory}. */
final class TopicPresence {
  private final Map<String, Integer> clientsByUser = new HashMap<>();
  private long clients;
  private List<Transition> transitions = new ArrayList<>();

  /**
   * Changes the number of clients of a user.
   *
   * @param transition the number of the transition that this may be
   * @return whether it was one
   */
  boolean change(String user, int difference, long transition) {
    int before = clientsByUser.getOrDefault(user, 0);
    int after = before + difference;
    clients += difference;
    if (after == 0) {
      clientsByUser.remove(user);
    } else {
      clientsByUser.put(user, after);
    }
    boolean changed = (before == 0) != (after == 0);
    if (changed) {
      transitions.add(new Transition(transition, user, after > 0));
    }
    return changed;
  }

  /** Returns the transitions since the last call. */
  List<Transition> takeTransitions() {
    List<Transition> taken = transitions;
    transitions = new ArrayList<>();
    return taken;
  }

  boolean isEmpty() {
    return clientsByUser.isEmpty();
  }

  long clients() {
    return clients;
  }

  /** Returns a copy. */
  List<String> users() {
    return new ArrayList<>(clientsByUser.keySet());
  }
}
