package io.longspan.logging;

import ch.qos.logback.classic.pattern.ThrowableProxyConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.encoder.EncoderBase;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.longspan.config.Secrets;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * Writes an event as one line of JSON, with the fields of the Elastic Common Schema. Credentials in
 * URLs are masked, as {@link OneLineConverter} does ({@code docs/decisions/0068}). Called under the
 * appender's lock.
 */
public final class EcsEncoder extends EncoderBase<ILoggingEvent> {
  private static final String VERSION = "8.11.0";
  private static final String SERVICE = "longspan";

  /** The number of lines of a stack trace. */
  private static final String TRACE_LINES = "30";

  /** Entries of the MDC with these names are fields of ECS. */
  private static final List<String> ECS_FIELDS = List.of("trace.id", "span.id", "transaction.id");

  private static final byte[] NOTHING = {};

  private final JsonFactory json = new JsonFactory();
  private final ThrowableProxyConverter traces = new ThrowableProxyConverter();
  private final String bridgeId;

  /**
   * Creates an encoder.
   *
   * @param bridgeId the name of the node of the service
   */
  public EcsEncoder(String bridgeId) {
    this.bridgeId = bridgeId;
  }

  @Override
  public void start() {
    traces.setOptionList(List.of(TRACE_LINES));
    traces.start();
    super.start();
  }

  @Override
  public byte[] headerBytes() {
    return NOTHING;
  }

  @Override
  public byte[] footerBytes() {
    return NOTHING;
  }

  @Override
  public byte[] encode(ILoggingEvent event) {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    try (JsonGenerator out = json.createGenerator(line)) {
      out.writeStartObject();
      out.writeStringField("@timestamp", Instant.ofEpochMilli(event.getTimeStamp()).toString());
      out.writeStringField("log.level", event.getLevel().toString());
      out.writeStringField("message", Secrets.masked(event.getFormattedMessage()));
      out.writeStringField("ecs.version", VERSION);
      out.writeStringField("service.name", SERVICE);
      out.writeStringField("service.node.name", bridgeId);
      out.writeStringField("log.logger", event.getLoggerName());
      out.writeStringField("process.thread.name", event.getThreadName());
      writeContext(out, event.getMDCPropertyMap());
      if (event.getThrowableProxy() != null) {
        writeError(out, event, event.getThrowableProxy());
      }
      out.writeEndObject();
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    line.write('\n');
    return line.toByteArray();
  }

  private static void writeContext(JsonGenerator out, Map<String, String> context)
      throws IOException {
    for (Map.Entry<String, String> each : context.entrySet()) {
      String name = ECS_FIELDS.contains(each.getKey()) ? each.getKey() : "labels." + each.getKey();
      out.writeStringField(name, each.getValue());
    }
  }

  private void writeError(JsonGenerator out, ILoggingEvent event, IThrowableProxy error)
      throws IOException {
    out.writeStringField("error.type", error.getClassName());
    if (error.getMessage() != null) {
      out.writeStringField("error.message", Secrets.masked(error.getMessage()));
    }
    out.writeStringField("error.stack_trace", Secrets.masked(traces.convert(event)));
  }
}
