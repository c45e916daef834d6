package io.longspan.load;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** What the clients of a load run have seen. Thread-safe. */
public final class LoadFigures {
  /** The highest latency that is told apart, in microseconds. */
  private static final long MAX_MICROS = 3_600_000_000L;

  private static final int DIGITS = 3;

  final LongAdder connected = new LongAdder();
  final LongAdder answered = new LongAdder();
  final LongAdder published = new LongAdder();
  final LongAdder delivered = new LongAdder();
  private final Map<String, LongAdder> lost = new ConcurrentHashMap<>();
  private final Map<String, LongAdder> failed = new ConcurrentHashMap<>();
  private final Histogram requests = new ConcurrentHistogram(MAX_MICROS, DIGITS);
  private final Histogram deliveries = new ConcurrentHistogram(MAX_MICROS, DIGITS);

  void lost(String why) {
    lost.computeIfAbsent(why, any -> new LongAdder()).increment();
  }

  void failed(String why) {
    failed.computeIfAbsent(why, any -> new LongAdder()).increment();
  }

  void answered(long nanos) {
    answered.increment();
    requests.recordValue(micros(nanos));
  }

  void delivered(long nanos) {
    delivered.increment();
    deliveries.recordValue(micros(nanos));
  }

  private static long micros(long nanos) {
    return Math.max(0, Math.min(MAX_MICROS, nanos / 1000));
  }

  /** Returns how many clients were refused or lost, by reason. */
  public Map<String, Long> lost() {
    return counts(lost);
  }

  /** Returns how many requests were refused or not answered, by reason. */
  public Map<String, Long> failed() {
    return counts(failed);
  }

  private static Map<String, Long> counts(Map<String, LongAdder> counters) {
    Map<String, Long> counts = new TreeMap<>();
    counters.forEach((why, count) -> counts.put(why, count.sum()));
    return counts;
  }

  static long sum(Map<String, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Returns whether nothing was refused, lost or unanswered. */
  public boolean isClean() {
    return lost.isEmpty() && failed.isEmpty();
  }

  /** Returns a copy of the latencies from requests to answers, in microseconds. */
  Histogram requests() {
    return requests.copy();
  }

  /** Returns a copy of the latencies from publications to deliveries, in microseconds. */
  Histogram deliveries() {
    return deliveries.copy();
  }
}
