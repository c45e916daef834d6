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
    /** Returns whether anything is held. Called on the timer's thread; must not block. */
    boolean isHolding();

    /** Writes what is held, if there is anything. */
    void writeHeld();
  }

  private record Due(Holder holder, long at) {}

  private final long delay;
  private final Ticker ticker;
  private final Scheduler scheduler;
  private final Executor writers;
  private final Queue<Due> due = new ConcurrentLinkedQueue<>();
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

  /** Adds a holder that has begun to hold something. */
  void add(Holder holder) {
    due.add(new Due(holder, ticker.millis() + delay));
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
    for (Due next = due.peek(); next != null && next.at() - now <= 0; next = due.peek()) {
      due.poll();
      Holder holder = next.holder();
      if (holder.isHolding()) {
        writers.execute(holder::writeHeld);
      }
    }
    Due next = due.peek();
    if (next != null) {
      schedule(Math.max(1, next.at() - now));
    }
  }
}
