package io.longspan.tracing;

import io.longspan.protocol.BrokerMessage;
import io.longspan.protocol.TraceContext;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.util.function.Consumer;

/**
 * The span {@code deliver} of a message from the broker: from its reception until it is queued for
 * its clients. Only messages whose sender has sampled them have one. Clients receive the context of
 * this span.
 */
final class DeliverySpans {
  private final Tracer tracer;
  private final String system;

  DeliverySpans(Tracer tracer, String system) {
    this.tracer = tracer;
    this.system = system;
  }

  /** Passes a message on, inside its span if it has one. Called on a JMS delivery thread. */
  void deliver(BrokerMessage message, Consumer<? super BrokerMessage> next) {
    if (!message.properties().containsKey(TraceContext.PARENT)) {
      next.accept(message);
      return;
    }
    Context context = PropertyContext.read(message.properties());
    if (!Span.fromContext(context).getSpanContext().isSampled()) {
      next.accept(message);
      return;
    }
    Span span =
        tracer.spanBuilder("deliver").setParent(context).setSpanKind(SpanKind.CONSUMER).startSpan();
    span.setAttribute(Conventions.SYSTEM, system);
    span.setAttribute(Conventions.OPERATION_NAME, "deliver");
    span.setAttribute(Conventions.OPERATION_TYPE, "process");
    span.setAttribute(Conventions.DESTINATION_NAME, message.destination());
    message.correlationId().ifPresent(id -> span.setAttribute(Conventions.CONVERSATION_ID, id));
    message.messageId().ifPresent(id -> span.setAttribute(Conventions.MESSAGE_ID, id));
    try {
      next.accept(message.withProperties(PropertyContext.of(span)));
    } finally {
      span.end();
    }
  }
}
