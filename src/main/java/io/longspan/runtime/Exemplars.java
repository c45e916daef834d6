package io.longspan.runtime;

import io.prometheus.metrics.tracer.common.SpanContext;

/** The traces that histograms name as examples; none until {@link #of} is called. */
final class Exemplars implements SpanContext {
  private volatile SpanContext spans;

  /** Names the traces of these spans from now on. */
  void of(SpanContext newSpans) {
    spans = newSpans;
  }

  boolean isOn() {
    return spans != null;
  }

  @Override
  public String getCurrentTraceId() {
    return spans == null ? null : spans.getCurrentTraceId();
  }

  @Override
  public String getCurrentSpanId() {
    return spans == null ? null : spans.getCurrentSpanId();
  }

  @Override
  public boolean isCurrentSpanSampled() {
    return spans != null && spans.isCurrentSpanSampled();
  }

  @Override
  public void markCurrentSpanAsExemplar() {
    if (spans != null) {
      spans.markCurrentSpanAsExemplar();
    }
  }
}
