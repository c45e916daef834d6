package io.longspan.tracing;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts what an exporter has sent or not, and logs failures at most once a minute. */
final class CountedExporter implements SpanExporter {
  private static final Logger LOG = LoggerFactory.getLogger(CountedExporter.class);
  private static final long QUIET_NANOS = TimeUnit.MINUTES.toNanos(1);

  /**
   * The exporter writes each failure to standard error by this logger; the JDK keeps only a weak
   * reference to it.
   */
  private static final java.util.logging.Logger ITS_OWN =
      java.util.logging.Logger.getLogger("io.opentelemetry.exporter");

  private final SpanExporter exporter;
  private final LongAdder exported = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final AtomicLong quietUntil = new AtomicLong(System.nanoTime());

  CountedExporter(SpanExporter exporter) {
    this.exporter = exporter;
    ITS_OWN.setLevel(java.util.logging.Level.OFF);
  }

  long exported() {
    return exported.sum();
  }

  long failed() {
    return failed.sum();
  }

  @Override
  public CompletableResultCode export(Collection<SpanData> spans) {
    int count = spans.size();
    CompletableResultCode result = exporter.export(spans);
    return result.whenComplete(
        () -> {
          if (result.isSuccess()) {
            exported.add(count);
          } else {
            failed.add(count);
            report(result.getFailureThrowable());
          }
        });
  }

  private void report(Throwable failure) {
    long now = System.nanoTime();
    long until = quietUntil.get();
    if (now - until >= 0 && quietUntil.compareAndSet(until, now + QUIET_NANOS)) {
      LOG.warn(
          "spans cannot be sent to tracing.endpoint failed={} cause={}",
          failed.sum(),
          String.valueOf(failure));
    }
  }

  @Override
  public CompletableResultCode flush() {
    return exporter.flush();
  }

  @Override
  public CompletableResultCode shutdown() {
    return exporter.shutdown();
  }
}
