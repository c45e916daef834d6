package io.longspan.bridge;

import io.longspan.presence.PresenceChange;
import io.longspan.presence.PresenceChange.Transition;
import io.longspan.presence.PresenceTopic;
import io.longspan.protocol.Notice;
import io.longspan.protocol.Payload;
import io.longspan.protocol.PayloadEncoder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The subscribers who are told who joins and leaves, by topic. Subscribers who know the same are
 * sent the same payload. Called on any thread; never blocks.
 */
final class PresenceWatches {
  /** Maximum number of names in a notice. */
  static final int MAX_NAMES = 1000;

  private final PayloadEncoder encoder;
  private final ConcurrentMap<PresenceTopic, Map<ClientSubscription, PresenceWatch>> watches =
      new ConcurrentHashMap<>();

  PresenceWatches(PayloadEncoder encoder) {
    this.encoder = encoder;
  }

  /** Adds a watch, unless its subscription has one. */
  void add(PresenceTopic topic, PresenceWatch watch) {
    watches.compute(
        topic,
        (t, present) -> {
          Map<ClientSubscription, PresenceWatch> some =
              present == null ? new ConcurrentHashMap<>() : present;
          some.putIfAbsent(watch.subscription(), watch);
          return some;
        });
  }

  /** Removes the watch of a subscription; returns null if it has none. */
  PresenceWatch remove(PresenceTopic topic, ClientSubscription subscription) {
    PresenceWatch[] removed = new PresenceWatch[1];
    watches.computeIfPresent(
        topic,
        (t, present) -> {
          removed[0] = present.remove(subscription);
          return present.isEmpty() ? null : present;
        });
    return removed[0];
  }

  boolean contains(PresenceTopic topic, ClientSubscription subscription) {
    return watches.getOrDefault(topic, Map.of()).containsKey(subscription);
  }

  /**
   * Tells the watchers of each topic what has changed.
   *
   * @param transitions all since the last call, in order
   */
  void tell(Map<PresenceTopic, List<Transition>> transitions) {
    transitions.forEach(
        (topic, ofTopic) -> {
          // Nearly all watchers know what was before the first transition.
          long first = ofTopic.get(0).number();
          Map<Long, List<Payload>> notices = new HashMap<>();
          for (PresenceWatch watch : watches.getOrDefault(topic, Map.of()).values()) {
            long since = Math.max(first - 1, watch.since());
            watch.tell(notices.computeIfAbsent(since, after -> notices(topic, ofTopic, after)));
          }
        });
  }

  private List<Payload> notices(PresenceTopic topic, List<Transition> transitions, long after) {
    PresenceChange change = PresenceChange.between(transitions, after);
    List<Payload> notices = new ArrayList<>();
    for (List<String> joined : inParts(change.joined())) {
      notices.add(notice(topic, joined, List.of()));
    }
    for (List<String> left : inParts(change.left())) {
      notices.add(notice(topic, List.of(), left));
    }
    return notices;
  }

  private Payload notice(PresenceTopic topic, List<String> joined, List<String> left) {
    return encoder.encode(new Notice.PresenceChanged(topic.name(), joined, left));
  }

  private static List<List<String>> inParts(List<String> names) {
    List<List<String>> parts = new ArrayList<>();
    for (int i = 0; i < names.size(); i += MAX_NAMES) {
      parts.add(names.subList(i, Math.min(names.size(), i + MAX_NAMES)));
    }
    return parts;
  }
}
