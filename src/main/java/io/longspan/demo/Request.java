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
 * A received message, read once on the thread that received it; immutable afterwards, any thread
 * may use it.
 *
 * @param correlationId JMSCorrelationID; null where absent
 * @param replyTo JMSReplyTo; null where absent
 * @param expiration JMSExpiration in ms since the epoch; 0 for never
 * @param properties the application's properties, with their types
 * @param body a String, a byte[], or null for a message of another kind
 */
record Request(
    String correlationId,
    Destination replyTo,
    long expiration,
    Map<String, Object> properties,
    Object body) {

  /** Reads a message; throws what the provider throws. */
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

  /** Whether its sender has stopped waiting; {@code now} in ms since the epoch. */
  boolean isExpired(long now) {
    return expiration > 0 && expiration < now;
  }

  /**
   * Returns the user on whose behalf the service acts.
   *
   * @throws ServiceException forbidden when the message names nobody
   */
  String user() {
    return string("runAsUser")
        .filter(user -> !user.isEmpty() && !user.equals(AccessRules.EVERYBODY))
        .orElseThrow(() -> new ServiceException(ErrorCode.forbidden, "The request names no user."));
  }

  /** Returns a property as text, whatever its type; empty where absent. */
  Optional<String> string(String name) {
    return Optional.ofNullable(properties.get(name)).map(Object::toString);
  }

  /**
   * Returns a property as text.
   *
   * @throws ServiceException badRequest where it is absent or empty
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
   * Returns a whole number between 1 and {@code most}, whatever numeric type it travels as.
   *
   * @throws ServiceException badRequest when it is no such number
   */
  int count(String name, int absent, int most) {
    String value = string(name).orElse(Integer.toString(absent));
    try {
      double number = Double.parseDouble(value);
      if (number >= 1 && number <= most && number == Math.rint(number)) {
        return (int) number;
      }
    } catch (NumberFormatException e) {
      // the same answer as for a number out of range
    }
    throw new ServiceException(
        ErrorCode.badRequest,
        "The property " + name + " is a whole number from 1 to " + most + ".");
  }

  /** Whether a property is true, as a boolean or as text. */
  boolean flag(String name) {
    return string(name).filter("true"::equals).isPresent();
  }

  /**
   * Returns the text of a TextMessage.
   *
   * @throws ServiceException badRequest when it is another kind of message
   */
  String text() {
    if (body instanceof String text) {
      return text;
    }
    throw new ServiceException(ErrorCode.badRequest, "The request must be a text message.");
  }
}
