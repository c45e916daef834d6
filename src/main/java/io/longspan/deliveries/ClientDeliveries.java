package io.longspan.deliveries;

import io.longspan.budget.Account;
import io.longspan.budget.Purpose;
import io.longspan.deliveries.Settlement.Release;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.ObjLongConsumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The messages that one client has received and not settled, by handle (protocol section 15). A
 * handle is valid until its message is settled, released by its time-out, or given back to the
 * broker with its consumer. Nothing but this object settles a delivery that it contains.
 *
 * <p>Called on any thread; never blocks. The lock is held for map operations and charges only.
 */
public final class ClientDeliveries {

  /** What a client consumes. Called without the lock. */
  public interface Owner {
    /** Returns how long a client may take to settle a message, in milliseconds. */
    long ackTimeout();

    /** Returns how a message goes back that the client has released or not settled in time. */
    Release release(long delay);

    /** Returns how a message is rejected. */
    Settlement reject(Optional<String> reason);

    /** Notified of an acknowledgement. */
    void acknowledged();

    /** Notified that the client has not settled a message in time. */
    void timedOut();
  }

  private record Out(Owner owner, Delivery delivery, long bytes, long deadline) {
    Out until(long later) {
      return new Out(owner, delivery, bytes, later);
    }
  }

  private final Account account;
  private final Supplier<String> handles;
  private final LongSupplier clock;
  private final ObjLongConsumer<Runnable> scheduler;
  private final BooleanSupplier isAway;

  /** In the order of arrival. Guarded by this. */
  private final Map<String, Out> out = new LinkedHashMap<>(4);

  /** How many settlements the broker has not confirmed. */
  private final AtomicInteger settling = new AtomicInteger();

  /** Guarded by this: whether a look for time-outs is scheduled. */
  private boolean scheduled;

  /** Guarded by this. */
  private boolean closed;

  /**
   * Creates an empty table.
   *
   * @param account is charged for the messages
   * @param handles returns texts that nobody can guess
   * @param clock monotonic time in milliseconds
   * @param scheduler runs a task after a number of milliseconds
   * @param isAway whether the client cannot settle anything now, because its session is lost. Its
   *     time-outs begin again when it returns
   */
  public ClientDeliveries(
      Account account,
      Supplier<String> handles,
      LongSupplier clock,
      ObjLongConsumer<Runnable> scheduler,
      BooleanSupplier isAway) {
    this.account = account;
    this.handles = handles;
    this.clock = clock;
    this.scheduler = scheduler;
    this.isAway = isAway;
  }

  /** Returns a handle for {@link #add}. */
  public String newHandle() {
    return handles.get();
  }

  /**
   * Adds a message.
   *
   * @param handle a result of {@link #newHandle}
   * @param bytes the heap of the message, in bytes
   * @return false if the client has ended, or if its user's memory is full. The caller must release
   *     the message then
   */
  public boolean add(Owner owner, Delivery delivery, String handle, long bytes) {
    long timeout = owner.ackTimeout();
    boolean first;
    synchronized (this) {
      if (closed || !account.tryCharge(Purpose.DELIVERIES, bytes)) {
        return false;
      }
      out.put(handle, new Out(owner, delivery, bytes, clock.getAsLong() + timeout));
      first = !scheduled;
      scheduled = true;
    }
    if (first) {
      scheduler.accept(this::look, timeout);
    }
    return true;
  }

  /** Returns whether a handle is valid. */
  public synchronized boolean holds(String handle) {
    return out.containsKey(handle);
  }

  /** Returns the number of messages that are not settled. */
  public synchronized int size() {
    return out.size();
  }

  /** Returns whether the answer to a settlement is still to come. */
  public boolean isSettling() {
    return settling.get() > 0;
  }

  /**
   * Acknowledges messages.
   *
   * @return completes when the broker has processed all acknowledgements, with the handles that
   *     were not valid or whose acknowledgement has failed; never fails
   */
  public CompletionStage<List<String>> acknowledge(List<String> wanted) {
    return settle(
        wanted,
        each -> {
          each.owner().acknowledged();
          return each.delivery().settle(Settlement.ACKNOWLEDGE);
        });
  }

