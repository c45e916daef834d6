package io.longspan.tracing;

import io.longspan.bridge.MessageBroker;
import io.longspan.bridge.Tracing;
import io.longspan.config.LongspanConfig;
import io.longspan.protocol.SendCommand;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import java.util.concurrent.TimeUnit;

/**
 * Traces messages, and sends the spans to a collector by OTLP over HTTP. A thread of the SDK sends
 * them; if the collector is too slow, spans are discarded.
 */
public final class OpenTelemetryTracing implements Tracing, AutoCloseable {
  private static final int END_SECONDS = 5;

  private final CountedExporter exporter;
  private final SdkTracerProvider provider;
  private final Tracer tracer;
  private final String system;

  /**
   * Starts to trace.
   *
   * @param config the settings, with an endpoint
   * @param bridgeId the name of this bridge, in each span
   * @param dialect the broker, which gives {@code messaging.system} its value
   */
  public OpenTelemetryTracing(
      LongspanConfig.Tracing config, String bridgeId, LongspanConfig.Dialect dialect) {
    this.exporter =
        new CountedExporter(
            OtlpHttpSpanExporter.builder()
                .setEndpoint(config.endpoint().orElseThrow() + "/v1/traces")
                .build());
    this.provider =
        SdkTracerProvider.builder()
            .setResource(
                Resource.create(
                    Attributes.of(
                        AttributeKey.stringKey("service.name"),
                        "longspan",
                        AttributeKey.stringKey("service.instance.id"),
                        bridgeId)))
            .setSampler(new ShareSampler(config.sample()))
            .addSpanProcessor(BatchSpanProcessor.builder(exporter).build())
            .build();
    this.tracer = provider.get("io.longspan");
    this.system =
        switch (dialect) {
          case ACTIVEMQ -> "activemq";
          case RABBITMQ -> "rabbitmq";
          default -> "jms";
        };
  }

  @Override
  public MessageTrace received(SendCommand command) {
    Span received =
        tracer
            .spanBuilder("receive")
            .setParent(PropertyContext.read(command.properties()))
            .setSpanKind(SpanKind.SERVER)
            .startSpan();
    return new MessageSpans(tracer, system, received, command);
  }

  /** Returns a broker whose received messages are traced. */
  public MessageBroker traced(MessageBroker broker) {
    return new TracedBroker(broker, new DeliverySpans(tracer, system));
  }

  /** Returns how many spans the collector has accepted. */
  public long exported() {
    return exporter.exported();
  }

  /** Returns how many spans could not be sent to the collector. */
  public long failed() {
    return exporter.failed();
  }

  /** Sends the last spans; blocks for a few seconds at most. */
  @Override
  public void close() {
    provider.shutdown().join(END_SECONDS, TimeUnit.SECONDS);
  }
}
