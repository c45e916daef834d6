package io.longspan.jms;

import io.longspan.protocol.BrokerMessage;
import io.longspan.protocol.MessageBody;
import jakarta.jms.BytesMessage;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageEOFException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.StreamMessage;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Translates between JMS messages and the values of the protocol (protocol sections 3 and 4). */
final class MessageCodec {
  /** The largest whole number that JSON's readers keep exactly. */
  private static final long MAX_EXACT = 1L << 53;

  /** A JMS reply address on its way through the core. */
  record JmsReplyAddress(Destination destination) implements BrokerMessage.ReplyAddress {}

  /** Creates a JMS message with a body and properties; headers are set by the sender. */
  Message encode(Session session, MessageBody body, Map<String, Object> properties)
      throws JMSException {
    Message message;
    if (body instanceof MessageBody.Bytes bytes) {
      BytesMessage bytesMessage = session.createBytesMessage();
      bytesMessage.writeBytes(bytes.bytes());
      message = bytesMessage;
    } else {
      message = session.createTextMessage(((MessageBody.Text) body).text());
    }
    for (Map.Entry<String, Object> property : properties.entrySet()) {
      message.setObjectProperty(property.getKey(), property.getValue());
    }
    return message;
  }

  /**
   * Reads a JMS message. An object message is never deserialised.
   *
   * @param temporaryName the name of the temporary destination that it came from, if it was one;
   *     the message itself does not tell on every provider
   */
  BrokerMessage decode(Message message, Optional<String> temporaryName) throws JMSException {
    Object body = null;
    String bodyFormat = null;
    if (message instanceof TextMessage text) {
      body = text.getText();
    } else if (message instanceof BytesMessage bytes) {
      body = base64(bytes);
      bodyFormat = "base64";
    } else if (message instanceof MapMessage map) {
      body = map(map);
      bodyFormat = "map";
    } else if (message instanceof StreamMessage stream) {
      body = stream(stream);
      bodyFormat = "stream";
    } else if (message instanceof ObjectMessage) {
      bodyFormat = "unsupported";
    }
    return new BrokerMessage(
        nameOf(message.getJMSDestination()),
        properties(message, new TemporaryNames(message, temporaryName)),
        body,
        bodyFormat,
        Optional.ofNullable(message.getJMSReplyTo()).map(JmsReplyAddress::new));
  }

  private static Map<String, Object> properties(Message message, TemporaryNames hidden)
      throws JMSException {
    Map<String, Object> properties = new LinkedHashMap<>();
    putIfSet(properties, "JMSCorrelationID", correlationId(message));
    putIfSet(properties, "JMSMessageID", message.getJMSMessageID());
    if (message.getJMSTimestamp() != 0) {
      properties.put("JMSTimestamp", message.getJMSTimestamp());
    }
    putIfSet(properties, "JMSType", message.getJMSType());
    Enumeration<?> names = message.getPropertyNames();
    while (names.hasMoreElements()) {
      String name = (String) names.nextElement();
      Object value = message.getObjectProperty(name);
      if (value != null && !isSteering(name) && !hidden.isRevealedBy(name, value)) {
        properties.put(name, jsonValue(value));
      }
    }
    return properties;
  }

  /** A provider may hold a correlation id that is no text; such a message is unsolicited. */
  private static String correlationId(Message message) {
    try {
      return message.getJMSCorrelationID();
    } catch (JMSException x) {
      return null;
    }
  }

  private static boolean isSteering(String name) {
    String upper = name.toUpperCase(Locale.ROOT);
    return upper.startsWith("_AMQ") || upper.startsWith("__AMQ") || upper.startsWith("AMQ_");
  }

  private static void putIfSet(Map<String, Object> properties, String name, String value) {
    if (value != null) {
      properties.put(name, value);
    }
  }

  private static Object jsonValue(Object value) {
    if (value instanceof Long number && (number > MAX_EXACT || number < -MAX_EXACT)) {
      return number.toString();
    }
    if (value instanceof Double number && !Double.isFinite(number)) {
      return number.toString();
    }
    if (value instanceof Float number && !Float.isFinite(number)) {
      return number.toString();
    }
    if (value instanceof byte[] bytes) {
      return Base64.getEncoder().encodeToString(bytes);
    }
    if (value == null || value instanceof Number || value instanceof Boolean) {
      return value;
    }
    return value.toString();
  }

  private static String base64(BytesMessage message) throws JMSException {
    byte[] bytes = new byte[Math.toIntExact(message.getBodyLength())];
    message.readBytes(bytes);
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static Map<String, Object> map(MapMessage message) throws JMSException {
    Map<String, Object> map = new LinkedHashMap<>();
    Enumeration<?> names = message.getMapNames();
    while (names.hasMoreElements()) {
      String name = (String) names.nextElement();
      map.put(name, jsonValue(message.getObject(name)));
    }
    return map;
  }

  private static List<Object> stream(StreamMessage message) throws JMSException {
    List<Object> values = new ArrayList<>();
    try {
      while (true) {
        values.add(jsonValue(message.readObject()));
      }
    } catch (MessageEOFException | MessageFormatException end) {
      return values;
    }
  }

  /** Returns the name of a destination, whatever its kind; destinations are compared by it. */
  static String nameOf(Destination destination) throws JMSException {
    if (destination instanceof Topic topic) {
      return topic.getTopicName();
    }
    if (destination instanceof Queue queue) {
      return queue.getQueueName();
    }
    return "";
  }

  static boolean isTemporary(Destination destination) {
    return destination instanceof TemporaryTopic || destination instanceof TemporaryQueue;
  }
}
