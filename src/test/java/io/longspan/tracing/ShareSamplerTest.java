package io.longspan.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.sdk.trace.samplers.SamplingDecision;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class ShareSamplerTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

  /** Returns how many of 10,000 messages are sampled. */
  private static long sampled(double share, SpanKind kind, String flags) {
    ShareSampler sampler = new ShareSampler(share);
    Map<String, Object> properties =
        flags == null
            ? Map.of()
            : Map.of("traceparent", "00-" + TRACE + "-00f067aa0ba902b7-" + flags);
    return IntStream.range(0, 10_000)
        .filter(
            i ->
                sampler
                        .shouldSample(
                            PropertyContext.read(properties),
                            TRACE,
                            "receive",
                            kind,
                            Attributes.empty(),
                            List.of())
                        .getDecision()
                    == SamplingDecision.RECORD_AND_SAMPLE)
        .count();
  }

  @Test
  void aShareOfTheMessagesOfClientsIsSampledWhateverTraceIdTheyChoose() {
    assertThat(sampled(1, SpanKind.SERVER, null)).isEqualTo(10_000);
    assertThat(sampled(0, SpanKind.SERVER, "01")).isZero();
    assertThat(sampled(0.5, SpanKind.SERVER, null)).isBetween(4_000L, 6_000L);
    assertThat(sampled(0.5, SpanKind.SERVER, "01")).isBetween(4_000L, 6_000L);
    assertThat(sampled(1, SpanKind.SERVER, "00")).isZero();
  }

  @Test
  void laterSpansFollowTheFirst() {
    for (SpanKind kind : List.of(SpanKind.INTERNAL, SpanKind.PRODUCER, SpanKind.CONSUMER)) {
      assertThat(sampled(0, kind, "01")).isEqualTo(10_000);
      assertThat(sampled(1, kind, "00")).isZero();
    }
  }
}
