package io.longspan.local.broker;

import io.longspan.local.LocalService;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A service and the threads on which it is called. Called on any thread; never blocks, unless a
 * service blocks that has said that it does not.
 */
final class HostedService {
  /** A call that takes longer is slow, in milliseconds. */
  static final long SLOW = 50;

  /**
   * A service that does not block gets the pool when its slow calls have taken this long, in
   * milliseconds.
   */
  static final long MAX_SLOWNESS = 2_000;

  /**
   * The time for which each fast call makes up, in milliseconds. On a busy machine a few calls are
   * slow because their thread has to wait for the processor.
   */
  private static final long MADE_UP = 10;

  /**
   * The maximum number of calls of one service that run on callers' threads at once, so that a
   * service that blocks against its word holds few of them.
   */
  private static final int MAX_ON_CALLERS = 2;

  private static final Logger LOG = LoggerFactory.getLogger(HostedService.class);

  private final LocalService service;
  private final ServiceTurns turns;
  private final AtomicInteger onCallers = new AtomicInteger();

  /** The time of slow calls for which no fast call has made up, in milliseconds. */
  private final AtomicLong slowness = new AtomicLong();

  private volatile boolean pooled;

  /**
   * Creates a host.
   *
   * @param threads the maximum number of threads of the pool for this service
   */
  HostedService(LocalService service, int threads, Executor executor) {
    this.service = service;
    this.turns = new ServiceTurns(threads, executor, call -> call.invokeOnPool(service));
    this.pooled = service.mayBlock();
  }

  LocalService service() {
    return service;
  }

  /**
   * Calls the service, now or when its user's turn comes.
   *
   * @return false if too many calls wait
   */
  boolean call(LocalCall call) {
    // A call that waits must not be overtaken by a later one of its user.
    if (pooled || turns.waiting() > 0) {
      return turns.add(call);
    }
    if (onCallers.incrementAndGet() > MAX_ON_CALLERS) {
      onCallers.decrementAndGet();
      return turns.add(call);
    }
    long begin = System.nanoTime();
    try {
      call.invoke(service);
    } finally {
      onCallers.decrementAndGet();
    }
    judge(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin));
    return true;
  }

  private void judge(long millis) {
    if (millis <= SLOW) {
      if (slowness.get() > 0) {
        slowness.addAndGet(-MADE_UP);
      }
    } else if (slowness.addAndGet(millis) > MAX_SLOWNESS && !pooled) {
      pooled = true;
      LOG.warn(
          "local service gets threads of the pool, because its calls are slow although it says that"
              + " it does not block service={} millis={}",
          service.name(),
          millis);
    }
  }

  /** Forgets a call that has ended. */
  void ended(LocalCall call) {
    turns.remove(call);
  }

  int waiting() {
    return turns.waiting();
  }
}
