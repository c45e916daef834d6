package io.longspan.client;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Runs the work of one client, one piece after the other, and its timers. The pieces own the state
 * of the client and must never block. The threads may be shared by many clients; each client then
 * has its turn.
 */
final class Loop implements Executor {
  static final System.Logger LOG = System.getLogger("io.longspan.client");

  private static final long IDLE_SECONDS = 10;

  /** Pieces of work that one client does before the others have their turn. */
  private static final int TURN = 64;

  private final ScheduledExecutorService threads;

  /** Guarded by this. */
  private final Deque<Runnable> waiting = new ArrayDeque<>();

  /** Guarded by this. */
  private boolean running;

  /** Creates a loop with a thread of its own. */
  Loop() {
    this(ownThread());
  }

  /** Creates a loop on threads that belong to the caller. */
  Loop(ScheduledExecutorService threads) {
    this.threads = threads;
  }

  /** The thread ends when it has been idle, so that a client that nobody closes leaves nothing. */
  private static ScheduledExecutorService ownThread() {
    ScheduledThreadPoolExecutor own =
        new ScheduledThreadPoolExecutor(
            1,
            work -> {
              Thread created = new Thread(work, "longspan-client");
              created.setDaemon(true);
              return created;
            });
    own.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
    own.allowCoreThreadTimeOut(true);
    own.setRemoveOnCancelPolicy(true);
    return own;
  }

  /** Runs work. An exception is logged and does not keep other work from running. */
  @Override
  public void execute(Runnable work) {
    synchronized (this) {
      waiting.add(work);
      if (running) {
        return;
      }
      running = true;
    }
    takeTurn();
  }

  private void takeTurn() {
    try {
      threads.execute(this::runSome);
    } catch (RejectedExecutionException ended) {
      LOG.log(Level.WARNING, "the threads of a client have ended");
      synchronized (this) {
        running = false;
        waiting.clear();
      }
    }
  }

  private void runSome() {
    for (int i = 0; i < TURN; i++) {
      Runnable next = next();
      if (next == null) {
        return;
      }
      guard(next);
    }
    takeTurn();
  }

  private synchronized Runnable next() {
    Runnable next = waiting.poll();
    running = next != null;
    return next;
  }

  /** Runs work later; the result cancels it. */
  Future<?> later(Duration delay, Runnable work) {
    Timer timer = new Timer(() -> guard(work));
    timer.start(delay);
    return timer;
  }

  private static void guard(Runnable work) {
    try {
      work.run();
    } catch (RuntimeException x) {
      LOG.log(Level.ERROR, "unexpected", x);
    }
  }

  static void cancel(Future<?> timer) {
    if (timer != null) {
      timer.cancel(false);
    }
  }

  /** Work that is due later. Cancelled on the loop, it does not run, even if it is due. */
  private final class Timer extends FutureTask<Void> {
    /** Used on the loop only. */
    private Future<?> due;

    Timer(Runnable work) {
      super(work, null);
    }

    void start(Duration delay) {
      try {
        due =
            threads.schedule(() -> Loop.this.execute(this), delay.toNanos(), TimeUnit.NANOSECONDS);
      } catch (RejectedExecutionException ended) {
        LOG.log(Level.WARNING, "the threads of a client have ended");
      }
    }

    @Override
    public boolean cancel(boolean interrupt) {
      Loop.cancel(due);
      return super.cancel(false);
    }
  }
}
