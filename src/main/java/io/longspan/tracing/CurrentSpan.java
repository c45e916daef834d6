package io.longspan.tracing;

import io.opentelemetry.api.trace.Span;
import io.prometheus.metrics.tracer.common.SpanContext;

/** The span whose latency is being recorded, for the exemplars of histograms. Stateless. */
public final class CurrentSpan implements SpanContext {
  @Override
  public String getCurrentTraceId() {
    return current().isValid() ? current().getTraceId() : null;
  }

  @Override
  public String getCurrentSpanId() {
    return current().isValid() ? current().getSpanId() : null;
  }

  @Override
  public boolean isCurrentSpanSampled() {
    return current().isSampled();
  }

  /** The collector gets every sampled span anyway. */
  @Override
  public void markCurrentSpanAsExemplar() {}

  private static io.opentelemetry.api.trace.SpanContext current() {
    return Span.current().getSpanContext();
  }
}
