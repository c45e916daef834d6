package io.longspan.tracing;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.opentelemetry.sdk.trace.samplers.SamplingResult;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Samples a share of the messages of clients. A client can switch sampling off for a message, never
 * on: the choice is random, because clients choose the trace id. Later spans of a message follow
 * the first one. Messages of services follow the service.
 */
final class ShareSampler implements Sampler {
  private final double share;

  /**
   * Creates the sampler.
   *
   * @param share 0 to 1
   */
  ShareSampler(double share) {
    this.share = share;
  }

  @Override
  public SamplingResult shouldSample(
      Context parent,
      String traceId,
      String name,
      SpanKind kind,
      Attributes attributes,
      List<LinkData> links) {
    SpanContext before = Span.fromContext(parent).getSpanContext();
    boolean sampled = !before.isValid() || before.isSampled();
    if (kind == SpanKind.SERVER) {
      sampled &= ThreadLocalRandom.current().nextDouble() < share;
    }
    return sampled ? SamplingResult.recordAndSample() : SamplingResult.drop();
  }

  @Override
  public String getDescription() {
    return "ShareSampler{" + share + "}";
  }
}
