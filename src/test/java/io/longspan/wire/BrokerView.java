package io.longspan.wire;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.util.Map;
import java.util.TreeMap;
import org.apache.activemq.artemis.api.core.management.ResourceNames;
import org.apache.activemq.artemis.api.jms.management.JMSManagementHelper;

/**
 * What a broker itself says it holds: an attack that reached it shows here, whatever the bridge
 * answered.
 */
interface BrokerView extends AutoCloseable {
  /** In place of a count: the destination went while it was looked at. */
  String GONE = "gone";

  /**
   * Returns every destination, those of the broker's own and temporary ones included, with how many
   * messages it has taken.
   */
  Map<String, String> destinations();

  @Override
  void close();

  static BrokerView of(TestBroker broker) {
    return broker instanceof ActiveMqTestBroker activeMq
        ? new BrokerView() {
          @Override
          public Map<String, String> destinations() {
            return activeMq.allDestinations();
          }

          @Override
          public void close() {}
        }
        : new ArtemisView(broker.connectionFactory());
  }

  /** Artemis, asked by management messages. */
  final class ArtemisView implements BrokerView {
    private final Connection connection;
    private final Session session;
    private final Queue replies;
    private final MessageConsumer consumer;
    private final MessageProducer producer;

    private ArtemisView(ConnectionFactory factory) {
      try {
        connection = factory.createConnection();
        connection.start();
        session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
        replies = session.createTemporaryQueue();
        consumer = session.createConsumer(replies);
        producer = session.createProducer(session.createQueue("activemq.management"));
      } catch (JMSException x) {
        throw new IllegalStateException(x);
      }
    }

    @Override
    public Map<String, String> destinations() {
      Map<String, String> destinations = new TreeMap<>();
      for (Object address : (Object[]) attribute(ResourceNames.BROKER, "addressNames")) {
        String name = (String) address;
        destinations.put(name, name.startsWith("activemq.") || isOwn(name) ? "" : messages(name));
      }
      for (Object queue : (Object[]) attribute(ResourceNames.BROKER, "queueNames")) {
        destinations.put("queue of subscription or name " + queue, "");
      }
      return destinations;
    }

    private boolean isOwn(String name) {
      try {
        return name.equals(replies.getQueueName());
      } catch (JMSException x) {
        throw new IllegalStateException(x);
      }
    }

    private String messages(String address) {
      return "messages=%s+%s"
          .formatted(
              attribute(ResourceNames.ADDRESS + address, "routedMessageCount"),
              attribute(ResourceNames.ADDRESS + address, "unRoutedMessageCount"));
    }

    private Object attribute(String resource, String name) {
      try {
        Message request = session.createMessage();
        JMSManagementHelper.putAttribute(request, resource, name);
        request.setJMSReplyTo(replies);
        producer.send(request);
        Message answer = consumer.receive();
        Object result = JMSManagementHelper.getResult(answer);
        if (!JMSManagementHelper.hasOperationSucceeded(answer)) {
          return GONE;
        }
        return result;
      } catch (Exception x) {
        throw new IllegalStateException(x);
      }
    }

    @Override
    public void close() {
      try (Connection closing = connection) {
        closing.stop();
      } catch (JMSException x) {
        throw new IllegalStateException(x);
      }
    }
  }
}
