package io.longspan.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.longspan.identity.Identity;
import io.longspan.protocol.DestinationName;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Records since when the authorisation service has granted each topic to each user. A refusal ends
 * the period. So does a change of rights, unless a subscription is confirmed after it.
 *
 * <p>Safe for use by many threads. Bounded per user and in total; the next grant after an eviction
 * counts as new.
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
   * @param clock monotonic time in milliseconds
   * @param history already contains each change when {@link #changed} is called with it
   */
  AskedRights(LongSupplier clock, RightsHistory history) {
    this.clock = clock;
    this.history = history;
  }

  /**
   * A right that was granted.
   *
   * @param queue JMS queue of the service that granted the right
   * @param since start of the period, in milliseconds of the clock
   * @param questioned true if a change of rights affects the right since its last grant
   */
  private record Right(Identity identity, String queue, long since, boolean questioned) {}

  /** Rights of one user, in order of access; the eldest is evicted. Guarded by itself. */
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
   * Records a grant.
   *
   * @param queue JMS queue of the service that granted the right
   * @param asOf number of the last change of rights before the decision began
   * @param isConfirmation true if the decision confirms an existing subscription; the period then
   *     continues despite a change of rights
   * @return start of the period in which the user holds the right, in milliseconds of the clock
   */
  long granted(
      Identity identity, DestinationName name, String queue, long asOf, boolean isConfirmation) {
    Granted granted = users.get(identity.user(), user -> new Granted());
    synchronized (granted) {
      Right last = granted.get(name);
      boolean unbroken =
          last != null && last.queue().equals(queue) && (isConfirmation || !last.questioned());
      long since = unbroken ? last.since() : clock.getAsLong();
      // history is updated before changed(): a change not seen here marks this right afterwards.
      boolean questioned = history.affectedSince(asOf, identity, name);
      granted.put(name, new Right(identity, queue, since, questioned));
      return since;
    }
  }

  /** Records a refusal, which ends the period. */
  void refused(Identity identity, DestinationName name) {
    Granted granted = users.getIfPresent(identity.user());
    if (granted != null) {
      synchronized (granted) {
        granted.remove(name);
      }
    }
  }

  /**
   * Marks the affected rights: their next grant starts a new period unless it is a confirmation.
   */
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
