package io.longspan.external;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.util.List;
import org.apache.activemq.artemis.api.core.management.ResourceNames;
import org.apache.activemq.artemis.api.jms.management.JMSManagementHelper;

/** Carries an administrator's operations out, by management messages. */
final class ArtemisAdministrator {
  private static final int ATTEMPTS = 10;
  private static final long PATIENCE = 30_000;

  private final ConnectionFactory factory;

  ArtemisAdministrator(ConnectionFactory factory) {
    this.factory = factory;
  }

  /** Gives only some roles the right to consume from an address; the most exact match counts. */
  void permitConsumers(String address, String roles) {
    String all = "amq,bridges";
    call(
        ResourceNames.BROKER,
        "addSecuritySettings",
        new Object[] {address, all, roles, all, all, all, all, "amq", "amq", all, all});
  }

  /** Returns the queues of an address, of which each subscription has one; maybe there are none. */
  List<Object> queues(String address) {
    for (int attempt = 1; ; attempt++) {
      try {
        return List.of(
            (Object[]) call(ResourceNames.ADDRESS + address, "getQueueNames", new Object[0]));
      } catch (IllegalStateException x) {
        // The broker has no such address: it deletes one with its last queue.
        if (!exists(address)) {
          return List.of();
        }
        // It also fails while the broker deletes a queue.
        if (attempt == ATTEMPTS) {
          throw x;
        }
      }
    }
  }

  private boolean exists(String address) {
    Object[] addresses = (Object[]) call(ResourceNames.BROKER, "getAddressNames", new Object[0]);
    return List.of(addresses).contains(address);
  }

  /** Destroys the queues of an address, and disconnects their consumers. */
  void destroyQueues(String address) {
    for (Object queue : queues(address)) {
      try {
        call(ResourceNames.BROKER, "destroyQueue", new Object[] {queue, true});
      } catch (IllegalStateException x) {
        // Whoever has lost one of them may have deleted the others meanwhile.
        if (queues(address).contains(queue)) {
          throw x;
        }
      }
    }
  }

  private Object call(String resource, String operation, Object[] arguments) {
    try (Connection connection = factory.createConnection()) {
      connection.start();
      Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
      Queue replies = session.createTemporaryQueue();
      Message request = session.createMessage();
      if (operation.startsWith("get")) {
        JMSManagementHelper.putAttribute(
            request, resource, Character.toLowerCase(operation.charAt(3)) + operation.substring(4));
      } else {
        JMSManagementHelper.putOperationInvocation(request, resource, operation, arguments);
      }
      request.setJMSReplyTo(replies);
      session.createProducer(session.createQueue("activemq.management")).send(request);
      Message answer = session.createConsumer(replies).receive(PATIENCE);
      Object result = JMSManagementHelper.getResult(answer);
      if (!JMSManagementHelper.hasOperationSucceeded(answer)) {
        throw new IllegalStateException(operation + ": " + result);
      }
      return result;
    } catch (IllegalStateException x) {
      throw x;
    } catch (Exception x) {
      throw new IllegalStateException(x);
    }
  }
}
