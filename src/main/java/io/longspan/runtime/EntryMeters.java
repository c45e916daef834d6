package io.longspan.runtime;

import io.longspan.catalogue.BrokerDestination;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

/**
 * Meters with the names of brokers and of catalogue entries as tags. Both come from the
 * configuration, never from clients. Entries beyond a bound share the tag {@code other}.
 */
final class EntryMeters {
  /** A catalogue can be edited any number of times, and meters are never removed. */
  static final int MAX_ENTRIES = 500;

  private static final String OTHER = "other";
  private static final String REPLY = "reply";

  /** Upper bounds of the histograms, in milliseconds. */
  private static final long[] BOUNDS = {
    1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000
  };

  private final MeterRegistry registry;
  private final ConcurrentMap<String, Timer> brokers = new ConcurrentHashMap<>();
  private final ConcurrentMap<String, Entry> entries = new ConcurrentHashMap<>();

  private record Entry(Counter sent, Timer answers) {}

  EntryMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  /** Returns a builder of a histogram of times. */
  static Timer.Builder histogram(String name, String description) {
    return Timer.builder(name)
        .description(description)
        .serviceLevelObjectives(
            LongStream.of(BOUNDS).mapToObj(Duration::ofMillis).toArray(Duration[]::new));
  }

  void accepted(String broker, String entry, long millis) {
    brokers.computeIfAbsent(broker, this::broker).record(millis, TimeUnit.MILLISECONDS);
    entry(entry).sent().increment();
  }

  void answered(String entry, long millis) {
    entry(entry).answers().record(millis, TimeUnit.MILLISECONDS);
  }

  Collection<Timer> brokers() {
    return brokers.values();
  }

  /** Returns the histograms of the times until the first answer. */
  List<Timer> answers() {
    return entries.values().stream().map(Entry::answers).toList();
  }

  private Timer broker(String name) {
    return histogram(
            "longspan.broker.accept", "Time until the broker has accepted a message of a client")
        .tag("broker", name.equals(BrokerDestination.DEFAULT_BROKER) ? "default" : name)
        .register(registry);
  }

  private Entry entry(String name) {
    String tag = name.isEmpty() ? REPLY : name;
    Entry known = entries.get(tag);
    return known != null
        ? known
        : entries.computeIfAbsent(entries.size() < MAX_ENTRIES ? tag : OTHER, this::create);
  }

  private Entry create(String tag) {
    return new Entry(
        Counter.builder("longspan.entry.messages.sent")
            .description("Client messages that the broker accepted, by catalogue entry")
            .tag("entry", tag)
            .register(registry),
        histogram("longspan.request", "Time from a request until its first answer")
            .tag("entry", tag)
            .register(registry));
  }
}
