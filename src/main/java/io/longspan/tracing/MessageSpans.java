package io.longspan.tracing;

import io.longspan.bridge.MessageBroker.Outbound;
import io.longspan.bridge.Tracing.MessageTrace;
import io.longspan.catalogue.BrokerDestination;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.SendCommand;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import java.util.Map;
import java.util.concurrent.CompletionException;

/**
 * The spans of one message of a client: {@code receive}, and inside it {@code authorise} and {@code
 * send}. Confined to one thread at a time, as the message is.
 */
final class MessageSpans implements MessageTrace {
  private final Tracer tracer;
  private final String system;
  private final Span received;
  private Span authorising = Span.getInvalid();
  private Span sending = Span.getInvalid();

  MessageSpans(Tracer tracer, String system, Span received, SendCommand command) {
    this.tracer = tracer;
    this.system = system;
    this.received = received;
    if (received.isRecording()) {
      received.setAttribute(Conventions.OPERATION_NAME, "receive");
      received.setAttribute(Conventions.BODY_SIZE, (long) command.body().size());
      if (command.target() instanceof SendCommand.Destination destination) {
        received.setAttribute(Conventions.LOGICAL_NAME, destination.name().toString());
      }
      command
          .headers()
          .correlationId()
          .ifPresent(id -> received.setAttribute(Conventions.CONVERSATION_ID, id));
    }
  }

  private SpanBuilder inside(String name) {
    return tracer.spanBuilder(name).setParent(Context.root().with(received));
  }

  @Override
  public void authorising() {
    authorising = inside("authorise").startSpan();
  }

  @Override
  public void authorised(Throwable failure) {
    end(authorising, failure);
  }

  @Override
  public void sending(Outbound.Target target, Map<String, Object> properties) {
    sending = inside("send").setSpanKind(SpanKind.PRODUCER).startSpan();
    sending.setAttribute(Conventions.SYSTEM, system);
    sending.setAttribute(Conventions.OPERATION_NAME, "send");
    sending.setAttribute(Conventions.OPERATION_TYPE, "send");
    if (target instanceof Outbound.To to) {
      BrokerDestination destination = to.destination();
      sending.setAttribute(Conventions.DESTINATION_NAME, destination.name());
    }
    PropertyContext.write(sending, properties);
  }

  @Override
  public void sent(String messageId) {
    if (messageId != null) {
      sending.setAttribute(Conventions.MESSAGE_ID, messageId);
    }
    sending.end();
  }

  @Override
  public void measured(Runnable recording) {
    try (Scope current = received.makeCurrent()) {
      recording.run();
    }
  }

  @Override
  public void ended(Throwable failure) {
    end(sending, failure);
    end(received, failure);
  }

  /** Ends a span; does nothing if it has ended. */
  private static void end(Span span, Throwable failure) {
    if (failure != null) {
      Throwable cause =
          failure instanceof CompletionException && failure.getCause() != null
              ? failure.getCause()
              : failure;
      span.setStatus(StatusCode.ERROR);
      span.setAttribute(
          Conventions.ERROR_TYPE,
          cause instanceof BridgeException refusal
              ? refusal.code().wireName()
              : cause.getClass().getName());
    }
    span.end();
  }
}
