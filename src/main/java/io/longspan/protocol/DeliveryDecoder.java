package io.longspan.protocol;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Decodes the control messages of a consumer of queues (protocol section 15). Called on any thread;
 * never blocks.
 */
final class DeliveryDecoder {
  /** The maximum number of handles in one message. */
  static final int MAX_DELIVERIES = 1000;

  /** The maximum length of a handle, in characters; longer than any handle of a bridge. */
  private static final int MAX_HANDLE = 128;

  private static final int MAX_PREFETCH = 100;

  /** The maximum delay of a release, in milliseconds: a day. */
  private static final long MAX_DELAY = 86_400_000;

  /** The maximum length of a reason, in characters. */
  private static final int MAX_REASON = 1000;

  private DeliveryDecoder() {}

  static ControlCommand.QueueSubscribe queueSubscribe(String correlationId, Map<?, ?> fields) {
    return new ControlCommand.QueueSubscribe(
        correlationId,
        JsonFields.string(fields, "queue"),
        (int) number(fields, "prefetch", 1, 1, MAX_PREFETCH),
        ControlDecoder.selector(fields));
  }

  static ControlCommand.Release release(String correlationId, Map<?, ?> fields) {
    return new ControlCommand.Release(
        correlationId, deliveries(fields), number(fields, "delay", 0, 0, MAX_DELAY));
  }

  static ControlCommand.Reject reject(String correlationId, Map<?, ?> fields) {
    Object reason = fields.get("reason");
    if (reason != null && !(reason instanceof String text && text.length() <= MAX_REASON)) {
      throw BridgeException.badRequest(
          "reason must be a string of at most %d characters".formatted(MAX_REASON));
    }
    return new ControlCommand.Reject(
        correlationId, deliveries(fields), Optional.ofNullable((String) reason));
  }

  static List<String> deliveries(Map<?, ?> fields) {
    if (!(fields.get("deliveries") instanceof Iterable<?> list)) {
      throw malformed();
    }
    List<String> deliveries = new ArrayList<>();
    for (Object each : list) {
      if (!(each instanceof String handle
          && handle.length() <= MAX_HANDLE
          && deliveries.size() < MAX_DELIVERIES)) {
        throw malformed();
      }
      deliveries.add(handle);
    }
    if (deliveries.isEmpty()) {
      throw malformed();
    }
    return List.copyOf(deliveries);
  }

  private static BridgeException malformed() {
    return BridgeException.badRequest(
        "deliveries must be an array of 1 to %d strings of at most %d characters"
            .formatted(MAX_DELIVERIES, MAX_HANDLE));
  }

  private static long number(Map<?, ?> fields, String name, long ifAbsent, long min, long max) {
    Object given = fields.get(name);
    if (given == null) {
      return ifAbsent;
    }
    if (!(given instanceof Integer || given instanceof Long)
        || ((Number) given).longValue() < min
        || ((Number) given).longValue() > max) {
      throw BridgeException.badRequest(
          "%s must be a whole number from %d to %d".formatted(name, min, max));
    }
    return ((Number) given).longValue();
  }
}
