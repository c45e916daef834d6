package io.longspan.local.broker;

import io.longspan.bridge.MessageBroker.Outbound;
import io.longspan.bridge.MessageBroker.Source;
import io.longspan.bridge.Ticker;
import io.longspan.local.LocalMessage;
import io.longspan.local.LocalRequest;
import io.longspan.protocol.BrokerMessage;
import io.longspan.protocol.MessageBody;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Converts between the messages of local services and the values of the protocol, as the codec of
 * JMS does (sections 3 and 4). May be used on any thread.
 */
final class LocalMessages {
  /** Estimated heap of a message without its body and texts, in bytes. */
  private static final long MESSAGE_BYTES = 1024;

  /** The largest whole number that every JSON reader preserves exactly. */
  private static final long MAX_EXACT = 1L << 53;

  private final Ticker ticker;

  /** Begins each message id; unique over all bridges. */
  private final String idPrefix = "ID:local-" + UUID.randomUUID() + '-';

  private final AtomicLong lastId = new AtomicLong();

  LocalMessages(Ticker ticker) {
    this.ticker = ticker;
  }

  String nextId() {
    return idPrefix + lastId.incrementAndGet();
  }

  static LocalRequest request(
      String destination, Outbound message, Source source, CompletionStage<Void> cancelled) {
    return new LocalRequest(
        destination,
        source.user(),
        source.roles(),
        message.headers().correlationId(),
        message.properties(),
        body(message),
        message.body().format(),
        cancelled);
  }

  /** Estimates the heap of a message, in bytes. */
  static long bytes(Outbound message) {
    return bytes(message.properties(), body(message));
  }

  /** Estimates the heap of a message, in bytes. */
  static long bytes(LocalMessage message) {
    return bytes(message.properties(), message.body());
  }

  /** Counts two bytes for each character, because the exact size is expensive to compute. */
  private static long bytes(Map<String, Object> properties, Object body) {
    long size = MESSAGE_BYTES;
    for (Map.Entry<String, Object> property : properties.entrySet()) {
      size += 64 + property.getKey().length() + textBytes(property.getValue());
    }
    return size + (body instanceof byte[] bytes ? bytes.length : textBytes(body));
  }

  private static long textBytes(Object value) {
    return value instanceof String text ? 2L * text.length() : 0;
  }

  private static Object body(Outbound message) {
    return message.body() instanceof MessageBody.Bytes bytes
        ? bytes.bytes()
        : ((MessageBody.Text) message.body()).text();
  }

  /**
   * Converts an answer.
   *
   * @param sequence the number of the part, from 1; 0 for an answer in one part
   */
  BrokerMessage answer(
      LocalMessage message, Optional<String> correlationId, int sequence, boolean last) {
    Map<String, Object> properties = headers(correlationId);
    message.properties().forEach((name, value) -> properties.put(name, json(value)));
    properties.remove("sequence");
    properties.remove("done");
    if (sequence > 0) {
      properties.put("sequence", sequence);
      properties.put("done", Boolean.toString(last));
    }
    return message("", properties, message.body(), BrokerMessage.NEVER);
  }

  /** Converts a message of a service to a topic. */
  BrokerMessage published(String topic, LocalMessage message) {
    Map<String, Object> properties = headers(Optional.empty());
    message.properties().forEach((name, value) -> properties.put(name, json(value)));
    return message(topic, properties, message.body(), BrokerMessage.NEVER);
  }

  /** Converts a message of a client to a topic. */
  BrokerMessage published(String topic, Outbound message) {
    Map<String, Object> properties = headers(message.headers().correlationId());
    message.headers().type().ifPresent(type -> properties.put("JMSType", type));
    message.properties().forEach((name, value) -> properties.put(name, json(value)));
    long timeToLive = message.headers().timeToLive();
    return message(
        topic,
        properties,
        body(message),
        timeToLive == 0 ? BrokerMessage.NEVER : ticker.millis() + timeToLive);
  }

  private Map<String, Object> headers(Optional<String> correlationId) {
    Map<String, Object> headers = new LinkedHashMap<>();
    correlationId.ifPresent(id -> headers.put("JMSCorrelationID", id));
    headers.put("JMSMessageID", nextId());
    headers.put("JMSTimestamp", System.currentTimeMillis());
    return headers;
  }

  private static BrokerMessage message(
      String destination, Map<String, Object> properties, Object body, long expiresAt) {
    boolean isBytes = body instanceof byte[];
    return new BrokerMessage(
        destination,
        properties,
        isBytes ? Base64.getEncoder().encodeToString((byte[]) body) : body,
        isBytes ? "base64" : null,
        Optional.empty(),
        expiresAt,
        false);
  }

  private static Object json(Object value) {
    if (value instanceof Long whole) {
      return whole > MAX_EXACT || whole < -MAX_EXACT ? whole.toString() : whole;
    }
    if (value instanceof Double || value instanceof Float) {
      return Double.isFinite(((Number) value).doubleValue()) ? value : value.toString();
    }
    return value;
  }
}
