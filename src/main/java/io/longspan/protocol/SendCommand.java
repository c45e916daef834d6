package io.longspan.protocol;

import java.util.Map;
import java.util.Optional;

/**
 * A message on the bridge channel, decoded, stripped and checked (protocol section 3).
 *
 * @param target where it goes
 * @param headers the JMS headers that a client may set
 * @param properties the JMS properties, each a string, a boolean or a number
 * @param body the body
 * @param stripped how many properties were removed because only the bridge may set them
 */
public record SendCommand(
    Target target,
    Headers headers,
    Map<String, Object> properties,
    MessageBody body,
    int stripped) {

  /** Where a message goes: to a destination of the catalogue, or back along a reply handle. */
  public sealed interface Target {}

  /** A logical name. */
  public record Destination(DestinationName name) implements Target {}

  /** The opaque single-use handle that came with an unsolicited message. */
  public record ReplyHandle(String handle) implements Target {}

  /**
   * The JMS headers that a client may set.
   *
   * @param correlationId {@code JMSCorrelationID}
   * @param type {@code JMSType}
   * @param priority 0 to 9
   * @param persistent whether the delivery mode is {@code PERSISTENT}
   * @param timeToLive milliseconds; 0 is without end
   */
  public record Headers(
      Optional<String> correlationId,
      Optional<String> type,
      int priority,
      boolean persistent,
      long timeToLive) {

    /** JMS's default priority. */
    public static final int DEFAULT_PRIORITY = 4;

    /** No correlation id, default priority, non-persistent, without end. */
    public static final Headers DEFAULT =
        new Headers(Optional.empty(), Optional.empty(), DEFAULT_PRIORITY, false, 0);
  }

  /** Returns whether this message takes an earlier request back. */
  public boolean isCancel() {
    return Boolean.TRUE.equals(properties.get("cancel"));
  }
}
