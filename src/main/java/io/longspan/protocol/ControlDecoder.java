package io.longspan.protocol;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Decodes and validates what a client publishes on the control channel (protocol section 2). Called
 * on any thread; never blocks.
 */
public final class ControlDecoder {
  /** The protocol versions that this bridge announces, and accepts in {@code connect}. */
  public static final List<String> VERSIONS = List.of("1.1", "1.2");

  private static final Pattern DURABLE = Pattern.compile("[A-Za-z0-9._-]{1,64}");

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
    String correlationId = requireCorrelationId(data);
    String type = JsonFields.string(fields, "type");
    return switch (type) {
      case "connect" -> connect(correlationId, fields);
      case "disconnect" -> new ControlCommand.Disconnect(correlationId);
      case "topicSubscribe" -> topicSubscribe(correlationId, fields, false);
      case "topicUnsubscribe" -> topicUnsubscribe(correlationId, fields);
      case "history" -> history(correlationId, fields);
      case "presence" -> new ControlCommand.Presence(correlationId, topics(fields));
      case "describe" -> new ControlCommand.Describe(correlationId);
      case "queueSubscribe" -> DeliveryDecoder.queueSubscribe(correlationId, fields);
      case "queueUnsubscribe" ->
          new ControlCommand.QueueUnsubscribe(correlationId, JsonFields.string(fields, "queue"));
      case "ack" -> new ControlCommand.Ack(correlationId, DeliveryDecoder.deliveries(fields));
      case "release" -> DeliveryDecoder.release(correlationId, fields);
      case "reject" -> DeliveryDecoder.reject(correlationId, fields);
      default ->
          throw BridgeException.badRequest(
              "type must be connect, disconnect, topicSubscribe, topicUnsubscribe, queueSubscribe,"
                  + " queueUnsubscribe, ack, release, reject, history, presence or describe");
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

  /**
   * Decodes what a handshake asks for.
   *
   * @param data {@code ext.bridge.connect} of the handshake: the fields of {@code connect} and, if
   *     it has {@code topics}, those of {@code topicSubscribe}
   * @throws BridgeException {@code badRequest} or {@code unsupportedVersion}
   */
  public ControlCommand.WithHandshake decodeWithHandshake(Object data) {
    Map<?, ?> fields = JsonFields.object(data, "ext.bridge.connect");
    String correlationId = requireCorrelationId(data);
    return new ControlCommand.WithHandshake(
        connect(correlationId, fields),
        fields.containsKey("topics")
            ? Optional.of(topicSubscribe(correlationId, fields, true))
            : Optional.empty());
  }

  private String requireCorrelationId(Object data) {
    return correlationIdOf(data)
        .orElseThrow(
            () ->
                BridgeException.badRequest(
                    "correlationId must be a string of 1 to %d characters"
                        .formatted(MAX_CORRELATION_ID)));
  }

  private static ControlCommand.Connect connect(String correlationId, Map<?, ?> fields) {
    if (!(fields.get("protocolVersion") instanceof String version && VERSIONS.contains(version))) {
      throw new BridgeException(
          ErrorCode.UNSUPPORTED_VERSION,
          "this bridge supports protocolVersion " + String.join(" and ", VERSIONS));
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

  private static ControlCommand.TopicSubscribe topicSubscribe(
      String correlationId, Map<?, ?> fields, boolean withConnect) {
    Optional<String> durable = durable(fields);
    int last = fields.get("last") == null ? 0 : number(fields, "last", 0);
    boolean presence = flag(fields, "presence");
    if (durable.isPresent() && (last > 0 || presence)) {
      throw BridgeException.badRequest("durable excludes last and presence");
    }
    return new ControlCommand.TopicSubscribe(
        correlationId,
        topics(fields),
        selector(fields),
        resumeFrom(fields.get("resumeFrom")),
        last,
        presence,
        durable,
        withConnect);
  }

  private static ControlCommand.TopicUnsubscribe topicUnsubscribe(
      String correlationId, Map<?, ?> fields) {
    Optional<String> durable = durable(fields);
    boolean forget = flag(fields, "forget");
    if (forget && durable.isEmpty()) {
      throw BridgeException.badRequest("forget requires durable, the name of the subscription");
    }
    return new ControlCommand.TopicUnsubscribe(
        correlationId, topics(fields), forget ? durable : Optional.empty());
  }

  /** Returns the name of a durable subscription, if one is given. */
  private static Optional<String> durable(Map<?, ?> fields) {
    Object given = fields.get("durable");
    if (given == null) {
      return Optional.empty();
    }
    if (!(given instanceof String name && DURABLE.matcher(name).matches())) {
      throw BridgeException.badRequest("durable must be 1 to 64 of A-Z a-z 0-9 - _ .");
    }
    return Optional.of(name);
  }

  static Optional<String> selector(Map<?, ?> fields) {
    Object selector = fields.get("selector");
    if (selector != null && !(selector instanceof String)) {
      throw BridgeException.badRequest("selector must be a string");
    }
    return Optional.ofNullable((String) selector).filter(text -> !text.isBlank());
  }

  private static ControlCommand.History history(String correlationId, Map<?, ?> fields) {
    Optional<String> before = messageId(fields, "before");
    Optional<String> after = messageId(fields, "after");
    if (before.isPresent() && after.isPresent()) {
      throw BridgeException.badRequest("before and after exclude each other");
    }
    return new ControlCommand.History(
        correlationId,
        JsonFields.string(fields, "topic"),
        number(fields, "limit", 1),
        before,
        after);
  }

  private static Optional<String> messageId(Map<?, ?> fields, String name) {
    return fields.get(name) == null
        ? Optional.empty()
        : Optional.of(JsonFields.string(fields, name));
  }

  /** Returns a whole number; a number that is too large for an {@code int} is the largest one. */
  private static int number(Map<?, ?> fields, String name, int min) {
    Object given = fields.get(name);
    if (!(given instanceof Integer || given instanceof Long)
        || ((Number) given).longValue() < min) {
      throw BridgeException.badRequest(
          "%s must be a whole number, %d or greater".formatted(name, min));
    }
    return (int) Math.min(Integer.MAX_VALUE, ((Number) given).longValue());
  }

  private static boolean flag(Map<?, ?> fields, String name) {
    Object given = fields.get(name);
    if (given != null && !(given instanceof Boolean)) {
      throw BridgeException.badRequest(name + " must be true or false");
    }
    return Boolean.TRUE.equals(given);
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
