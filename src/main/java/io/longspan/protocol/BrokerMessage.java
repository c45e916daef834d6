package io.longspan.protocol;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A message received from JMS, in the form in which a client will see it (protocol section 4).
 *
 * @param destination the JMS name of the destination that the message was sent to; empty if it
 *     cannot be read
 * @param properties the JMS properties, and the headers that clients may see, as JSON values
 * @param body a string, a map, a list, or null
 * @param bodyFormat {@code base64}, {@code map}, {@code stream} or {@code unsupported}; null for a
 *     text message and for a message without a body
 * @param replyTo the reply address that the sender set, if any
 * @param expiresAt when the message expires, in milliseconds of the bridge's ticker; {@link #NEVER}
 *     if it does not expire
 * @param tooLarge whether the message is larger than any client can take; its body was not read,
 *     and properties may be missing
 */
public record BrokerMessage(
    String destination,
    Map<String, Object> properties,
    Object body,
    String bodyFormat,
    Optional<ReplyAddress> replyTo,
    long expiresAt,
    boolean tooLarge) {
  /** The body format of a message whose body the bridge cannot read, or never passes on. */
  public static final String UNSUPPORTED = "unsupported";

  /** The {@code expiresAt} of a message that does not expire. */
  public static final long NEVER = Long.MAX_VALUE;

  /** Creates a message that does not expire and is not too large. */
  public BrokerMessage(
      String destination,
      Map<String, Object> properties,
      Object body,
      String bodyFormat,
      Optional<ReplyAddress> replyTo) {
    this(destination, properties, body, bodyFormat, replyTo, NEVER, false);
  }

  /**
   * A reply address of the JMS provider. The core passes it back to the broker and never inspects
   * it.
   */
  public interface ReplyAddress {}

  public Optional<String> correlationId() {
    return text("JMSCorrelationID");
  }

  /**
   * Returns whether the body is missing because the bridge cannot read it or never passes it on.
   */
  public boolean isUnsupported() {
    return UNSUPPORTED.equals(bodyFormat);
  }

  /** Returns the {@code JMSMessageID}, if there is one and it is not empty. */
  public Optional<String> messageId() {
    return text("JMSMessageID").filter(id -> !id.isEmpty());
  }

  /** Returns a copy with this {@code JMSMessageID}. */
  public BrokerMessage withMessageId(String id) {
    return with("JMSMessageID", id);
  }

  /** Returns a copy with this {@code JMSCorrelationID}. */
  public BrokerMessage withCorrelationId(String id) {
    return with("JMSCorrelationID", id);
  }

  /** Returns a copy that does not expire. */
  public BrokerMessage withoutExpiry() {
    return new BrokerMessage(destination, properties, body, bodyFormat, replyTo, NEVER, tooLarge);
  }

  private BrokerMessage with(String property, String value) {
    return withProperties(Map.of(property, value));
  }

  /** Returns a copy that has further properties; they replace those of the same names. */
  public BrokerMessage withProperties(Map<String, Object> more) {
    Map<String, Object> named = new LinkedHashMap<>(properties);
    named.putAll(more);
    return new BrokerMessage(destination, named, body, bodyFormat, replyTo, expiresAt, tooLarge);
  }

  /** Returns the value of a property; empty if it is missing or not a string. */
  public Optional<String> text(String property) {
    return properties.get(property) instanceof String text ? Optional.of(text) : Optional.empty();
  }

  /**
   * Returns whether this is a complete answer, or the last part of one: {@code done} is not {@code
   * "false"}.
   */
  public boolean endsAnswer() {
    return !"false".equals(String.valueOf(properties.get("done")));
  }
}
