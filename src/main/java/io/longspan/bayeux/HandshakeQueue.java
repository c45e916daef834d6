package io.longspan.bayeux;

import io.longspan.bridge.Ticker;
import io.longspan.budget.Account;
import io.longspan.budget.MemoryBudget;
import io.longspan.budget.Purpose;
import io.longspan.concurrent.FairTurns;
import io.longspan.config.LongspanConfig.Limits;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bounds how many clients connect at a time, so that each is soon served when all come at once. A
 * handshake has a place until its client is connected. Further handshakes wait in the turns of
 * their users, for a short time. The client of a handshake that cannot wait is asked to come back.
 *
 * <p>Only handshakes of authenticated users come here. Called on any thread; never blocks. Under
 * the lock only memory is touched; handshakes are called outside.
 */
public final class HandshakeQueue {
  /**
   * How long a handshake waits at most, in milliseconds. Clients use another transport if a
   * WebSocket has not answered their handshake after 3 s.
   */
  static final long PATIENCE = 1_500;

  /**
   * How long a place is occupied at most, in milliseconds: a client may never connect, or the
   * broker may be slow.
   */
  static final long OCCUPATION = 2_000;

  /** One user has at most the places divided by this. */
  private static final int USER_PART = 2;

  /** Estimated heap of a waiting handshake, in bytes. Transports charge large ones in addition. */
  static final int WAITING_BYTES = 8 << 10;

  /** The shortest time between two reports in the log, in milliseconds. */
  private static final long REPORT_MILLIS = 10_000;

  private static final Logger LOG = LoggerFactory.getLogger(HandshakeQueue.class);

  /** A handshake that waits. Its methods are called on any thread, under no lock, at most once. */
  interface Handshake {
    /** The handshake has a place now, and must be handled. Must not block. */
    void admitted(Place place);

    /**
     * The client must come back later.
     *
     * @param interval after this time, in milliseconds
     */
    void postpone(long interval);

    /** Returns whether the client has gone, so that nobody waits for an answer. */
    boolean isAbandoned();
  }

  private static final class Waiting {
    private final String user;
    private final Account account;
    private final Handshake handshake;
    private final long since;

    Waiting(String user, Account account, Handshake handshake, long since) {
      this.user = user;
      this.account = account;
      this.handshake = handshake;
      this.since = since;
    }
  }

  /** A place among those that connect. */
  final class Place {
    private final String user;
    private final long since;

    private Place(String user, long since) {
      this.user = user;
      this.since = since;
    }

    /** Gives the place to another handshake. Idempotent; called on any thread. */
    void release() {
      released(this);
    }
  }

  private record Admitted(Handshake handshake, Place place) {
    void run() {
      handshake.admitted(place);
    }
  }

  private final int maxPlaces;
  private final int maxPlacesOfUser;
  private final int maxWaiting;
  private final MemoryBudget memory;
  private final Ticker ticker;
  private final LongAdder postponed = new LongAdder();

  /** The occupied places, the oldest first. Guarded by this, like the fields below. */
  private final Set<Place> places = new LinkedHashSet<>();

  private final Map<String, Integer> placesOfUsers = new HashMap<>();

  /** The waiting handshakes, the oldest first. */
  private final Set<Waiting> waiting = new LinkedHashSet<>();

  private final FairTurns<String, Waiting> turns = new FairTurns<>();
  private final ReturnTimes returnTimes;
  private long begun;

  /** Owned by the thread of the sweep, like {@code reportedAt}. */
  private long reported;

  private long reportedAt = Long.MIN_VALUE / 2;

  /**
   * Creates an empty queue.
   *
   * @param limits the numbers of places and of waiting handshakes
   * @param memory its users are charged for waiting handshakes
   * @param ticker the clock of the bridge
   * @param random returns numbers from 0 to 1, to spread the clients that come back
   */
  public HandshakeQueue(Limits limits, MemoryBudget memory, Ticker ticker, DoubleSupplier random) {
    this.maxPlaces = limits.handshakesAtOnce();
    this.maxPlacesOfUser = maxPlaces / USER_PART;
    this.maxWaiting = limits.handshakesWaiting();
    this.memory = memory;
    this.ticker = ticker;
    this.returnTimes = new ReturnTimes(random);
  }

  /**
   * Adds a handshake.
   *
   * @param user the user's name
   * @return the place of the handshake, which the caller must handle; empty if it waits or is
   *     postponed, and the caller has nothing more to do
   */
  Optional<Place> add(String user, Handshake handshake) {
    long now = ticker.millis();
    Waiting excess;
    synchronized (this) {
      if (places.size() < maxPlaces && mayBegin(user)) {
        return Optional.of(occupy(user, now));
      }
      excess = enqueue(new Waiting(user, memory.user(user), handshake, now));
    }
    if (excess != null) {
      postpone(excess, now);
    }
    return Optional.empty();
  }

