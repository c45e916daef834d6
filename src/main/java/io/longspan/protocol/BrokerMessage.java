package io.longspan.protocol;

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
 */
public record BrokerMessage(
    String destination,
    Map<String, Object> properties,
    Object body,
    String bodyFormat,
    Optional<ReplyAddress> replyTo) {

  /** A reply address of the provider; the bridge passes it back and never looks inside. */
  public interface ReplyAddress {}

  /** Returns the {@code JMSCorrelationID}, if there is one. */
  public Optional<String> correlationId() {
    return text("JMSCorrelationID");
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
