package io.longspan.bayeux;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.function.ObjLongConsumer;

/**
 * The connections that hold receipts of requests back until the answer comes, but no longer than
 * {@code session.receiptDelay}. One timer serves all of them.
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
  private final LongSupplier clock;
  private final ObjLongConsumer<Runnable> timer;
  private final Executor writers;
  private final Queue<Due> due = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean scheduled = new AtomicBoolean();

  /**
   * Creates an empty set.
   *
   * @param delay the maximum time for which a reply is held, in milliseconds; 0: none is held
   * @param clock in milliseconds
   * @param timer runs a task after some milliseconds
   * @param writers runs the writes
   */
  HeldReplies(long delay, LongSupplier clock, ObjLongConsumer<Runnable> timer, Executor writers) {
    this.delay = delay;
    this.clock = clock;
    this.timer = timer;
    this.writers = writers;
  }

  /** Returns a clock that never goes back, in milliseconds. */
  static LongSupplier clock() {
    return () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
  }

  /** Returns whether replies may be held at all. */
  boolean isEnabled() {
    return delay > 0;
  }

  /** Adds a connection that has begun to hold replies. */
  void add(Holder holder) {
    due.add(new Due(holder, clock.getAsLong() + delay));
    schedule(delay);
  }

  private void schedule(long millis) {
    if (scheduled.compareAndSet(false, true)) {
      timer.accept(this::writeDue, millis);
    }
  }

  private void writeDue() {
    scheduled.set(false);
    long now = clock.getAsLong();
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
