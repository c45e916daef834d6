package io.longspan.bridge;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The topics that patterns have matched lately, so that their logical names are not worked out for
 * each message. Bounded: a topic that was forgotten is decided anew. Safe for use by many threads.
 */
final class MatchedTopics {
  private static final int MAX_TOPICS = 20_000;
  private static final Duration UNUSED = Duration.ofMinutes(10);

  /** Compared by the subscription's identity. */
  private record Place(SharedSubscription pattern, String jmsName) {}

  private final Cache<Place, MatchedTopic> topics =
      Caffeine.newBuilder()
          .maximumSize(MAX_TOPICS)
          .expireAfterAccess(UNUSED)
          .executor(Runnable::run)
          .build();

  /** Those of which a topic was found to be no longer covered. */
  private final Set<SharedSubscription> narrowed = ConcurrentHashMap.newKeySet();

  /** Returns what the catalogue in force says about a topic. */
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
   * Forgets what no longer holds.
   *
   * @return the patterns that lack a topic that they covered
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
