package io.longspan.bridge;

import io.longspan.bridge.ClientSession.State;
import io.longspan.budget.Account;
import io.longspan.budget.MemoryBudget;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Frees memory when an account is over its limit.
 *
 * <p>A user over its limit loses memory until it fits again. First the retained messages that are
 * charged to this user are evicted. Then its connected clients lose the messages that they were
 * sent and may request again, the largest outbox first. Then its suspended sessions are terminated,
 * the oldest handshake first. Its other clients follow, the largest outbox first: each loses its
 * droppable messages, or its session if it has none. Users without messages in an outbox are
 * skipped.
 *
 * <p>If the process is over its limit, retained messages are evicted first. Then the user with the
 * highest usage loses the next of the above, until the process fits. A user who has no more than an
 * equal share of the process loses nothing: others may use memory that cannot be shed.
 *
 * <p>Every step has a log line, a count ({@link Shedding}), and a named outcome for the client.
 */
final class MemoryShedder {
  /** The pause after a run that found nothing to shed, in milliseconds. */
  private static final long PAUSE = 100;

  private static final Logger LOG = LoggerFactory.getLogger(MemoryShedder.class);

  private final String bridgeId;
  private final MemoryBudget memory;
  private final SessionRegistry sessions;
  private final TopicSubscriptions subscriptions;
  private final BridgeMetrics metrics;
  private final Executor commandPool;
  private final Scheduler scheduler;

  /** Whether the process account has requested memory since the last run started. */
  private final AtomicBoolean processIsFull = new AtomicBoolean();

  /**
   * The number of requests since the last run started. One run at a time: the request that raises
   * it from 0 starts the run.
   */
  private final AtomicInteger requests = new AtomicInteger();

  MemoryShedder(
      String bridgeId,
      MemoryBudget memory,
      SessionRegistry sessions,
      TopicSubscriptions subscriptions,
      BridgeMetrics metrics,
      Executor commandPool,
      Scheduler scheduler) {
    this.bridgeId = bridgeId;
    this.memory = memory;
    this.sessions = sessions;
    this.subscriptions = subscriptions;
    this.metrics = metrics;
    this.commandPool = commandPool;
    this.scheduler = scheduler;
  }

  /**
   * Requests that memory be shed on the command pool. Called on any thread, possibly under a lock;
   * returns at once.
   *
   * @param account the account that is over its limit
   */
  void request(Account account) {
    if (account == memory.process()) {
      processIsFull.set(true);
    }
    if (requests.getAndIncrement() == 0) {
      commandPool.execute(this::run);
    }
  }

  /**
   * Sheds memory until no request is left. Two runs at a time would both see the same excess and
   * shed it twice. A run that finds nothing is followed by a pause, because a user at its limit
   * would keep this thread busy.
   */
  private void run() {
    int seen;
    do {
      seen = requests.get();
      boolean any = false;
      try {
        any = shed();
      } catch (RuntimeException failure) {
        LOG.error(
            "memory not shed, the bridge retries at the next charge bridge={}", bridgeId, failure);
      }
      if (!any) {
        scheduler.schedule(() -> requests.set(0), PAUSE);
        return;
      }
    } while (!requests.compareAndSet(seen, 0));
  }

  /** Sheds memory once for all accounts; returns whether anything was shed. */
  private boolean shed() {
    boolean any = false;
    Map<Account, Holdings> users = holdings();
    for (Map.Entry<Account, Holdings> entry : users.entrySet()) {
      Account user = entry.getKey();
      if (user.isOver()) {
        any |= evictRetainedOf(user);
      }
      boolean more = user.isOver();
      while (more && user.used() > target(user)) {
        more = entry.getValue().shedNext();
        any |= more;
      }
    }
    Account process = memory.process();
    // Also if the process has refused a charge and is not over its limit.
    if (processIsFull.getAndSet(false) && process.used() > target(process)) {
      any |= evictRetained(process.used() - target(process));
    }
    if (process.isOver()) {
      any |= shedOfGreediest(users);
    }
    return any;
  }

