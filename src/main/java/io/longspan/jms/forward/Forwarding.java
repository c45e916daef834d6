package io.longspan.jms.forward;

import io.longspan.catalogue.Forward;
import io.longspan.config.LongspanConfig;
import io.longspan.config.LongspanConfig.Broker;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Carries the {@code forward} entries of the catalogue out. Each has a thread and two connections
 * of its own.
 *
 * <p>The methods may be called on any thread.
 */
public final class Forwarding implements AutoCloseable {
  private final LongspanConfig config;
  private final ForwardCounts counts = new ForwardCounts();
  private final Map<Forward, Forwarder> running = new ConcurrentHashMap<>();
  private boolean closed;

  /** Creates a forwarding without entries. */
  public Forwarding(LongspanConfig config) {
    this.config = config;
  }

  /**
   * Starts what is new, and stops what is not wanted any more. Does not block. After {@link #close}
   * it has no effect: the catalogue's file may change while the bridge stops.
   *
   * @param wanted the entries of the catalogue in force
   */
  public synchronized void apply(List<Forward> wanted) {
    if (closed) {
      return;
    }
    running.entrySet().removeIf(entry -> !wanted.contains(entry.getKey()) && end(entry.getValue()));
    wanted.stream().filter(entry -> !running.containsKey(entry)).forEach(this::start);
  }

  private static boolean end(Forwarder forwarder) {
    forwarder.stop();
    return true;
  }

  private void start(Forward entry) {
    Broker from = config.broker(entry.source().broker());
    Broker to = config.broker(entry.toBroker());
    Forwarder forwarder = new Forwarder(config.bridge().id(), entry, from, to, counts);
    running.put(entry, forwarder);
    forwarder.start();
  }

  /** Returns the number of messages that another broker has accepted. */
  public long forwarded() {
    return counts.forwarded.sum();
  }

  /** Returns the number of answers that were brought back. */
  public long answers() {
    return counts.answers.sum();
  }

  /** Returns the number of messages that had expired, were in a loop, or could not be copied. */
  public long discarded() {
    return counts.discarded.sum();
  }

  /** Returns the number of lost connections and of failed attempts to connect. */
  public long failures() {
    return counts.failures.sum();
  }

  /** Returns the number of entries that pass no messages now. */
  public long disconnected() {
    return running.values().stream().filter(forwarder -> !forwarder.isConnected()).count();
  }

  /** Ends all entries; blocks for a bounded time. */
  @Override
  public void close() {
    List<Forwarder> ending;
    synchronized (this) {
      ending = List.copyOf(running.values());
      apply(List.of());
      closed = true;
    }
    ending.forEach(Forwarder::awaitEnd);
  }
}
