package io.longspan.bayeux;

import io.longspan.bridge.Scheduler;
import io.longspan.bridge.Ticker;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The connections that hold receipts of requests and commands back until the answer comes, but no
 * longer than {@code session.receiptDelay}. One timer serves all of them.
 *
 * <p>May be used on any thread; never blocks.
 */
final class HeldReplies {
  /** A connection that holds replies back. */
  interface Holder {
    /** Returns whether replies are held. Called on the timer's thread; must not block. */
    boolean isHolding();

    /** Writes the held replies, if there are any. */
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
   * @param delay the maximum time for which a reply is held, in milliseconds; 0: none is held
   * @param scheduler runs the timer
   * @param writers runs the writes
   */
  HeldReplies(long delay, Ticker ticker, Scheduler scheduler, Executor writers) {
    this.delay = delay;
    this.ticker = ticker;
    this.scheduler = scheduler;
    this.writers = writers;
  }

  /** Returns whether replies may be held at all. */
  boolean isEnabled() {
    return delay > 0;
  }

  /** Adds a connection that has begun to hold replies. */
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
    // Connections are added by several threads, so an entry may be due a little before its turn.
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