  /**
   * Sheds what the users with the highest usage hold, until the process fits. Returns whether
   * anything was shed.
   */
  private boolean shedOfGreediest(Map<Account, Holdings> users) {
    boolean any = false;
    Account process = memory.process();
    long share = equalShare();
    while (process.isOver()) {
      Account greediest =
          users.entrySet().stream()
              .filter(entry -> !entry.getValue().isEmpty() && entry.getKey().used() > share)
              .map(Map.Entry::getKey)
              .max(Comparator.comparingLong(Account::used))
              .orElse(null);
      if (greediest == null) {
        return any;
      }
      any |= users.get(greediest).shedNext();
    }
    return any;
  }

  /**
   * Returns what each user would have if all had the same, in bytes. A message that several users
   * wait for counts for each of them, so their sum may exceed the limit of the process.
   */
  private long equalShare() {
    LongSummaryStatistics users =
        sessions.all().stream()
            .map(ClientSession::account)
            .distinct()
            .mapToLong(Account::used)
            .summaryStatistics();
    return Math.max(memory.process().limit(), users.getSum()) / Math.max(1, users.getCount());
  }

  /**
   * Returns the usage to reach, in bytes. It is below the limit, so that the next message does not
   * exceed it again.
   */
  private static long target(Account account) {
    return account.limit() - account.limit() / 8;
  }

  private boolean evictRetained(long bytes) {
    return report(subscriptions.evictRetained(bytes), memory.process());
  }

  private boolean evictRetainedOf(Account user) {
    return report(subscriptions.evictRetainedOf(user.holder(), user.used() - target(user)), user);
  }

  private boolean report(long retainedBytes, Account account) {
    if (retainedBytes > 0) {
      metrics.shed(Shedding.RETAINED);
      LOG.warn(
          "memory shed bridge={} step=retained freed={} account={}",
          bridgeId,
          retainedBytes,
          account);
    }
    return retainedBytes > 0;
  }

  private Map<Account, Holdings> holdings() {
    Map<Account, List<ClientSession>> byUser = new HashMap<>();
    for (ClientSession session : sessions.all()) {
      if (session.outbox().heldBytes() > 0) {
        byUser.computeIfAbsent(session.account(), user -> new ArrayList<>()).add(session);
      }
    }
    Map<Account, Holdings> holdings = new HashMap<>();
    byUser.forEach((user, its) -> holdings.put(user, new Holdings(its)));
    return holdings;
  }

  /** The sessions of one user with messages in their outboxes, in the order of shedding. */
  private final class Holdings {
    private final Deque<ClientSession> windows;
    private final Deque<ClientSession> order = new ArrayDeque<>();

    Holdings(List<ClientSession> sessions) {
      windows =
          sessions.stream()
              .filter(session -> !isLost(session))
              .sorted(
                  Comparator.comparingLong((ClientSession session) -> session.outbox().heldBytes())
                      .reversed())
              .collect(Collectors.toCollection(ArrayDeque::new));
      sessions.stream()
          .filter(Holdings::isLost)
          .sorted(Comparator.comparing(ClientSession::since))
          .forEach(order::add);
      order.addAll(windows);
    }

    private static boolean isLost(ClientSession session) {
      return session.state() == State.SUSPENDED;
    }

    boolean isEmpty() {
      return order.isEmpty();
    }

    /**
     * Sheds the next resume window, the next session, or only its droppable messages. Returns false
     * if no session is left.
     */
    boolean shedNext() {
      while (!windows.isEmpty()) {
        ClientSession session = windows.poll();
        long freed = session.outbox().discardTaken();
        if (freed > 0) {
          report(Shedding.RESUME_WINDOW, session, freed);
          return true;
        }
      }
      ClientSession session = order.poll();
      if (session == null) {
        return false;
      }
      if (isLost(session)) {
        report(Shedding.LOST_SESSION, session, session.outbox().shed());
      } else {
        long spared = session.outbox().dropDroppable();
        report(Shedding.DROPPABLE, session, spared);
        if (spared == 0) {
          report(Shedding.SLOW_SESSION, session, session.outbox().shed());
        } else {
          order.addLast(session);
        }
      }
      return true;
    }

    private void report(Shedding step, ClientSession session, long freed) {
      if (freed > 0) {
        metrics.shed(step);
        LOG.warn(
            "memory shed bridge={} {} step={} freed={} account={}",
            bridgeId,
            session,
            step.label(),
            freed,
            session.account());
      }
    }
  }
}
