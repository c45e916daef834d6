package io.longspan.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.jms.Connection;
import jakarta.jms.ExceptionListener;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.time.Clock;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The services on one JMS connection. After a loss {@link DemoServices} opens a new one; the store
 * stays.
 */
final class ServiceConnection implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ServiceConnection.class);

  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final int MAX_ROWS = 50_000;
  private static final int READERS = 3;
  private static final int BACKLOG = 100;

  private final Connection connection;
  private final Clock clock;
  private final ObjectMapper json = new ObjectMapper();
  private WorkQueue readLane;
  private WorkQueue writeLane;

  private ServiceConnection(Connection connection, Clock clock) {
    this.connection = connection;
    this.clock = clock;
  }

  /**
   * Opens sessions and consumers and starts the connection; blocks. Closes the connection on
   * failure.
   *
   * @param onLoss called on a thread of the provider when the connection is lost
   */
  static ServiceConnection open(
      Connection connection,
      GraphStore store,
      StoreLimits limits,
      Clock clock,
      ExceptionListener onLoss)
      throws JMSException {
    ServiceConnection services = new ServiceConnection(connection, clock);
    try {
      connection.setExceptionListener(onLoss);
      services.open(store, limits);
      return services;
    } catch (JMSException | RuntimeException e) {
      services.close();
      throw e;
    }
  }

  private void open(GraphStore store, StoreLimits limits) throws JMSException {
    readLane = new WorkQueue("demo-graph-read", READERS, BACKLOG, connection, json);
    writeLane = new WorkQueue("demo-graph-write", 1, BACKLOG, connection, json);
    GraphService graphs =
        new GraphService(
            store,
            limits,
            new QueryRunner(TIMEOUT, MAX_ROWS),
            new UpdateRunner(TIMEOUT),
            new ChangePublisher(),
            readLane,
            writeLane,
            clock,
            json);
    listen("services/echo", new EchoService());
    listen("services/graph", graphs);
    listen("services/authorization", new AuthorizationService(store, json));
    connection.start();
  }

  private void listen(String queue, Service service) throws JMSException {
    Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
    ServiceListener listener = new ServiceListener(service, Answers.of(session, json), clock);
    session.createConsumer(session.createQueue(queue)).setMessageListener(listener);
  }

  /** Closes the services and the connection. Idempotent. */
  @Override
  public void close() {
    if (readLane != null) {
      readLane.close();
    }
    if (writeLane != null) {
      writeLane.close();
    }
    try {
      connection.close();
    } catch (JMSException | RuntimeException e) {
      LOG.debug("Closing the demo services' connection failed", e);
    }
  }
}
