package io.longspan.jms;

import jakarta.jms.Connection;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.ActiveMQNonExistentQueueException;
import org.apache.activemq.artemis.api.core.ActiveMQQueueExistsException;
import org.apache.activemq.artemis.api.core.QueueConfiguration;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.core.client.impl.ClientConsumerInternal;
import org.apache.activemq.artemis.core.client.impl.ClientSessionImpl;
import org.apache.activemq.artemis.jms.client.ActiveMQDestination;
import org.apache.activemq.artemis.jms.client.ActiveMQSession;
import org.apache.activemq.artemis.utils.SelectorTranslator;

/**
 * Transacted sessions of Artemis' core client, one for each consumer: a rollback gives back one
 * message and counts the delivery. The consumer has a window of 0, and the credit for its next
 * message is held back ({@link ArtemisCredit}).
 */
final class ArtemisOneByOne implements OneByOne {
  private static final int NO_WINDOW = 0;
  private static final int NO_LIMIT = -1;

  private final ArtemisThreads threads = new ArtemisThreads();

  @Override
  public Session open(Connection connection) throws JMSException {
    return connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
  }

  @Override
  public OneMessageConsumer consume(
      Connection connection,
      Session session,
      Origin origin,
      MessageReceiver receiver,
      Executor readers)
      throws JMSException {
    ActiveMQSession own =
        (ActiveMQSession) connection.createSession(true, Session.SESSION_TRANSACTED);
    try {
      ClientSessionImpl core = (ClientSessionImpl) own.getCoreSession();
      SimpleString filter =
          SimpleString.of(SelectorTranslator.convertToActiveMQFilterString(origin.selector()));
      SimpleString address = ((ActiveMQDestination) origin.destination()).getSimpleAddress();
      SimpleString name = origin.subscription().map(SimpleString::of).orElse(address);
      if (origin.subscription().isPresent()) {
        createSubscription(core, address, name, filter);
      } else {
        create(core, name);
      }
      ArtemisCredit credit = new ArtemisCredit(threads.next());
      ClientConsumerInternal consumer =
          core.getSessionContext()
              .createConsumer(
                  name,
                  origin.subscription().isPresent() ? null : filter,
                  0,
                  NO_WINDOW,
                  NO_LIMIT,
                  0,
                  false,
                  credit.messages(),
                  credit,
                  NO_LIMIT);
      core.addConsumer(consumer);
      Consumer opened = new Consumer(own, core, consumer, credit);
      consumer.setMessageHandler(ArtemisListener.holding(consumer, receiver, readers, opened));
      return opened;
    } catch (ActiveMQException x) {
      own.close();
      throw failure(x);
    } catch (JMSException | RuntimeException x) {
      own.close();
      throw x;
    }
  }

  private static void create(ClientSession session, SimpleString name)
      throws ActiveMQException, JMSException {
    ClientSession.QueueQuery found = session.queueQuery(name);
    if (found.isExists()) {
      return;
    }
    if (!found.isAutoCreateQueues()) {
      throw new InvalidDestinationException("the queue does not exist: " + name);
    }
    try {
      session.createQueue(
          QueueConfiguration.of(name)
              .setAddress(name)
              .setRoutingType(RoutingType.ANYCAST)
              .setDurable(true)
              .setAutoCreated(true));
    } catch (ActiveMQQueueExistsException concurrently) {
      // Somebody else has created it since the query.
    }
  }

  /**
   * Creates the queue of a durable subscription, which admits one consumer. With another selector
   * it is another subscription, as in JMS.
   */
  private static void createSubscription(
      ClientSession session, SimpleString topic, SimpleString name, SimpleString filter)
      throws ActiveMQException {
    ClientSession.QueueQuery found = session.queueQuery(name);
    if (found.isExists() && !Objects.equals(found.getFilterString(), filter)) {
      session.deleteQueue(name);
    } else if (found.isExists()) {
      return;
    }
    try {
      session.createQueue(
          QueueConfiguration.of(name)
              .setAddress(topic)
              .setRoutingType(RoutingType.MULTICAST)
              .setFilterString(filter)
              .setDurable(true)
              .setMaxConsumers(1)
              .setPurgeOnNoConsumers(false)
              .setAutoDelete(false));
    } catch (ActiveMQQueueExistsException concurrently) {
      // Another bridge has created it since the query.
    }
  }

