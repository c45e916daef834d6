package io.longspan.protocol;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Encodes messages for user channels, each message once (protocol section 4).
 *
 * <p>Every message from the broker gets a payload. A message that cannot be encoded becomes {@code
 * unsupported}. A message over the size limit becomes a {@linkplain Payload#isTooLarge
 * placeholder}. Both are logged.
 *
 * <p>Safe for use by many threads.
 */
public final class PayloadEncoder {
  private static final Logger LOG = LoggerFactory.getLogger(PayloadEncoder.class);

  /** The properties that are kept of a message that cannot be encoded. */
  private static final Set<String> IDENTIFYING =
      Set.of(
          "JMSCorrelationID",
          "JMSMessageID",
          "type",
          "topic",
          "queue",
          "JMSXDeliveryCount",
          "subscription",
          "sequence",
          "done");

  private final ObjectMapper json = new ObjectMapper();
  private final long maxBytes;

  /** Creates an encoder without a size limit. */
  public PayloadEncoder() {
    this(Long.MAX_VALUE);
  }

  /**
   * Creates an encoder with a size limit.
   *
   * @param maxBytes the maximum size of a message from the broker, in bytes of UTF-8
   */
  public PayloadEncoder(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** Encodes a message of the bridge itself; the size limit does not apply. */
  public Payload encode(Notice notice) {
    try {
      return Payload.ofObject(json.writeValueAsString(notice.toMembers()));
    } catch (JsonProcessingException x) {
      throw new IllegalStateException("a notice holds only JSON values", x);
    }
  }

  /**
   * Encodes a message from a client's temporary topic, or one that is pushed to clients.
   *
   * @param replyHandle the handle with which the client can reply, if the sender wants a reply
   */
  public Payload encode(BrokerMessage message, Optional<String> replyHandle) {
    return encode(message, message.properties(), replyHandle);
  }

  /**
   * Encodes a message from a topic.
   *
   * @param topic the logical name of the topic that the message was sent to
   * @param subscription the pattern that matched the topic, if the client subscribed to a pattern
   */
  public Payload encodeTopicMessage(
      BrokerMessage message, String topic, Optional<String> subscription) {
    Map<String, Object> properties = new LinkedHashMap<>(message.properties());
    properties.put("type", "topicMessage");
    properties.put("topic", topic);
    subscription.ifPresent(pattern -> properties.put("subscription", pattern));
    return encode(message, properties, Optional.empty());
  }

  /**
   * Encodes a part of a snapshot (protocol section 17). Its correlation id is the bridge's own, so
   * it is left out.
   *
   * @param topic the topic or pattern that the client subscribes to
   */
  public Payload encodeSnapshot(BrokerMessage message, String topic) {
    Map<String, Object> properties = new LinkedHashMap<>(message.properties());
    properties.remove("JMSCorrelationID");
    properties.put("type", "snapshot");
    properties.put("topic", topic);
    return encode(message, properties, Map.of());
  }

  /**
   * Encodes a message from a queue. The payload does not expire.
   *
   * @param queue the logical name of the queue
   * @param count how often the broker has delivered the message
   * @param delivery the handle with which the client settles the message
   */
  public Payload encodeQueueMessage(
      BrokerMessage message, String queue, int count, String delivery) {
    Map<String, Object> properties = new LinkedHashMap<>(message.properties());
    properties.put("type", "queueMessage");
    properties.put("queue", queue);
    properties.put("JMSXDeliveryCount", count);
    return encode(message.withoutExpiry(), properties, Map.of("delivery", delivery));
  }

  /**
   * Encodes a message of a durable subscription. The payload does not expire.
   *
   * @param topic the logical name of the topic
   * @param redelivered whether the broker has delivered the message before
   * @param delivery the handle with which the client settles the message
   */
  public Payload encodeDurableMessage(
      BrokerMessage message, String topic, boolean redelivered, String delivery) {
    Map<String, Object> properties = new LinkedHashMap<>(message.properties());
    properties.put("type", "topicMessage");
    properties.put("topic", topic);
    if (redelivered) {
      properties.put("JMSRedelivered", true);
    }
    return encode(message.withoutExpiry(), properties, Map.of("delivery", delivery));
  }

  private Payload encode(
      BrokerMessage message, Map<String, Object> properties, Optional<String> replyHandle) {
    return encode(
        message,
        properties,
        replyHandle.<Map<String, String>>map(h -> Map.of("replyTo", h)).orElse(Map.of()));
  }

  private Payload encode(
      BrokerMessage message, Map<String, Object> properties, Map<String, String> replyHandle) {
    if (message.tooLarge()) {
      return tooLarge(message, "");
    }
    Payload payload = supported(message, properties, replyHandle);
    return payload.size() > maxBytes
        ? tooLarge(message, " bytes=%d".formatted(payload.size()))
        : payload;
  }

  private Payload tooLarge(BrokerMessage message, String size) {
    LOG.warn(
        "message too large destination={} id={} limitBytes={}{}",
        message.destination(),
        message.messageId().orElse("none"),
        maxBytes,
        size);
    return Payload.tooLarge();
  }

  private Payload supported(
      BrokerMessage message, Map<String, Object> properties, Map<String, String> handle) {
    try {
      String text =
          json.writeValueAsString(
              members(properties, message.body(), message.bodyFormat(), handle));
      return Payload.ofMessage(text, message.isUnsupported(), message.expiresAt());
    } catch (JsonProcessingException | RuntimeException x) {
      LOG.error(
          "message cannot be encoded, it is delivered without a body destination={} id={}",
          message.destination(),
          message.messageId().orElse("none"),
          x);
      String text = unsupported(properties, handle);
      return Payload.ofMessage(text, true, message.expiresAt());
    }
  }

  private String unsupported(Map<String, Object> properties, Map<String, String> handle) {
    Map<String, Object> kept = new LinkedHashMap<>();
    properties.forEach(
        (name, value) -> {
          if (IDENTIFYING.contains(name)
              && (value instanceof String || value instanceof Integer || value instanceof Long)) {
            kept.put(name, value);
          }
        });
    try {
      return json.writeValueAsString(members(kept, null, BrokerMessage.UNSUPPORTED, handle));
    } catch (JsonProcessingException x) {
      throw new IllegalStateException("strings are JSON values", x);
    }
  }

  private static Map<String, Object> members(
      Map<String, Object> properties, Object body, String bodyFormat, Map<String, String> handle) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("properties", properties);
    members.put("body", body);
    if (bodyFormat != null) {
      members.put("bodyFormat", bodyFormat);
    }
    members.putAll(handle);
    return members;
  }
}
