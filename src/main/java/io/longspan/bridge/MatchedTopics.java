package io.longspan.bridge;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A cache of the topics that patterns have matched, so that the logical name is not computed for
 * each message. It is bounded; an evicted topic is computed again. Safe for use by many threads.
 */
final class MatchedTopics {
  private static final int MAX_TOPICS = 20_000;
  private static final Duration UNUSED = Duration.ofMinutes(10);

  /** The key of the cache; a subscription is compared by identity. */
  private record Place(SharedSubscription pattern, String jmsName) {}

  private final Cache<Place, MatchedTopic> topics =
      Caffeine.newBuilder()
          .maximumSize(MAX_TOPICS)
          .expireAfterAccess(UNUSED)
          .executor(Runnable::run)
          .build();

  /** The patterns that no longer cover a topic, since {@link #removeOutdated} was called last. */
  private final Set<SharedSubscription> narrowed = ConcurrentHashMap.newKeySet();

  /** Returns what the catalogue in force decides about a topic. */
  MatchedTopic find(SharedSubscription pattern, String jmsName) {
    Place place = new Place(pattern, jmsName);
    MatchedTopic known = topics.getIfPresent(place);
    if (known != null && known.isCurrent()) {
      return known;
    }
    if (known != null) {
      forget(place, known);
    }
    MatchedTopic found = new MatchedTopic(pattern.key().grant().topicNames(), jmsName);
    topics.put(place, found);
    return found;
  }

  private void forget(Place place, MatchedTopic topic) {
    if (topics.asMap().remove(place, topic) && topic.logicalName().isPresent()) {
      narrowed.add(place.pattern());
    }
  }

  /**
   * Removes topics for which the catalogue in force decides differently.
   *
   * @return the patterns that no longer cover a topic, since the last call
   */
  Set<SharedSubscription> removeOutdated() {
    for (Map.Entry<Place, MatchedTopic> entry : topics.asMap().entrySet()) {
      if (!entry.getValue().isCurrent()) {
        forget(entry.getKey(), entry.getValue());
      }
    }
    Set<SharedSubscription> found = new HashSet<>(narrowed);
    narrowed.removeAll(found);
    return found;
  }
}
