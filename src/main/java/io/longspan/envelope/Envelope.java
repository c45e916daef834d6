package io.longspan.envelope;

import io.longspan.protocol.BrokerMessage;
import io.longspan.protocol.MessageBody;
import java.util.Map;
import java.util.Optional;

/**
 * The form in which a service expects the headers of a message, and writes those of its own
 * (protocol section 14). Stateless; may be used on any thread; never blocks.
 */
public interface Envelope {
  /** Headers are those of JMS, and the body is the client's: nothing is wrapped. */
  Envelope JMS =
      new Envelope() {
        @Override
        public MessageBody content(MessageBody body) {
          return body;
        }

        @Override
        public String replyName(String jmsName) {
          return jmsName;
        }

        @Override
        public MessageBody wrap(
            MessageBody content,
            Map<String, Object> properties,
            Optional<String> correlationId,
            Optional<String> replyTo) {
          return content;
        }

        @Override
        public BrokerMessage unwrap(BrokerMessage message) {
          return message;
        }
      };

  /**
   * Returns the content that the service will read, which is what the bridge signs.
   *
   * @param body the client's body
   * @throws io.longspan.protocol.BridgeException {@code badRequest} if the form cannot hold the
   *     body
   */
  MessageBody content(MessageBody body);

  /** Returns the name under which a service knows the JMS topic for answers. */
  String replyName(String jmsName);

  /**
   * Puts a content and its headers into the body of a JMS message.
   *
   * @param content a result of {@link #content}
   * @param properties the JMS properties, including those that the bridge sets
   * @param correlationId {@code JMSCorrelationID}, if the message has one
   * @param replyTo a result of {@link #replyName}, if the message has a topic for answers
   */
  MessageBody wrap(
      MessageBody content,
      Map<String, Object> properties,
      Optional<String> correlationId,
      Optional<String> replyTo);

  /**
   * Reads a message of a service. A message that is not of this form becomes {@link
   * BrokerMessage#isUnsupported unsupported}; nothing is thrown.
   */
  BrokerMessage unwrap(BrokerMessage message);
}
