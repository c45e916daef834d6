package io.longspan.client;

import io.longspan.client.ClientListener.MissedTopic;
import io.longspan.client.Incoming.Answer;
import io.longspan.client.Incoming.BridgeStatus;
import io.longspan.client.Incoming.Delivered;
import io.longspan.client.Incoming.Gap;
import io.longspan.client.Incoming.Outcome;
import io.longspan.client.Incoming.QueuesRevoked;
import io.longspan.client.Incoming.Refusal;
import io.longspan.client.Incoming.TopicsRevoked;
import io.longspan.client.Incoming.Unknown;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** Decodes what the bridge sends on the user channel, and encodes what it receives. */
final class Codec {
  private static final Set<String> DELIVERED_FORMATS =
      Set.of("base64", "map", "stream", "unsupported");
  private static final Set<String> BRIDGE_STATUS = Set.of("suspended", "resumed", "draining");
  private static final Set<String> HEADERS =
      Set.of("JMSCorrelationID", "JMSType", "JMSPriority", "JMSDeliveryMode", "timeToLive");

  private Codec() {}

  /** Decodes the {@code data} of a message on the user channel. Never throws. */
  static Incoming decode(Object raw) {
    if (!(raw instanceof Map<?, ?>)) {
      return new Unknown(raw);
    }
    @SuppressWarnings("unchecked")
    Map<String, Object> data = (Map<String, Object>) raw;
    if (Json.text(data, "type") != null) {
      return notice(data);
    }
    if (Json.text(data, "status") != null) {
      String correlationId = Json.text(data, "correlationId");
      if (correlationId != null) {
        return answer(correlationId, data);
      }
      if (!data.containsKey("body")) {
        String id = Json.text(Json.object(data, "properties"), "JMSCorrelationID");
        return new Outcome(id, "success".equals(data.get("status")), refusal(data));
      }
    }
    return data.get("properties") instanceof Map<?, ?>
        ? new Delivered(message(data, Json.object(data, "properties")))
        : new Unknown(raw);
  }

  private static Incoming notice(Map<String, Object> data) {
    String reason = textOr(data, "reason");
    return switch (Json.text(data, "type")) {
      case "topicUnsubscribed" -> new TopicsRevoked(Json.texts(data, "topics"), reason);
      case "queueUnsubscribed" -> new QueuesRevoked(Json.texts(data, "queues"), reason);
      case "gap" -> new Gap(missedTopics(data), reason);
      case "bridgeStatus" ->
          BRIDGE_STATUS.contains(textOr(data, "status"))
              ? new BridgeStatus(
                  textOr(data, "status"), Optional.ofNullable(Json.text(data, "broker")))
              : new Unknown(data);
      default -> new Unknown(data);
    };
  }

  private static List<MissedTopic> missedTopics(Map<String, Object> data) {
    List<MissedTopic> topics = new ArrayList<>();
    for (Object each : Json.list(data, "topics")) {
      if (each instanceof Map<?, ?> topic) {
        OptionalLong lost =
            topic.get("lost") instanceof Number number
                ? OptionalLong.of(number.longValue())
                : OptionalLong.empty();
        topics.add(new MissedTopic(String.valueOf(topic.get("topic")), lost));
      }
    }
    return topics;
  }

  private static Answer answer(String correlationId, Map<String, Object> data) {
    // Without errorCode, what is named has failed, and the rest has succeeded: not an error.
    boolean named =
        data.get("failedTopics") instanceof List<?>
            || data.get("failedDeliveries") instanceof List<?>;
    boolean failed =
        "failed".equals(data.get("status")) && (!textOr(data, "errorCode").isEmpty() || !named);
    return new Answer(
        correlationId,
        !failed,
        failed ? refusal(data) : Refusal.NONE,
        Json.texts(data, "failedTopics"),
        Json.texts(data, "topicErrors"),
        Json.list(data, "topicTemporary"),
        Json.texts(data, "failedDeliveries"),
        info(data),
        data.get("resumed") instanceof Boolean resumed ? Optional.of(resumed) : Optional.empty(),
        data);
  }

  private static ConnectInfo info(Map<String, Object> data) {
    Map<String, Number> limits = new LinkedHashMap<>();
    Json.object(data, "limits")
        .forEach(
            (name, value) -> {
              if (value instanceof Number number) {
                limits.put(name, number);
              }
            });
    return new ConnectInfo(
        textOr(data, "userRoles").lines().filter(role -> !role.isEmpty()).toList(),
        Boolean.TRUE.equals(data.get("isSysadmin")),
        Optional.ofNullable(Json.text(data, "userUri")),
        Optional.ofNullable(Json.text(data, "bridgeId")),
        Map.copyOf(limits),
        Optional.ofNullable(Json.text(data, "resumeToken")),
        Boolean.TRUE.equals(data.get("resumed")));
  }

