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
 * Encodes what goes out on user channels, once per message. Every message of the broker has a
 * payload: one that cannot be encoded becomes {@code unsupported}, one that is larger than the
 * limit becomes a payload that {@linkplain Payload#isTooLarge stands for it}. Both are logged.
 *
 * <p>Safe for use by many threads.
 */
public final class PayloadEncoder {
  private static final Logger LOG = LoggerFactory.getLogger(PayloadEncoder.class);

  /** What remains of a message that cannot be encoded. */
  private static final Set<String> IDENTIFYING =
      Set.of(
          "JMSCorrelationID", "JMSMessageID", "type", "topic", "subscription", "sequence", "done");

  private final ObjectMapper json = new ObjectMapper();
  private final long maxBytes;

  /** Creates an encoder without a limit. */
  public PayloadEncoder() {
    this(Long.MAX_VALUE);
  }

  /**
   * Creates an encoder.
   *
   * @param maxBytes the largest payload of a message of the broker, in bytes of UTF-8
   */
  public PayloadEncoder(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** Encodes what the bridge itself says. */
  public Payload encode(Answer answer) {
    try {
      return Payload.ofObject(json.writeValueAsString(answer.toMembers()));
    } catch (JsonProcessingException x) {
      throw new IllegalStateException("an answer holds only JSON values", x);
    }
  }

  /**
   * Encodes a message that came to a client's temporary topic or was pushed to it.
   *
   * @param replyHandle the handle by which the client can answer, if it can
   */
  public Payload encode(BrokerMessage message, Optional<String> replyHandle) {
    return encode(message, message.properties(), replyHandle);
  }

  /**
   * Encodes a message of a topic.
   *
   * @param topic the logical name of the topic that the message was sent to
   * @param subscription the pattern that the client subscribed to, if it was one
   */
  public Payload encodeTopicMessage(
      BrokerMessage message, String topic, Optional<String> subscription) {
    Map<String, Object> properties = new LinkedHashMap<>(message.properties());
    properties.put("type", "topicMessage");
    properties.put("topic", topic);
    subscription.ifPresent(pattern -> properties.put("subscription", pattern));
    return encode(message, properties, Optional.empty());
  }

  private Payload encode(
      BrokerMessage message, Map<String, Object> properties, Optional<String> replyHandle) {
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
      BrokerMessage message, Map<String, Object> properties, Optional<String> replyHandle) {
    try {
      String text =
          json.writeValueAsString(
              members(properties, message.body(), message.bodyFormat(), replyHandle));
      return Payload.ofMessage(text, message.isUnsupported(), message.expiresAt());
    } catch (JsonProcessingException | RuntimeException x) {
      LOG.error(
          "message cannot be encoded destination={} id={}",
          message.destination(),
          message.messageId().orElse("none"),
          x);
      String text = unsupported(properties, replyHandle);
      return Payload.ofMessage(text, true, message.expiresAt());
    }
  }

  private String unsupported(Map<String, Object> properties, Optional<String> replyHandle) {
    Map<String, Object> kept = new LinkedHashMap<>();
    properties.forEach(
        (name, value) -> {
          if (IDENTIFYING.contains(name)
              && (value instanceof String || value instanceof Integer || value instanceof Long)) {
            kept.put(name, value);
          }
        });
    try {
      return json.writeValueAsString(members(kept, null, BrokerMessage.UNSUPPORTED, replyHandle));
    } catch (JsonProcessingException x) {
      throw new IllegalStateException("strings are JSON values", x);
    }
  }

  private static Map<String, Object> members(
      Map<String, Object> properties,
      Object body,
      String bodyFormat,
      Optional<String> replyHandle) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("properties", properties);
    members.put("body", body);
    if (bodyFormat != null) {
      members.put("bodyFormat", bodyFormat);
    }
    replyHandle.ifPresent(handle -> members.put("replyTo", handle));
    return members;
  }
}
