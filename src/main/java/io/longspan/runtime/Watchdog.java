package io.longspan.runtime;

import io.longspan.concurrent.DaemonThreads;
import io.longspan.concurrent.InternalErrors;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices threads that are stuck: each pool must run a task that does nothing within {@link
 * #PATIENCE}, and no threads may wait for each other's locks. While a pool is stuck the bridge is
 * not ready. All threads are written to the log once for each time that something gets stuck.
 */
final class Watchdog implements AutoCloseable {
  /** How long a task that does nothing may wait, in milliseconds. */
  static final long PATIENCE = 30_000;

  private static final Logger LOG = LoggerFactory.getLogger(Watchdog.class);
  private static final long PERIOD = 5000;
  private static final Duration END_PATIENCE = Duration.ofSeconds(1);

  private final List<Probe> probes = new ArrayList<>();
  private final LongSupplier clock;
  private final DaemonThreads threads = new DaemonThreads("longspan-watchdog");
  private final ScheduledExecutorService ownThread =
      Executors.newSingleThreadScheduledExecutor(threads);
  private final ThreadMXBean machine = ManagementFactory.getThreadMXBean();
  private volatile List<String> stuck = List.of();

  /** Waits for one pool at a time. {@code answered} is written by the pool. */
  private final class Probe {
    private final String name;
    private final Executor pool;
    private long since;
    private volatile boolean answered = true;

    Probe(String name, Executor pool) {
      this.name = name;
      this.pool = pool;
    }

    boolean isStuck(long now) {
      if (answered) {
        answered = false;
        since = now;
        pool.execute(() -> answered = true);
        return false;
      }
      return now - since > PATIENCE;
    }
  }

  /**
   * Creates a watchdog that does not run yet.
   *
   * @param pools the pools by the names of their threads
   * @param clock milliseconds
   */
  Watchdog(Map<String, Executor> pools, LongSupplier clock) {
    pools.forEach((name, pool) -> probes.add(new Probe(name, pool)));
    this.clock = clock;
  }

  void start() {
    ownThread.scheduleWithFixedDelay(
        () -> InternalErrors.guard("the watchdog", this::check),
        PERIOD,
        PERIOD,
        TimeUnit.MILLISECONDS);
  }

  /** Returns how many pools are stuck, deadlocked threads as one more. */
  int stuckCount() {
    return stuck.size();
  }

  /** Checks once. Called by one thread at a time. */
  void check() {
    long now = clock.getAsLong();
    List<String> found = new ArrayList<>();
    for (Probe probe : probes) {
      if (probe.isStuck(now)) {
        found.add(probe.name);
      }
    }
    if (machine.findDeadlockedThreads() != null) {
      found.add("deadlock");
    }
    List<String> before = stuck;
    stuck = List.copyOf(found);
    if (!before.containsAll(found)) {
      LOG.error("threads are stuck: {}; all threads:\n{}", found, dump());
    } else if (found.isEmpty() && !before.isEmpty()) {
      LOG.info("threads are no longer stuck: {}", before);
    }
  }

  private String dump() {
    StringBuilder all = new StringBuilder();
    for (ThreadInfo thread : machine.dumpAllThreads(true, true)) {
      all.append('"').append(thread.getThreadName()).append("\" ").append(thread.getThreadState());
      if (thread.getLockName() != null) {
        all.append(" on ").append(thread.getLockName());
        all.append(" of ").append(thread.getLockOwnerName());
      }
      Arrays.stream(thread.getStackTrace()).forEach(at -> all.append("\n    ").append(at));
      all.append('\n');
    }
    return all.toString();
  }

  @Override
  public void close() {
    ownThread.shutdownNow();
    threads.awaitEnd(END_PATIENCE);
  }
}
