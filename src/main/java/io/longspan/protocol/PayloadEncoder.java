package io.longspan.protocol;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Encodes what goes out on user channels, once per message. Safe for use by many threads. */
public final class PayloadEncoder {
  private final ObjectMapper json = new ObjectMapper();

  /** Encodes what the bridge itself says. */
  public Payload encode(Answer answer) {
    return encode(answer.toMembers());
  }

  /**
   * Encodes a message that came to a client's temporary topic or was pushed to it.
   *
   * @param replyHandle the handle by which the client can answer, if it can
   */
  public Payload encode(BrokerMessage message, Optional<String> replyHandle) {
    Map<String, Object> members = members(message, message.properties());
    replyHandle.ifPresent(handle -> members.put("replyTo", handle));
    return encode(members);
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
    return encode(members(message, properties));
  }

  private static Map<String, Object> members(
      BrokerMessage message, Map<String, Object> properties) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("properties", properties);
    members.put("body", message.body());
    if (message.bodyFormat() != null) {
      members.put("bodyFormat", message.bodyFormat());
    }
    return members;
  }

  private Payload encode(Map<String, Object> members) {
    try {
      return Payload.ofObject(json.writeValueAsString(members));
    } catch (JsonProcessingException x) {
      throw new IllegalStateException("a payload holds only JSON values", x);
    }
  }
}