  private boolean mayBegin(String user) {
    return placesOfUsers.getOrDefault(user, 0) < maxPlacesOfUser;
  }

  private Place occupy(String user, long now) {
    Place place = new Place(user, now);
    places.add(place);
    placesOfUsers.merge(user, 1, Integer::sum);
    begun++;
    return place;
  }

  /**
   * Lets a handshake wait. If too many wait, the user with the most of them loses one.
   *
   * @return the handshake that cannot wait; null if there is none
   */
  private Waiting enqueue(Waiting added) {
    if (!added.account.tryCharge(Purpose.INBOUND, WAITING_BYTES)) {
      return added;
    }
    waiting.add(added);
    turns.add(added.user, added);
    if (waiting.size() <= maxWaiting) {
      return null;
    }
    // The newest one has to go if no other user has more.
    Waiting excess = turns.removeNewestOfLargest(turns.size(added.user));
    if (excess == null) {
      turns.remove(added.user, added);
      excess = added;
    }
    forget(excess);
    return excess;
  }

  private void forget(Waiting one) {
    waiting.remove(one);
    one.account.release(Purpose.INBOUND, WAITING_BYTES);
  }

  private void postpone(Waiting one, long now) {
    long interval;
    synchronized (this) {
      interval = returnTimes.next(now, waiting.size());
    }
    postponed.increment();
    one.handshake.postpone(interval);
  }

  private void released(Place place) {
    List<Admitted> admitted;
    synchronized (this) {
      if (!vacate(place)) {
        return;
      }
      admitted = admit(ticker.millis());
    }
    admitted.forEach(Admitted::run);
  }

  private boolean vacate(Place place) {
    if (!places.remove(place)) {
      return false;
    }
    placesOfUsers.computeIfPresent(place.user, (user, count) -> count == 1 ? null : count - 1);
    return true;
  }

  /** Gives the free places to waiting handshakes. */
  private List<Admitted> admit(long now) {
    List<Admitted> admitted = new ArrayList<>(1);
    while (places.size() < maxPlaces) {
      Waiting next = turns.poll(this::mayBegin);
      if (next == null) {
        break;
      }
      forget(next);
      if (!next.handshake.isAbandoned()) {
        admitted.add(new Admitted(next.handshake, occupy(next.user, now)));
      }
    }
    return admitted;
  }

  /**
   * Postpones the handshakes that have waited too long, and gives the places away that were
   * occupied too long. Call it several times a second, on one thread at a time.
   *
   * @param now the time of the bridge's ticker, in milliseconds
   */
  void sweep(long now) {
    List<Waiting> overdue = new ArrayList<>();
    List<Admitted> admitted;
    synchronized (this) {
      removeOverdue(now, overdue);
      Iterator<Place> oldest = places.iterator();
      List<Place> expired = new ArrayList<>();
      while (oldest.hasNext()) {
        Place place = oldest.next();
        if (now - place.since < OCCUPATION) {
          break;
        }
        expired.add(place);
      }
      expired.forEach(this::vacate);
      returnTimes.measure(now, begun, !waiting.isEmpty());
      admitted = admit(now);
    }
    admitted.forEach(Admitted::run);
    overdue.forEach(one -> postpone(one, now));
    report(now);
  }

  private void removeOverdue(long now, List<Waiting> overdue) {
    for (Waiting one : waiting) {
      if (now - one.since < PATIENCE) {
        break;
      }
      overdue.add(one);
    }
    for (Waiting one : overdue) {
      turns.remove(one.user, one);
      forget(one);
    }
  }

  /** Logs one line for many postponed handshakes. */
  private void report(long now) {
    long total = postponed.sum();
    if (total != reported && now - reportedAt >= REPORT_MILLIS) {
      LOG.warn(
          "handshakes postponed, more clients connect than can be served count={} waiting={}"
              + " inProgress={}",
          total - reported,
          waiting(),
          inProgress());
      reported = total;
      reportedAt = now;
    }
  }

  /** Returns the number of occupied places. */
  public synchronized int inProgress() {
    return places.size();
  }

  /** Returns the number of waiting handshakes. */
  public synchronized int waiting() {
    return waiting.size();
  }

  /** Returns how many handshakes were postponed. */
  public long postponed() {
    return postponed.sum();
  }
}
