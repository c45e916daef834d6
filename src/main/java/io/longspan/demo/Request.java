package io.longspan.demo;

import jakarta.jms.BytesMessage;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.TextMessage;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A received message. It is read once on the receiving thread; then it is immutable and safe for
 * use by any thread.
 *
 * @param correlationId {@code JMSCorrelationID}, or null
 * @param replyTo {@code JMSReplyTo}, or null
 * @param expiration {@code JMSExpiration} in milliseconds since 1970; 0: never
 * @param properties application properties with their types
 * @param body a String, a byte[], or null for other kinds of messages
 */
record Request(
    String correlationId,
    Destination replyTo,
    long expiration,
    Map<String, Object> properties,
    Object body) {

  /**
   * Reads a message.
   *
   * @throws JMSException if the provider throws it
   */
  static Request of(Message message) throws JMSException {
    Map<String, Object> properties = new LinkedHashMap<>();
    Enumeration<?> names = message.getPropertyNames();
    while (names.hasMoreElements()) {
      String name = (String) names.nextElement();
      properties.put(name, message.getObjectProperty(name));
    }
    Object body = null;
    if (message instanceof TextMessage text) {
      body = text.getText() == null ? "" : text.getText();
    } else if (message instanceof BytesMessage bytes) {
      byte[] content = new byte[Math.toIntExact(bytes.getBodyLength())];
      bytes.readBytes(content);
      body = content;
    }
    return new Request(
        message.getJMSCorrelationID(),
        message.getJMSReplyTo(),
        message.getJMSExpiration(),
        Collections.unmodifiableMap(properties),
        body);
  }

  /** Returns whether the request has expired at {@code now}, in milliseconds since 1970. */
  boolean isExpired(long now) {
    return expiration > 0 && expiration < now;
  }

  /**
   * Returns the user for whom the service acts.
   *
   * @throws ServiceException {@code forbidden} if the message names no user
   */
  String user() {
    return string("runAsUser")
        .filter(user -> !user.isEmpty() && !user.equals(AccessRules.EVERYBODY))
        .orElseThrow(() -> new ServiceException(ErrorCode.forbidden, "The request names no user."));
  }

  /** Returns a property of any type as text; empty if absent. */
  Optional<String> string(String name) {
    return Optional.ofNullable(properties.get(name)).map(Object::toString);
  }

  /**
   * Returns a property as text.
   *
   * @throws ServiceException {@code badRequest} if it is absent or empty
   */
  String required(String name) {
    return string(name)
        .filter(value -> !value.isEmpty())
        .orElseThrow(
            () ->
                new ServiceException(
                    ErrorCode.badRequest, "The property " + name + " is missing."));
  }

  /**
   * Returns a whole number from 1 to {@code most}, sent as any numeric type or as text.
   *
   * @param absent value if the property is absent
   * @throws ServiceException {@code badRequest} if it is not such a number
   */
  int count(String name, int absent, int most) {
    String value = string(name).orElse(Integer.toString(absent));
    try {
      double number = Double.parseDouble(value);
      if (number >= 1 && number <= most && number == Math.rint(number)) {
        return (int) number;
      }
    } catch (NumberFormatException e) {
      // Handled like a number out of range.
    }
    throw new ServiceException(
        ErrorCode.badRequest,
        "The property " + name + " is a whole number from 1 to " + most + ".");
  }

  /** Returns whether a property is true, as a boolean or as text. */
  boolean flag(String name) {
    return string(name).filter("true"::equals).isPresent();
  }

  /**
   * Returns the text of a text message.
   *
   * @throws ServiceException {@code badRequest} for other kinds of messages
   */
  String text() {
    if (body instanceof String text) {
      return text;
    }
    throw new ServiceException(ErrorCode.badRequest, "The request must be a text message.");
  }
}
