package io.longspan.wire;

import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.net.MalformedURLException;
import java.net.URL;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.activemq.ActiveMQSession;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.core.client.impl.ClientMessageImpl;
import org.apache.activemq.artemis.jms.client.ActiveMQBytesMessage;
import org.apache.activemq.artemis.jms.client.ActiveMQTextMessage;
import org.apache.activemq.command.ActiveMQMapMessage;
import org.apache.activemq.command.ActiveMQMessage;
import org.apache.activemq.util.ByteSequence;

/** Messages whose body no bridge can read, as a service can send them by a broker's own client. */
public final class UnreadableMessages {
  private UnreadableMessages() {}

  /** Returns those for a bridge that uses ActiveMQ's own client. */
  public static List<TestService.Work<Message>> ofActiveMq() {
    return List.of(
        session -> compressed(session.createTextMessage()),
        session -> compressed(session.createBytesMessage()),
        session -> compressed(session.createMapMessage()),
        session -> compressed(session.createStreamMessage()),
        session -> cutShort((ActiveMQMapMessage) session.createMapMessage()),
        session -> ((ActiveMQSession) session).createBlobMessage(url()));
  }

  /** Returns those for a bridge that uses Artemis' own client. */
  public static List<TestService.Work<Message>> ofArtemis() {
    return List.of(
        session -> compressed(session.createBytesMessage(), ActiveMQTextMessage.TYPE),
        session ->
            compressed(
                session.createBytesMessage(),
                org.apache.activemq.artemis.jms.client.ActiveMQMapMessage.TYPE),
        session -> compressed(session.createBytesMessage(), ActiveMQBytesMessage.TYPE),
        session -> compressedOfUnknownSize(session.createBytesMessage()),
        session -> garbage(session.createBytesMessage(), ActiveMQTextMessage.TYPE),
        session ->
            garbage(
                session.createBytesMessage(),
                org.apache.activemq.artemis.jms.client.ActiveMQMapMessage.TYPE),
        session -> garbage(session.createBytesMessage(), (byte) 99));
  }

  /**
   * Returns those for a bridge that uses AMQP: the broker translates messages itself; garbage does
   * not get as far as the bridge.
   */
  public static List<TestService.Work<Message>> ofAmqp() {
    return List.of(session -> session.createObjectMessage(new ArrayList<>(List.of("x"))));
  }

  /** Returns those for a bridge that uses RabbitMQ's own client. */
  public static List<TestService.Work<Message>> ofRabbitMq() {
    return List.of(
        session -> session.createObjectMessage(new ArrayList<>(List.of("x"))),
        // The client deserialises internal properties. The bridge trusts no class of others.
        session -> {
          Message message = session.createTextMessage("x");
          message.setObjectProperty("rmq.other", new ArrayList<>(List.of("x")));
          return message;
        });
  }

  private static byte[] garbage() {
    byte[] bytes = new byte[64];
    IntStream.range(0, bytes.length).forEach(i -> bytes[i] = (byte) (i * 37 + 200));
    return bytes;
  }

  private static Message compressed(Message message) {
    ActiveMQMessage garbage = (ActiveMQMessage) message;
    garbage.setContent(new ByteSequence(garbage()));
    garbage.setCompressed(true);
    return garbage;
  }

  private static Message cutShort(ActiveMQMapMessage map) throws JMSException {
    map.setString("name", "a value of some length");
    map.storeContent();
    ByteSequence whole = map.getContent();
    ActiveMQMapMessage cut = new ActiveMQMapMessage();
    cut.setContent(new ByteSequence(whole.getData(), whole.getOffset(), whole.getLength() - 4));
    return cut;
  }

  private static URL url() {
    try {
      return new URL("http://127.0.0.1:1/secret");
    } catch (MalformedURLException x) {
      throw new IllegalStateException(x);
    }
  }

  /** Bytes that pretend to be another kind of message. */
  private static Message garbage(BytesMessage message, byte type) throws JMSException {
    message.writeBytes(garbage());
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
