package io.longspan.wire;

import io.longspan.external.ExternalArtemis;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.util.List;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.core.client.impl.ClientMessageImpl;
import org.apache.activemq.artemis.jms.client.ActiveMQBytesMessage;
import org.apache.activemq.artemis.jms.client.ActiveMQMapMessage;
import org.apache.activemq.artemis.jms.client.ActiveMQTextMessage;

final class ArtemisUndeliverableIT extends UndeliverableTests {
  @Override
  TestBroker startBroker() {
    return new ExternalArtemis();
  }

  @Override
  boolean carriesEverything() {
    return true;
  }

  @Override
  List<TestService.Work<Message>> unreadable() {
    return List.of(
        session -> compressed(session.createBytesMessage(), ActiveMQTextMessage.TYPE),
        session -> compressed(session.createBytesMessage(), ActiveMQMapMessage.TYPE),
        session -> compressed(session.createBytesMessage(), ActiveMQBytesMessage.TYPE),
        session -> compressedOfUnknownSize(session.createBytesMessage()),
        session -> garbage(session.createBytesMessage(), ActiveMQTextMessage.TYPE),
        session -> garbage(session.createBytesMessage(), ActiveMQMapMessage.TYPE),
        session -> garbage(session.createBytesMessage(), (byte) 99));
  }

  /** Bytes that pretend to be another kind of message. */
  private static Message garbage(BytesMessage message, byte type) throws JMSException {
    message.writeBytes(UndeliverableTests.garbage());
    ((ClientMessageImpl) core(message)).setType(type);
    return message;
  }

  private static Message compressed(BytesMessage message, byte type) throws JMSException {
    core(garbage(message, type)).putBooleanProperty("_AMQ_LARGE_COMPRESSED", true);
    core(message).putLongProperty("_AMQ_LARGE_SIZE", 100);
    return message;
  }

  /** Artemis' own client gives its connection up for it. */
  private static Message compressedOfUnknownSize(BytesMessage message) throws JMSException {
    core(garbage(message, ActiveMQTextMessage.TYPE))
        .putBooleanProperty("_AMQ_LARGE_COMPRESSED", true);
    return message;
  }

  private static ClientMessage core(Message message) {
    return ((ActiveMQBytesMessage) message).getCoreMessage();
  }
}
