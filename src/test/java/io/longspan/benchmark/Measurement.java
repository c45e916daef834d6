package io.longspan.benchmark;

import java.time.Duration;
import org.HdrHistogram.Histogram;

/**
 * What happened in a stretch of time.
 *
 * @param seconds how long it was
 * @param count how many messages arrived
 * @param latencies theirs, in microseconds
 * @param serverCpuNanos the CPU time of the server
 * @param loadCpuNanos the CPU time of the load generator
 */
record Measurement(
    double seconds, long count, Histogram latencies, long serverCpuNanos, long loadCpuNanos) {

  /** Measures from now on; blocks. */
  static Measurement of(ProcessMeter server, Recorder recorder, Duration length) {
    ProcessMeter load = ProcessMeter.own();
    recorder.latencies();
    final long count = recorder.count();
    final long serverCpu = server.cpuNanos();
    final long loadCpu = load.cpuNanos();
    long start = System.nanoTime();
    sleep(length);
    return new Measurement(
        (System.nanoTime() - start) / 1e9,
        recorder.count() - count,
        recorder.latencies(),
        server.cpuNanos() - serverCpu,
        load.cpuNanos() - loadCpu);
  }

  static void sleep(Duration length) {
    try {
      Thread.sleep(length.toMillis());
    } catch (InterruptedException x) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(x);
    }
  }

  double perSecond() {
    return count / seconds;
  }

  /** Returns the server's CPU time per message, in microseconds. */
  double serverMicros() {
    return serverCpuNanos / 1e3 / count;
  }

  /** Returns the load generator's CPU time per message, in microseconds. */
  double loadMicros() {
    return loadCpuNanos / 1e3 / count;
  }

  /** Returns a percentile of the latencies, in milliseconds. */
  double millis(double percentile) {
    return latencies.getValueAtPercentile(percentile) / 1e3;
  }
}
