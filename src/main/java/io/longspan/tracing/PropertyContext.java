package io.longspan.tracing;

import io.longspan.protocol.TraceContext;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads and writes the trace context in the properties of a message. */
final class PropertyContext {
  private static final W3CTraceContextPropagator W3C = W3CTraceContextPropagator.getInstance();

  private static final TextMapGetter<Map<String, Object>> TEXTS =
      new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(Map<String, Object> properties) {
          return List.of(TraceContext.PARENT, TraceContext.STATE);
        }

        @Override
        public String get(Map<String, Object> properties, String name) {
          return properties != null && properties.get(name) instanceof String text ? text : null;
        }
      };

  private PropertyContext() {}

  /** Returns the context of a message; the root if there is none, or an invalid one. */
  static Context read(Map<String, Object> properties) {
    return W3C.extract(Context.root(), properties, TEXTS);
  }

  /** Returns a span's context as properties. */
  static Map<String, Object> of(Span span) {
    Map<String, Object> properties = new HashMap<>();
    write(span, properties);
    return properties;
  }

  /** Replaces the context of a message. */
  static void write(Span span, Map<String, Object> properties) {
    properties.remove(TraceContext.STATE);
    W3C.inject(Context.root().with(span), properties, Map::put);
  }
}
