package io.longspan.benchmark;

import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;

/** Counts what arrives, and how late; written by one thread, read by another. */
final class Recorder {
  private static final int PRECISION = 3;

  private final SingleWriterRecorder latencies = new SingleWriterRecorder(PRECISION);
  private final AtomicLong received = new AtomicLong();
  private final AtomicLong outOfOrder = new AtomicLong();

  void received(long latencyNanos) {
    latencies.recordValue(Math.max(0, latencyNanos / 1000));
    received.lazySet(received.get() + 1);
  }

  void outOfOrder() {
    outOfOrder.incrementAndGet();
  }

  long count() {
    return received.get();
  }

  /** How often a client got a number that was not the next one. */
  long disorders() {
    return outOfOrder.get();
  }

  /** Returns the latencies since the last call, in microseconds. */
  Histogram latencies() {
    return latencies.getIntervalHistogram();
  }
}
