package io.longspan.protocol;

import java.util.Map;
import java.util.Optional;

/**
 * A message on the bridge channel, decoded and validated, without reserved properties (protocol
 * section 3).
 *
 * @param target the destination, or the reply handle
 * @param headers the JMS headers that a client may set
 * @param properties the JMS properties, each a string, a boolean or a number
 * @param body the body
 * @param stripped how many properties were removed: only the bridge may set them, or they are an
 *     invalid trace context
 */
public record SendCommand(
    Target target,
    Headers headers,
    Map<String, Object> properties,
    MessageBody body,
    int stripped) {

  /** The target of a message: a catalogue destination or a reply handle. */
  public sealed interface Target {}

  /** A logical name. */
  public record Destination(DestinationName name) implements Target {}

  /** The opaque single-use handle of an unsolicited message. */
  public record ReplyHandle(String handle) implements Target {}

  /**
   * The JMS headers that a client may set.
   *
   * @param correlationId {@code JMSCorrelationID}
   * @param type {@code JMSType}
   * @param priority 0 to 9
   * @param persistent whether the delivery mode is {@code PERSISTENT}
   * @param timeToLive in milliseconds, 0 to 2^53; 0 if the message never expires
   */
  public record Headers(
      Optional<String> correlationId,
      Optional<String> type,
      int priority,
      boolean persistent,
      long timeToLive) {

    /** The default priority of JMS. */
    public static final int DEFAULT_PRIORITY = 4;

    /** No correlation id, no type, default priority, non-persistent, no expiry. */
    public static final Headers DEFAULT =
        new Headers(Optional.empty(), Optional.empty(), DEFAULT_PRIORITY, false, 0);
  }

  /** Returns whether this message cancels an earlier request: {@code cancel} is {@code true}. */
  public boolean isCancel() {
    return Boolean.TRUE.equals(properties.get("cancel"));
  }
}
