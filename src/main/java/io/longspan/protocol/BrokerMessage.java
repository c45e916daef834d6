package io.longspan.protocol;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A message that came from JMS, as the client will see it (protocol section 4).
 *
 * @param destination the JMS name of the destination that it was sent to
 * @param properties its JMS properties and the headers that are passed on, as JSON values
 * @param body a string, a map, a list, or null
 * @param bodyFormat {@code text}, {@code base64}, {@code map}, {@code stream} or {@code
 *     unsupported}; null for a message without body
 * @param replyTo where its sender wants an answer
 * @param expiresAt when it is no longer of use, in milliseconds of the bridge's ticker; {@link
 *     #NEVER} where it does not expire
 * @param tooLarge whether its body was left unread, because no client could take it
 */
public record BrokerMessage(
    String destination,
    Map<String, Object> properties,
    Object body,
    String bodyFormat,
    Optional<ReplyAddress> replyTo,
    long expiresAt,
    boolean tooLarge) {
  /** The body format of a message whose content the bridge does not pass on or cannot read. */
  public static final String UNSUPPORTED = "unsupported";

  /** The end of a message that does not expire. */
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

  /** A reply address of the provider; the bridge passes it back and never looks inside. */
  public interface ReplyAddress {}

  /** Returns the {@code JMSCorrelationID}, if there is one. */
  public Optional<String> correlationId() {
    return text("JMSCorrelationID");
  }

  /** Returns whether its body is not passed on, or could not be read. */
  public boolean isUnsupported() {
    return UNSUPPORTED.equals(bodyFormat);
  }

  /** Returns the {@code JMSMessageID}, if there is one. */
  public Optional<String> messageId() {
    return text("JMSMessageID").filter(id -> !id.isEmpty());
  }

  /** Returns the same message with another {@code JMSMessageID}. */
  public BrokerMessage withMessageId(String id) {
    Map<String, Object> named = new LinkedHashMap<>(properties);
    named.put("JMSMessageID", id);
    return new BrokerMessage(destination, named, body, bodyFormat, replyTo, expiresAt, tooLarge);
  }

  /** Returns a property where it is a string. */
  public Optional<String> text(String property) {
    return properties.get(property) instanceof String text ? Optional.of(text) : Optional.empty();
  }

  /** Returns whether this is the whole answer or its last part. */
  public boolean endsAnswer() {
    return !"false".equals(String.valueOf(properties.get("done")));
  }
}