  /**
   * Releases messages.
   *
   * @param delay in milliseconds. The result does not wait for the delay
   * @return as {@link #acknowledge}
   */
  public CompletionStage<List<String>> release(List<String> wanted, long delay) {
    return settle(wanted, each -> each.delivery().settle(each.owner().release(delay)), delay > 0);
  }

  /**
   * Rejects messages.
   *
   * @return as {@link #acknowledge}
   */
  public CompletionStage<List<String>> reject(List<String> wanted, Optional<String> reason) {
    return settle(wanted, each -> each.delivery().settle(each.owner().reject(reason)));
  }

  private CompletionStage<List<String>> settle(
      List<String> wanted, Function<Out, CompletionStage<Void>> settle) {
    return settle(wanted, settle, false);
  }

  private CompletionStage<List<String>> settle(
      List<String> wanted, Function<Out, CompletionStage<Void>> settle, boolean atOnce) {
    List<CompletableFuture<Optional<String>>> results = new ArrayList<>(wanted.size());
    for (String handle : wanted) {
      Optional<Out> found = remove(handle);
      if (found.isEmpty()) {
        results.add(CompletableFuture.completedFuture(Optional.of(handle)));
        continue;
      }
      CompletionStage<Void> settled = settled(found.get(), settle);
      if (!atOnce) {
        results.add(
            settled
                .handle(
                    (done, failure) ->
                        failure == null ? Optional.<String>empty() : Optional.of(handle))
                .toCompletableFuture());
      }
    }
    settling.incrementAndGet();
    return CompletableFuture.allOf(results.toArray(CompletableFuture[]::new))
        .thenApply(
            all -> {
              settling.decrementAndGet();
              return results.stream().flatMap(result -> result.join().stream()).toList();
            });
  }

  private synchronized Optional<Out> remove(String handle) {
    return Optional.ofNullable(out.remove(handle));
  }

  private CompletionStage<Void> settled(Out each, Function<Out, CompletionStage<Void>> settle) {
    return settle
        .apply(each)
        .whenComplete((done, failure) -> account.release(Purpose.DELIVERIES, each.bytes()));
  }

  /** Releases the messages that were not settled in time. */
  private void look() {
    List<Out> late = new ArrayList<>();
    boolean away = isAway.getAsBoolean();
    long next = Long.MAX_VALUE;
    synchronized (this) {
      long now = clock.getAsLong();
      for (Map.Entry<String, Out> each : out.entrySet()) {
        if (away) {
          each.setValue(each.getValue().until(now + each.getValue().owner().ackTimeout()));
        }
        if (each.getValue().deadline() <= now) {
          late.add(each.getValue());
        } else {
          next = Math.min(next, each.getValue().deadline() - now);
        }
      }
      out.values().removeAll(late);
      scheduled = !out.isEmpty();
    }
    for (Out each : late) {
      each.owner().timedOut();
      settled(each, one -> one.delivery().settle(one.owner().release(0)));
    }
    if (next != Long.MAX_VALUE) {
      scheduler.accept(this::look, next);
    }
  }

  /**
   * Makes the handles of an owner void without settling anything: its consumer is closed, or its
   * connection is lost, so the broker has the messages.
   */
  public void forget(Owner owner) {
    forget(each -> each.owner() == owner);
  }

  /** Makes one handle void without settling anything. */
  public synchronized void forget(String handle) {
    Out gone = out.remove(handle);
    if (gone != null) {
      account.release(Purpose.DELIVERIES, gone.bytes());
    }
  }

  /** Ends the table: all handles are void, and nothing is added any more. */
  public void close() {
    synchronized (this) {
      closed = true;
    }
    forget(each -> true);
  }

  private synchronized void forget(Predicate<Out> which) {
    out.values()
        .removeIf(
            each -> {
              boolean gone = which.test(each);
              if (gone) {
                account.release(Purpose.DELIVERIES, each.bytes());
              }
              return gone;
            });
  }
}
