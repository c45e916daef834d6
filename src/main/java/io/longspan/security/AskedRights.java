package io.longspan.security;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.longspan.protocol.DestinationName;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Since when the authorisation service has granted topics to users, without a refusal, or a change
 * of rights that nobody confirmed, in between.
 *
 * <p>Safe for use by many threads. Bounded for each user and in all: of what was forgotten, the
 * next grant counts as new.
 */
final class AskedRights {
  private static final int MAX_USERS = 20_000;
  private static final int MAX_TOPICS_PER_USER = 1000;

  private final LongSupplier clock;
  private final RightsHistory history;
  private final Cache<String, Granted> users =
      Caffeine.newBuilder().maximumSize(MAX_USERS).executor(Runnable::run).build();

  /**
   * Creates an empty record.
   *
   * @param clock milliseconds that only go forward
   * @param history knows of each change before {@link #changed} is called
   */
  AskedRights(LongSupplier clock, RightsHistory history) {
    this.clock = clock;
    this.history = history;
  }

  /**
   * A right.
   *
   * @param queue of the service that granted it
   * @param questioned whether a change since the last grant concerns it
   */
  private record Right(Identity identity, String queue, long since, boolean questioned) {}

  /** What one user was granted, the least recently granted first; guards itself. */
  private static final class Granted extends LinkedHashMap<DestinationName, Right> {
    private static final long serialVersionUID = 1L;

    Granted() {
      super(16, 0.75f, true);
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<DestinationName, Right> eldest) {
      return size() > MAX_TOPICS_PER_USER;
    }
  }

  /**
   * Notes a grant.
   *
   * @param asOf the number of the change after which it was decided
   * @param isConfirmation whether it confirms a subscription that exists, so that a change which
   *     concerned it has taken nothing away
   * @return since when the user has held the right, in milliseconds of the clock
   */
  long granted(
      Identity identity, DestinationName name, String queue, long asOf, boolean isConfirmation) {
    Granted granted = users.get(identity.user(), user -> new Granted());
    synchronized (granted) {
      Right last = granted.get(name);
      boolean unbroken =
          last != null && last.queue().equals(queue) && (isConfirmation || !last.questioned());
      long since = unbroken ? last.since() : clock.getAsLong();
      // A change that was counted meanwhile has been marked already, or is marked after this.
      boolean questioned = history.affectedSince(asOf, identity, name);
      granted.put(name, new Right(identity, queue, since, questioned));
      return since;
    }
  }

  /** Notes a refusal. */
  void refused(Identity identity, DestinationName name) {
    Granted granted = users.getIfPresent(identity.user());
    if (granted != null) {
      synchronized (granted) {
        granted.remove(name);
      }
    }
  }

  /** Rights have changed: what is granted next is new, unless a subscription is confirmed first. */
  void changed(RightsChange change) {
    for (Granted granted : users.asMap().values()) {
      synchronized (granted) {
        granted.replaceAll(
            (name, right) ->
                change.affects(right.identity(), name)
                    ? new Right(right.identity(), right.queue(), right.since(), true)
                    : right);
      }
    }
  }
}
