package io.longspan.client;

import java.time.Duration;
import java.util.Map;

/**
 * Headers and properties of a message to send (protocol section 3). Start with {@link #NONE}.
 *
 * @param properties strings, numbers and booleans by name
 * @param correlationId of a published message; a request has one of its own; or null
 * @param priority 0 to 9; -1: the entry's, or the broker's
 * @param type JMSType, or null
 * @param persistent whether the message survives a restart of the broker
 * @param timeToLive of a published message, or null
 * @param timeout how long a request waits for its answer, or for the next part; it is the message's
 *     {@code timeToLive} too; null: the client's
 */
public record SendOptions(
    Map<String, Object> properties,
    String correlationId,
    int priority,
    String type,
    boolean persistent,
    Duration timeToLive,
    Duration timeout) {

  /** No options. */
  public static final SendOptions NONE =
      new SendOptions(Map.of(), null, -1, null, false, null, null);

  public SendOptions {
    properties = Map.copyOf(properties);
    if (priority < -1 || priority > 9) {
      throw new IllegalArgumentException("priority: " + priority + "; allowed: 0 to 9");
    }
    requirePositive("timeToLive", timeToLive);
    requirePositive("timeout", timeout);
  }

  static void requirePositive(String name, Duration time) {
    if (time != null && (time.isNegative() || time.toMillis() < 1)) {
      throw new IllegalArgumentException(name + ": " + time + "; allowed: 1 ms or more");
    }
  }

  public SendOptions withProperties(Map<String, Object> all) {
    return new SendOptions(all, correlationId, priority, type, persistent, timeToLive, timeout);
  }

  public SendOptions withCorrelationId(String id) {
    return new SendOptions(properties, id, priority, type, persistent, timeToLive, timeout);
  }

  public SendOptions withPriority(int value) {
    return new SendOptions(properties, correlationId, value, type, persistent, timeToLive, timeout);
  }

  public SendOptions withType(String jmsType) {
    return new SendOptions(
        properties, correlationId, priority, jmsType, persistent, timeToLive, timeout);
  }

  public SendOptions withPersistent(boolean survives) {
    return new SendOptions(
        properties, correlationId, priority, type, survives, timeToLive, timeout);
  }

  public SendOptions withTimeToLive(Duration time) {
    return new SendOptions(properties, correlationId, priority, type, persistent, time, timeout);
  }

  public SendOptions withTimeout(Duration time) {
    return new SendOptions(properties, correlationId, priority, type, persistent, timeToLive, time);
  }
}