  @Override
  public void delete(Connection connection, Session session, Origin origin) throws JMSException {
    ClientSession core = ((ActiveMQSession) session).getCoreSession();
    SimpleString name = SimpleString.of(origin.subscription().orElseThrow());
    try {
      if (core.queueQuery(name).isExists()) {
        core.deleteQueue(name);
      }
    } catch (ActiveMQNonExistentQueueException gone) {
      // Somebody else has deleted it since the query.
    } catch (ActiveMQException x) {
      throw failure(x);
    }
  }

  private static JMSException failure(ActiveMQException cause) {
    JMSException failure =
        switch (cause.getType()) {
          // A queue that has a consumer cannot be deleted.
          case MAX_CONSUMER_LIMIT_EXCEEDED, ILLEGAL_STATE -> new InUseException(cause);
          case INVALID_FILTER_EXPRESSION ->
              new jakarta.jms.InvalidSelectorException(cause.getMessage());
          case QUEUE_DOES_NOT_EXIST -> new InvalidDestinationException(cause.getMessage());
          case SECURITY_EXCEPTION -> new jakarta.jms.JMSSecurityException(cause.getMessage());
          case NOT_CONNECTED, DISCONNECTED, OBJECT_CLOSED, CONNECTION_TIMEDOUT, UNBLOCKED ->
              new jakarta.jms.IllegalStateException(cause.getMessage());
          default -> new JMSException(cause.getMessage());
        };
    if (failure.getCause() == null) {
      failure.initCause(cause);
    }
    return failure;
  }

  /** Each settlement is a transaction that the broker has answered. */
  @Override
  public void confirm(Connection connection, Session session) {}

  /**
   * Ends the threads too. Before the connection is closed they must run: to close a consumer, the
   * client waits up to ten seconds for a task of its own on the consumer's thread.
   */
  @Override
  public void awaitEnd(Duration patience) {
    threads.close();
    threads.awaitEnd(patience);
  }

  @FunctionalInterface
  private interface Call {
    void run() throws ActiveMQException;
  }

  private static final class Consumer implements OneMessageConsumer, ArtemisListener.Holder {
    private final Session session;
    private final ClientSession core;
    private final ClientConsumerInternal consumer;
    private final ArtemisCredit credit;

    /** Written by the delivery thread before the message is handed over. */
    private volatile ClientMessage held;

    Consumer(
        Session session,
        ClientSession core,
        ClientConsumerInternal consumer,
        ArtemisCredit credit) {
      this.session = session;
      this.core = core;
      this.consumer = consumer;
      this.credit = credit;
    }

    @Override
    public void receives(ClientMessage message) {
      held = message;
      credit.begin();
    }

    @Override
    public void received() {
      credit.hold();
    }

    @Override
    public void acknowledge(Message message) throws JMSException {
      call(
          () -> {
            held.individualAcknowledge();
            core.commit();
          });
    }

    /** Only an acknowledgement that is rolled back counts as a delivery. */
    @Override
    public void release(Message message, boolean pausing) throws JMSException {
      call(
          () -> {
            held.individualAcknowledge();
            core.rollback();
          });
    }

    /** The protocol has no rejection: the broker moves the message after enough deliveries. */
    @Override
    public void reject(Message message, String reason) throws JMSException {
      release(message, false);
    }

    private static void call(Call call) throws JMSException {
      try {
        call.run();
      } catch (ActiveMQException x) {
        throw failure(x);
      }
    }

    @Override
    public void resume() {
      credit.release();
    }

    @Override
    public boolean hasEnded() {
      return consumer.isClosed();
    }

    @Override
    public void close() throws JMSException {
      session.close();
    }
  }
}
