package io.longspan.bayeux;

import io.longspan.bridge.Scheduler;
import io.longspan.bridge.Ticker;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What is held back for a moment, so that it is written together with what follows: receipts of
 * requests and commands until the answer comes, and messages of queues and the answers to their
 * settlements until the other comes. Nothing is held for longer than {@code session.receiptDelay}.
 * One timer serves all.
 *
 * <p>May be used on any thread; never blocks.
 */
final class HeldReplies {
  /** A connection that holds replies back, or a client whose messages wait. */
  interface Holder {
    /**
     * Returns whether what it began to hold then has not been written yet. Called on the timer's
     * thread; must not block.
     */
    boolean isHolding(Hold hold);

    /** Writes what is held, if there is anything. */
    void writeHeld();
  }

  /** What a holder has begun to hold at some time. Compared by identity. */
  static final class Hold {
    private final Holder holder;
    private final long due;

    private Hold(Holder holder, long due) {
      this.holder = holder;
      this.due = due;
    }
  }

  private final long delay;
  private final Ticker ticker;
  private final Scheduler scheduler;
  private final Executor writers;
  private final Queue<Hold> due = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean scheduled = new AtomicBoolean();

  /**
   * Creates an empty set.
   *
   * @param delay the maximum time for which anything is held, in milliseconds; 0: nothing is held
   * @param scheduler runs the timer
   * @param writers runs the writes
   */
  HeldReplies(long delay, Ticker ticker, Scheduler scheduler, Executor writers) {
    this.delay = delay;
    this.ticker = ticker;
    this.scheduler = scheduler;
    this.writers = writers;
  }

  /** Returns whether anything may be held at all. */
  boolean isEnabled() {
    return delay > 0;
  }

  /** Returns what a holder holds from now on. Without {@link #add} it has no effect. */
  Hold begin(Holder holder) {
    return new Hold(holder, ticker.millis() + delay);
  }

  /** Has a hold written when it is due. */
  void add(Hold hold) {
    due.add(hold);
    schedule(delay);
  }

  private void schedule(long millis) {
    if (scheduled.compareAndSet(false, true)) {
      scheduler.schedule(this::writeDue, millis);
    }
  }

  private void writeDue() {
    scheduled.set(false);
    long now = ticker.millis();
    // Holders are added by several threads, so an entry may be due a little before its turn.
    for (Hold next = due.peek(); next != null && next.due - now <= 0; next = due.peek()) {
      due.poll();
      Holder holder = next.holder;
      if (holder.isHolding(next)) {
        writers.execute(holder::writeHeld);
      }
    }
    Hold next = due.peek();
    if (next != null) {
      schedule(Math.max(1, next.due - now));
    }
  }
}
