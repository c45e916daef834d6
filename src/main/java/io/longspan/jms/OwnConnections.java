package io.longspan.jms;

import io.longspan.concurrent.DaemonThreads;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Durable subscriptions of a provider that binds them to the client id of a connection: each has a
 * connection of its own while it is in use. The broker admits one connection with a client id, so
 * no two bridges consume the same subscription.
 */
final class OwnConnections implements OneByOne {
  private static final Logger LOG = LoggerFactory.getLogger(OwnConnections.class);

  /** The name of the only subscription of each client id. */
  private static final String SUBSCRIPTION = "longspan";

  private static final int CLOSING_THREADS = 16;

  private final JmsProvider provider;
  private final OneByOne oneByOne;
  private final String user;
  private final String password;
  private final DaemonThreads threads = new DaemonThreads("longspan-durable-end");
  private final Set<Connection> open = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /**
   * Creates it without connections.
   *
   * @param oneByOne consumes on each of the connections
   * @param user the account; empty for none
   */
  OwnConnections(JmsProvider provider, OneByOne oneByOne, String user, String password) {
    this.provider = provider;
    this.oneByOne = oneByOne;
    this.user = user;
    this.password = password;
  }

  @Override
  public Session open(Connection connection) throws JMSException {
    return oneByOne.open(connection);
  }

  @Override
  public OneMessageConsumer consume(
      Connection connection,
      Session session,
      Origin origin,
      MessageReceiver receiver,
      Executor readers)
      throws JMSException {
    Connection own = connect(origin.subscription().orElseThrow());
    try {
      Consumer consumer =
          new Consumer(
              own,
              new Origin(origin.destination(), Optional.of(SUBSCRIPTION), origin.selector()),
              receiver,
              readers);
      consumer.begin();
      return consumer;
    } catch (JMSException | RuntimeException x) {
      end(own);
      throw x;
    }
  }

  @Override
  public void delete(Connection connection, Session session, Origin origin) throws JMSException {
    Connection own = connect(origin.subscription().orElseThrow());
    try {
      oneByOne.open(own).unsubscribe(SUBSCRIPTION);
    } catch (InvalidDestinationException nothing) {
      LOG.debug("durable subscription to delete does not exist", nothing);
    } finally {
      end(own);
    }
  }

  private Connection connect(String clientId) throws JMSException {
    ConnectionFactory factory = provider.connectionFactory();
    Connection own = BrokerAccount.connect(factory, user, password);
    open.add(own);
    try {
      own.setClientID(clientId);
      own.start();
      if (closed) {
        throw new IllegalStateException("the connection to the broker is closed");
      }
      return own;
    } catch (InvalidClientIDException other) {
      end(own);
      throw new InUseException(other);
    } catch (JMSException | RuntimeException x) {
      end(own);
      throw x;
    }
  }

  private void end(Connection own) {
    open.remove(own);
    try {
      own.close();
    } catch (JMSException | RuntimeException x) {
      LOG.debug("connection of a durable subscription not closed", x);
    }
  }

  /** Each settlement is confirmed on its own connection. */
  @Override
  public void confirm(Connection connection, Session session) {}

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (open.isEmpty()) {
      return;
    }
    ThreadPoolExecutor closing =
        new ThreadPoolExecutor(
            CLOSING_THREADS,
            CLOSING_THREADS,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            threads);
    open.forEach(own -> closing.execute(() -> end(own)));
    closing.shutdown();
  }

  @Override
  public void awaitEnd(Duration patience) {
    threads.awaitEnd(patience);
  }

  /** A consumer on a connection of its own. */
  private final class Consumer implements OneMessageConsumer {
    private final Connection own;
    private final Origin origin;
    private final MessageReceiver receiver;
    private final Executor readers;

    /** Null until {@link #begin}. */
    private Session session;

    /** Null until {@link #begin}. */
    private OneMessageConsumer consumer;

    private volatile boolean failed;

    Consumer(Connection own, Origin origin, MessageReceiver receiver, Executor readers) {
      this.own = own;
      this.origin = origin;
      this.receiver = receiver;
      this.readers = readers;
    }

    void begin() throws JMSException {
      provider.listen(
          own,
          fault -> {
            LOG.debug("connection of a durable subscription lost", fault);
            failed = true;
          });
      session = oneByOne.open(own);
      consumer = oneByOne.consume(own, session, origin, receiver, readers);
    }

    @Override
    public void acknowledge(Message message) throws JMSException {
      consumer.acknowledge(message);
      oneByOne.confirm(own, session);
    }

    @Override
    public void release(Message message, boolean pausing) throws JMSException {
      consumer.release(message, pausing);
      oneByOne.confirm(own, session);
    }

    @Override
    public void reject(Message message, String reason) throws JMSException {
      consumer.reject(message, reason);
      oneByOne.confirm(own, session);
    }

    /** The connection stays if a settlement has closed the consumer. */
    @Override
    public void resume() throws JMSException {
      if (consumer.isUsedUp()) {
        consumer = oneByOne.consume(own, session, origin, receiver, readers);
      } else {
        consumer.resume();
      }
    }

    @Override
    public boolean hasEnded() {
      return failed || consumer.hasEnded();
    }

    @Override
    public void close() {
      end(own);
    }
  }
}
