/**
 * Spans of messages by OpenTelemetry, behind the port {@link io.longspan.bridge.Tracing}. Nothing
 * here is loaded unless {@code tracing.endpoint} is set.
 *
 * <p>Start reading at {@link io.longspan.tracing.OpenTelemetryTracing}.
 */
package io.longspan.tracing;
