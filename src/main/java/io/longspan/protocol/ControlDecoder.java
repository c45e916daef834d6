package io.longspan.protocol;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Decodes and validates what a client publishes on the control channel (protocol section 2). Called
 * on any thread; never blocks.
 */
public final class ControlDecoder {
  /** The protocol version that this bridge accepts in {@code connect}. */
  public static final String VERSION = "1.1";

  /** The maximum length of a correlation id, in characters. */
  public static final int MAX_CORRELATION_ID = 512;

  /**
   * Decodes a control message.
   *
   * @param data the {@code data} of the Bayeux message
   * @throws BridgeException {@code badRequest} or {@code unsupportedVersion}
   */
  public ControlCommand decode(Object data) {
    Map<?, ?> fields = JsonFields.object(data, "data");
    String correlationId =
        correlationIdOf(data)
            .orElseThrow(
                () ->
                    BridgeException.badRequest(
                        "correlationId must be a string of 1 to %d characters"
                            .formatted(MAX_CORRELATION_ID)));
    String type = JsonFields.string(fields, "type");
    return switch (type) {
      case "connect" -> connect(correlationId, fields);
      case "disconnect" -> new ControlCommand.Disconnect(correlationId);
      case "topicSubscribe" -> topicSubscribe(correlationId, fields);
      case "topicUnsubscribe" -> new ControlCommand.TopicUnsubscribe(correlationId, topics(fields));
      default ->
          throw BridgeException.badRequest(
              "type must be connect, disconnect, topicSubscribe or topicUnsubscribe");
    };
  }

  /**
   * Returns the correlation id of a control message, if it has a valid one.
   *
   * @param data the {@code data} of the Bayeux message, valid or not
   */
  public Optional<String> correlationIdOf(Object data) {
    return data instanceof Map<?, ?> fields
            && fields.get("correlationId") instanceof String id
            && !id.isEmpty()
            && id.length() <= MAX_CORRELATION_ID
        ? Optional.of(id)
        : Optional.empty();
  }

  private static ControlCommand connect(String correlationId, Map<?, ?> fields) {
    if (!VERSION.equals(fields.get("protocolVersion"))) {
      throw new BridgeException(
          ErrorCode.UNSUPPORTED_VERSION, "this bridge supports protocolVersion " + VERSION);
    }
    return new ControlCommand.Connect(
        correlationId, Optional.ofNullable(fields.get("resume")).map(ControlDecoder::resume));
  }

  private static ControlCommand.Resume resume(Object given) {
    Map<?, ?> fields = JsonFields.object(given, "resume");
    Object seq = fields.get("seq");
    if (!(seq instanceof Integer || seq instanceof Long) || ((Number) seq).longValue() < 0) {
      throw BridgeException.badRequest("resume.seq must be a whole number, 0 or greater");
    }
    return new ControlCommand.Resume(
        JsonFields.string(fields, "token"), ((Number) seq).longValue());
  }

  private static ControlCommand topicSubscribe(String correlationId, Map<?, ?> fields) {
    Object selector = fields.get("selector");
    if (selector != null && !(selector instanceof String)) {
      throw BridgeException.badRequest("selector must be a string");
    }
    Optional<String> given = Optional.ofNullable((String) selector).filter(text -> !text.isBlank());
    return new ControlCommand.TopicSubscribe(
        correlationId, topics(fields), given, resumeFrom(fields.get("resumeFrom")));
  }

  private static Map<String, String> resumeFrom(Object given) {
    if (given == null) {
      return Map.of();
    }
    Map<String, String> messageIds = new HashMap<>();
    JsonFields.object(given, "resumeFrom")
        .forEach(
            (topic, messageId) -> {
              if (!(messageId instanceof String id)) {
                throw BridgeException.badRequest("resumeFrom must map topics to message ids");
              }
              messageIds.put((String) topic, id);
            });
    return messageIds;
  }

  private static List<String> topics(Map<?, ?> fields) {
    if (!(fields.get("topics") instanceof Iterable<?> list)) {
      throw BridgeException.badRequest("topics must be an array of strings");
    }
    List<String> topics = new ArrayList<>();
    for (Object topic : list) {
      if (!(topic instanceof String name)) {
        throw BridgeException.badRequest("topics must be an array of strings");
      }
      topics.add(name);
    }
    return List.copyOf(topics);
  }
}
