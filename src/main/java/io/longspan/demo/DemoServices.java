package io.longspan.demo;

import io.longspan.concurrent.DaemonThreads;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.apache.jena.graph.Node;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The demo services, which are clients of any JMS broker. They consume the queues {@code
 * services/echo}, {@code services/graph} and {@code services/authorization}.
 *
 * <p>A lost connection is replaced, with growing pauses, until {@link #close}. The graphs stay in
 * memory as long as this object exists.
 */
public final class DemoServices implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(DemoServices.class);

  /** Graph that exists from the start. Everybody may read it. */
  static final String TEAM_GRAPH = "https://example.org/graphs/team";

  private static final List<String> TEAM_WRITERS = List.of("alice", "carol");

  private final ConnectionFactory factory;
  private final String user;
  private final String password;
  private final StoreLimits limits;
  private final Clock clock;
  private final GraphStore store;
  private final Backoff backoff = new Backoff(() -> ThreadLocalRandom.current().nextDouble());

  /** Connects and reconnects. Only its thread accesses {@link #current}. */
  private final ScheduledThreadPoolExecutor supervisor;

  private ServiceConnection current;

  /**
   * Creates services that connect with the factory's own credentials.
   *
   * @param factory connection factory. For ActiveMQ Classic it must not watch advisories ({@code
   *     jms.watchTopicAdvisories=false}). Otherwise the client may take a reply address that is
   *     younger than the connection for a deleted one
   */
  public DemoServices(ConnectionFactory factory) {
    this(factory, null, null);
  }

  /**
   * Creates services that connect with these credentials; a null user means the factory's own.
   *
   * @param factory connection factory, as for {@link #DemoServices(ConnectionFactory)}
   * @param user user name, or null
   * @param password password, or null
   */
  public DemoServices(ConnectionFactory factory, String user, String password) {
    this(factory, user, password, StoreLimits.standard(), Clock.systemUTC());
  }

  DemoServices(
      ConnectionFactory factory, String user, String password, StoreLimits limits, Clock clock) {
    this.factory = factory;
    this.user = user;
    this.password = password;
    this.limits = limits;
    this.clock = clock;
    this.store = new GraphStore(limits, clock);
    this.supervisor = supervisor();
    loadTeam();
  }

  private static ScheduledThreadPoolExecutor supervisor() {
    ScheduledThreadPoolExecutor thread =
        new ScheduledThreadPoolExecutor(1, new DaemonThreads("demo-services"));
    // Otherwise close() would wait for the next connection attempt.
    thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    return thread;
  }

  private void loadTeam() {
    Node graph = GraphName.of(TEAM_GRAPH);
    TurtleDocument team =
        TurtleDocument.parse(resource("/demo/team.ttl"), graph, limits.triplesPerGraph());
    store.write(TEAM_WRITERS.get(0), null, dataset -> team.replace(dataset, graph));
    store.grant(graph, List.of(AccessRules.EVERYBODY), TEAM_WRITERS);
  }

  private static String resource(String name) {
    try (InputStream in = DemoServices.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("missing resource " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("unreadable resource " + name, e);
    }
  }

  /**
   * Connects; blocks for one attempt. If the broker is unreachable, further attempts follow in the
   * background until {@link #close}. Called once.
   *
   * @throws JMSSecurityException if the broker rejects the credentials at the first attempt
   * @throws JMSException if the calling thread is interrupted
   */
  public void start() throws JMSException {
    Exception failure;
    try {
      failure = supervisor.submit(this::connect).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JMSException("interrupted while connecting");
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
    if (failure instanceof JMSSecurityException refused) {
      close();
      throw refused;
    }
    if (failure != null) {
      Exception cause = failure;
      run(() -> retry(cause));
    }
  }

  /** Connects once. Returns the failure, or null. Called on the supervisor thread only. */
  private Exception connect() {
    try {
      Connection connection =
          user == null ? factory.createConnection() : factory.createConnection(user, password);
      // A loss names its connection, so that a late loss does not affect a newer one.
      ServiceConnection[] opened = new ServiceConnection[1];
      opened[0] =
          ServiceConnection.open(
              connection, store, limits, clock, loss -> run(() -> lost(opened[0], loss)));
      current = opened[0];
      backoff.reset();
      LOG.info("The demo services are connected");
      return null;
    } catch (JMSException | RuntimeException e) {
      return e;
    }
  }

  private void lost(ServiceConnection connection, JMSException loss) {
    if (connection != null && connection == current) {
      current = null;
      connection.close();
      retry(loss);
    }
  }

  private void reconnect() {
    Exception failure = connect();
    if (failure != null) {
      retry(failure);
    }
  }

  private void retry(Exception cause) {
    long pause = backoff.next().toMillis();
    LOG.warn("The demo services have no broker ({}); next attempt in {} ms", cause, pause);
    try {
      supervisor.schedule(this::reconnect, pause, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("The demo services are being closed", e);
    }
  }

  private void run(Runnable task) {
    try {
      supervisor.execute(task);
    } catch (RejectedExecutionException e) {
      LOG.debug("The demo services are being closed", e);
    }
  }

  GraphStore store() {
    return store;
  }

  /** Closes the services and their connection; blocks for at most 10 s. Idempotent. */
  @Override
  public void close() {
    run(
        () -> {
          if (current != null) {
            current.close();
            current = null;
          }
        });
    supervisor.shutdown();
    try {
      if (!supervisor.awaitTermination(10, TimeUnit.SECONDS)) {
        supervisor.shutdownNow();
      }
    } catch (InterruptedException e) {
      supervisor.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
