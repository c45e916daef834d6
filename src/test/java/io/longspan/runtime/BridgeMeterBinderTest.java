package io.longspan.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.tracing.CurrentSpan;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Scope;
import java.lang.ref.WeakReference;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

final class BridgeMeterBinderTest {

  /** Micrometer holds what it reads only weakly; nobody else holds these suppliers. */
  @Test
  void whatIsWatchedIsCountedAsLongAsTheMetersLive() {
    BridgeMeterBinder meters = new BridgeMeterBinder(Optional.empty());
    AtomicLong count = new AtomicLong(3);
    meters.watchSignIn(count::get, count::get);
    meters.watchRefusedConnections(count::get);
    awaitCollection(count);

    assertThat(meters.scrape())
        .contains(
            "longspan_passwords_throttled_total 3.0",
            "longspan_tokens_refused_total 3.0",
            "longspan_connections_refused_total 3.0");
    meters.close();
  }

  /** Prometheus asks for OpenMetrics; without traces it gets what it always got. */
  @Test
  void aLatencyNamesTheTraceOfItsMessage() {
    String asked = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5";
    BridgeMeterBinder untraced = new BridgeMeterBinder(Optional.empty());
    assertThat(untraced.contentType(asked)).startsWith("text/plain");
    untraced.close();
    BridgeMeterBinder meters = new BridgeMeterBinder(Optional.of(new CurrentSpan()));
    assertThat(meters.contentType(null)).startsWith("text/plain");

    String trace = "0af7651916cd43dd8448eb211c80319c";
    SpanContext sampled =
        SpanContext.create(
            trace, "b7ad6b7169203331", TraceFlags.getSampled(), TraceState.getDefault());
    try (Scope current = Span.wrap(sampled).makeCurrent()) {
      meters.messageAccepted("", "orders/{id}", 7);
      meters.requestAnswered("orders/{id}", 70);
    }
    assertThat(meters.scrape(meters.contentType(asked)).lines())
        .filteredOn(line -> line.contains("trace_id=\"" + trace + '"'))
        .anyMatch(line -> line.startsWith("longspan_broker_accept_seconds_bucket"))
        .anyMatch(line -> line.startsWith("longspan_request_seconds_bucket"))
        .as("Prometheus rejects a page with exemplars elsewhere")
        .allMatch(line -> line.matches("\\w+_(bucket|total)\\{.*"));
    assertThat(meters.scrape()).doesNotContain(trace);
    meters.close();
  }

  /** Returns when what nobody holds has been collected. */
  private static void awaitCollection(AtomicLong captured) {
    WeakReference<LongSupplier> unheld = new WeakReference<>(captured::get);
    Awaitility.await()
        .until(
            () -> {
              System.gc();
              return unheld.get() == null;
            });
  }
}