  private static Refusal refusal(Map<String, Object> data) {
    return new Refusal(
        textOr(data, "errorCode"),
        textOr(data, "errorMessage"),
        Boolean.TRUE.equals(data.get("temporary")));
  }

  /** Decodes a message; {@code raw} are its properties. */
  static Message message(Map<String, Object> data, Map<String, Object> raw) {
    Map<String, Object> properties = new LinkedHashMap<>();
    raw.forEach(
        (name, value) -> {
          if (value instanceof String || value instanceof Number || value instanceof Boolean) {
            properties.put(name, value);
          }
        });
    Object body = data.get("body");
    String format = textOr(data, "bodyFormat");
    if (!DELIVERED_FORMATS.contains(format)) {
      boolean json = "json".equals(properties.get("bodyFormat"));
      format = body == null ? "none" : json ? "json" : "text";
    }
    return new Message(
        body,
        format,
        java.util.Collections.unmodifiableMap(properties),
        Optional.ofNullable(Json.text(data, "replyTo")),
        Optional.ofNullable(Json.text(data, "delivery")));
  }

  private static String textOr(Map<String, Object> data, String name) {
    String text = Json.text(data, name);
    return text == null ? "" : text;
  }

  /** The code and the text of the {@code error} of a Bayeux reply. */
  record BayeuxError(String code, String text) {
    /** Splits {@code <code>:text} or {@code <number>:args:text}. */
    static BayeuxError of(Object error) {
      String all = error instanceof String text ? text : "";
      int colon = all.indexOf(':');
      String code = colon < 0 ? "" : all.substring(0, colon);
      String text = colon < 0 ? "" : all.substring(colon + 1).replaceFirst("^:", "");
      String shown = text.isEmpty() ? code : text;
      return new BayeuxError(code, shown.isEmpty() ? "no reason given" : shown);
    }
  }

  /**
   * Returns the {@code data} of a message to {@code /anzo/bridge}.
   *
   * @param target {@code destination} or {@code replyTo}, with its value
   * @param body bytes, or what {@link Json} can write
   */
  static Map<String, Object> encodeSend(
      Map.Entry<String, String> target, Object body, SendOptions options) {
    Map<String, Object> properties = new LinkedHashMap<>(options.properties());
    putIfSet(properties, "JMSCorrelationID", options.correlationId());
    putIfSet(properties, "JMSPriority", options.priority() < 0 ? null : options.priority());
    putIfSet(properties, "JMSType", options.type());
    putIfSet(properties, "JMSDeliveryMode", options.persistent() ? "PERSISTENT" : null);
    putIfSet(
        properties,
        "timeToLive",
        options.timeToLive() == null ? null : options.timeToLive().toMillis());
    Map<String, Object> data = new LinkedHashMap<>();
    data.put(target.getKey(), target.getValue());
    data.put("properties", properties);
    if (body instanceof byte[] bytes) {
      data.put("body", Base64.getEncoder().encodeToString(bytes));
      data.put("bodyFormat", "base64");
    } else {
      data.put("body", body);
    }
    return data;
  }

  private static void putIfSet(Map<String, Object> properties, String name, Object value) {
    if (value != null) {
      properties.put(name, value);
    }
  }

  /**
   * Rejects messages that are too large, because the bridge would close the whole WebSocket.
   *
   * @throws LongspanException.Refused if it is too large
   * @throws IllegalArgumentException if it has no form in JSON
   */
  static void checkSize(Map<String, Object> data, Map<String, Number> limits) {
    long whole = length(Json.write(data));
    Number limit = limits.get("messageBytes");
    if (limit == null) {
      return;
    }
    // In transit, as JSON and base64, a message may be twice as large.
    long size = Math.max(size(data), whole - limit.longValue());
    if (size > limit.longValue()) {
      throw new LongspanException.Refused(
          "limitExceeded", "The message has " + size + " bytes, the bridge takes " + limit, false);
    }
  }

  /** Returns the size as the bridge counts it: the body in its JMS form, and the properties. */
  private static long size(Map<String, Object> data) {
    String text = data.get("body") instanceof String body ? body : Json.write(data.get("body"));
    long bytes =
        data.containsKey("bodyFormat") ? Base64.getDecoder().decode(text).length : length(text);
    for (Map.Entry<String, Object> property : Json.object(data, "properties").entrySet()) {
      if (!HEADERS.contains(property.getKey())) {
        bytes += property.getKey().length() + property.getValue().toString().length();
      }
    }
    return bytes;
  }

  private static long length(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
