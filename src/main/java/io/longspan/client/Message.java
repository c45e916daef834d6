package io.longspan.client;

import java.io.IOException;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A JMS message as the bridge delivered it (protocol section 4).
 *
 * @param body a text, base64 text, or a map or list; null without a body
 * @param bodyFormat {@code text}, {@code json}, {@code base64}, {@code map}, {@code stream}, {@code
 *     none} or {@code unsupported}
 * @param properties strings, numbers and booleans
 */
public record Message(
    Object body,
    String bodyFormat,
    Map<String, Object> properties,
    Optional<String> replyTo,
    Optional<String> delivery) {

  /** Returns the header {@code JMSCorrelationID}. */
  public Optional<String> correlationId() {
    return property("JMSCorrelationID");
  }

  /** Returns the header {@code JMSMessageID}. */
  public Optional<String> messageId() {
    return property("JMSMessageID");
  }

  /** Returns the topic of the message; empty if it was sent to this client alone. */
  public Optional<String> topic() {
    boolean fromTopic = isSnapshot() || "topicMessage".equals(properties.get("type"));
    return fromTopic ? property("topic") : Optional.empty();
  }

  /** Whether this is a part of the state of a topic, from before its messages (section 17). */
  public boolean isSnapshot() {
    return "snapshot".equals(properties.get("type"));
  }

  /** Returns the queue of the message, if this client consumes it. */
  public Optional<String> queue() {
    return "queueMessage".equals(properties.get("type")) ? property("queue") : Optional.empty();
  }

  /** Returns the topic or wildcard pattern that this client has subscribed to. */
  public Optional<String> subscription() {
    return topic().isEmpty() ? Optional.empty() : property("subscription").or(this::topic);
  }

  /** Returns the number of this part (1, 2, …) if the answer has several. */
  public OptionalInt sequence() {
    try {
      double number = Double.parseDouble(property("sequence").orElse(""));
      return number == Math.rint(number) ? OptionalInt.of((int) number) : OptionalInt.empty();
    } catch (NumberFormatException notANumber) {
      return OptionalInt.empty();
    }
  }

  /** Whether this is the last part. An answer without {@code sequence} is complete. */
  public boolean isLast() {
    Object done = properties.get("done");
    return done == null ? sequence().isEmpty() : "true".equals(done.toString());
  }

  /**
   * Returns the body of a text message.
   *
   * @throws IllegalStateException for other kinds of messages
   */
  public String text() {
    if (body instanceof String text && !bodyFormat.equals("base64")) {
      return text;
    }
    throw new IllegalStateException("The body is " + bodyFormat + ", not text");
  }

  /**
   * Returns the body as data: a text is parsed; a map or stream is returned as it is.
   *
   * @return maps, lists, strings, numbers, booleans or null
   * @throws IllegalStateException if the text is not JSON
   */
  public Object json() {
    if (!bodyFormat.equals("text") && !bodyFormat.equals("json")) {
      return body;
    }
    try {
      return Json.parse(text());
    } catch (IOException x) {
      throw new IllegalStateException("The body is not JSON", x);
    }
  }

  /**
   * Returns the body of a bytes message.
   *
   * @throws IllegalStateException for other kinds of messages
   */
  public byte[] bytes() {
    if (body instanceof String text && bodyFormat.equals("base64")) {
      return Base64.getDecoder().decode(text);
    }
    throw new IllegalStateException("The body is " + bodyFormat + ", not bytes");
  }

  private Optional<String> property(String name) {
    return Optional.ofNullable(properties.get(name)).map(Objects::toString);
  }
}
