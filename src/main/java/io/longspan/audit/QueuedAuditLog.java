package io.longspan.audit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import io.longspan.concurrent.DaemonThreads;
import io.longspan.concurrent.InternalErrors;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes events to a sink on a thread of its own. The queue is bounded: events that find it full,
 * or that the sink does not take, are lost, counted and logged.
 */
public final class QueuedAuditLog implements AuditLog, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(QueuedAuditLog.class);

  private static final int MAX_WAITING = 10_000;
  private static final int BATCH = 500;
  private static final long POLL_MILLIS = 200;

  /** Lost events are logged at most once in this time. */
  private static final long REPORT_NANOS = TimeUnit.SECONDS.toNanos(10);

  private static final Duration END_PATIENCE = Duration.ofSeconds(10);

  /** Text of users is ASCII in the end, so that it cannot change how a line looks. */
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  private final String bridgeId;
  private final AuditSink sink;
  private final BlockingQueue<AuditEvent> waiting;
  private final LongAdder written = new LongAdder();
  private final LongAdder lost = new LongAdder();
  private final DaemonThreads threads = new DaemonThreads("longspan-audit");
  private volatile boolean closed;

  /** Only used by the thread. */
  private long lastReport = System.nanoTime() - REPORT_NANOS;

  /** Only used by the thread. */
  private long reported;

  /** Only used by the thread. */
  private String failure = "";

  /**
   * Creates the log and starts its thread.
   *
   * @param sink closed with the log
   */
  public QueuedAuditLog(String bridgeId, AuditSink sink) {
    this(bridgeId, sink, MAX_WAITING);
  }

  QueuedAuditLog(String bridgeId, AuditSink sink, int maxWaiting) {
    this.bridgeId = bridgeId;
    this.sink = sink;
    this.waiting = new ArrayBlockingQueue<>(maxWaiting);
    threads.newThread(() -> InternalErrors.guard("the audit log", this::run)).start();
  }

  @Override
  public void record(AuditEvent event) {
    if (closed || !waiting.offer(event)) {
      lost.increment();
    }
  }

  /** Returns how many events were written. */
  public long written() {
    return written.sum();
  }

  /** Returns how many events were lost. */
  public long lost() {
    return lost.sum();
  }

  private void run() {
    try {
      while (!closed || !waiting.isEmpty()) {
        AuditEvent first = waiting.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
        if (first != null) {
          write(first);
        }
        reportLost();
      }
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    } finally {
      close(sink);
    }
  }

  private void write(AuditEvent first) {
    List<AuditEvent> events = new ArrayList<>(List.of(first));
    waiting.drainTo(events, BATCH - 1);
    try {
      sink.write(events.stream().map(this::json).toList());
      written.add(events.size());
      failure = "";
    } catch (IOException | RuntimeException refused) {
      lost.add(events.size());
      failure = String.valueOf(refused.getMessage());
    }
  }

  private void reportLost() {
    long now = System.nanoTime();
    long all = lost.sum();
    if (all > reported && now - lastReport >= REPORT_NANOS) {
      LOG.error(
          "audit events lost bridge={} count={} reason={}",
          bridgeId,
          all - reported,
          failure.isEmpty() ? "too many wait" : failure);
      reported = all;
      lastReport = now;
    }
  }

  private String json(AuditEvent event) {
    StringWriter line = new StringWriter();
    try (JsonGenerator out = JSON.createGenerator(line)) {
      out.writeStartObject();
      out.writeStringField("time", event.time().toString());
      out.writeStringField("bridge", bridgeId);
      out.writeStringField("event", event.event());
      for (Map.Entry<String, String> field : event.fields().entrySet()) {
        out.writeStringField(field.getKey(), field.getValue());
      }
      out.writeEndObject();
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return line.toString();
  }

  private static void close(AuditSink sink) {
    try {
      sink.close();
    } catch (IOException failure) {
      LOG.warn("the audit log was not closed cleanly", failure);
    }
  }

  /** Writes what waits, and closes the sink. Blocks for some seconds at most; called once. */
  @Override
  public void close() {
    closed = true;
    if (!threads.awaitEnd(END_PATIENCE)) {
      LOG.warn("the audit log has not ended in time bridge={}", bridgeId);
    }
  }
}
