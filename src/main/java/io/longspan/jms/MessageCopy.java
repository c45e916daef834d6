package io.longspan.jms;

import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageEOFException;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Session;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.util.Collections;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Copies a message of one JMS provider for another one, or for another session. Stateless. */
public final class MessageCopy {
  private static final Logger LOG = LoggerFactory.getLogger(MessageCopy.class);

  /** Prefixes of property names that are headers, or by which a provider is steered. */
  private static final List<String> PROVIDERS = List.of("JMS", "_AMQ", "AMQ_", "CamelJms");

  private MessageCopy() {}

  /**
   * Copies the body, the correlation id, the type and the properties. The sender sets the other
   * headers.
   *
   * @param session the session that will send the copy
   * @throws MessageFormatProblem if the message cannot be copied, now or later
   * @throws JMSException if the session fails
   */
  public static Message copy(Session session, Message message) throws JMSException {
    Message copy = body(session, message);
    if (message.getJMSCorrelationID() != null) {
      copy.setJMSCorrelationID(message.getJMSCorrelationID());
    }
    if (message.getJMSType() != null) {
      copy.setJMSType(message.getJMSType());
    }
    for (Object name : Collections.list(message.getPropertyNames())) {
      property(copy, message, (String) name);
    }
    return copy;
  }

  private static void property(Message copy, Message message, String name) throws JMSException {
    if (PROVIDERS.stream().anyMatch(name::startsWith) && !name.startsWith("JMSXGroup")) {
      return;
    }
    Object value = message.getObjectProperty(name);
    try {
      copy.setObjectProperty(name, value);
    } catch (JMSException | RuntimeException x) {
      LOG.warn("property not forwarded, the broker does not support it name={}", name, x);
    }
  }

  private static Message body(Session session, Message message) throws JMSException {
    if (message instanceof TextMessage text) {
      return session.createTextMessage(text.getText());
    }
    if (message instanceof BytesMessage bytes) {
      BytesMessage copy = session.createBytesMessage();
      byte[] content = new byte[Math.toIntExact(bytes.getBodyLength())];
      bytes.reset();
      bytes.readBytes(content);
      copy.writeBytes(content);
      return copy;
    }
    if (message instanceof MapMessage map) {
      MapMessage copy = session.createMapMessage();
      for (Object name : Collections.list(map.getMapNames())) {
        copy.setObject((String) name, map.getObject((String) name));
      }
      return copy;
    }
    if (message instanceof StreamMessage stream) {
      return stream(session.createStreamMessage(), stream);
    }
    if (message instanceof ObjectMessage) {
      throw new MessageFormatProblem("an object message is never deserialised");
    }
    return session.createMessage();
  }

  private static Message stream(StreamMessage copy, StreamMessage stream) throws JMSException {
    stream.reset();
    try {
      while (true) {
        copy.writeObject(stream.readObject());
      }
    } catch (MessageEOFException end) {
      return copy;
    }
  }
}
