package io.longspan.jms;

import io.longspan.bridge.MessageBroker.ConnectionListener;
import io.longspan.concurrent.InternalErrors;
import io.longspan.config.LongspanConfig.Broker;
import io.longspan.config.LongspanConfig.Provider;
import io.longspan.config.Secrets;
import io.longspan.jms.BrokerAddresses.Address;
import io.longspan.protocol.BridgeException;
import jakarta.jms.JMSException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Owns the connection and its generation. One thread connects, waits for a lost connection or a
 * missed heartbeat, backs off and reconnects. A late event of an older generation has no effect.
 */
final class ConnectionSupervisor {
  private static final Logger LOG = LoggerFactory.getLogger(ConnectionSupervisor.class);
  private static final long FIRST_DELAY = 200;
  private static final long MAX_DELAY = 10_000;

  /** Maximum time that {@link #close} waits for each thread that a silent broker may block. */
  private static final Duration END_PATIENCE = JmsProvider.CALL_TIMEOUT.multipliedBy(2);

  private final Function<String, JmsProvider> providers;
  private final Broker broker;
  private final BrokerAddresses addresses;
  private final HeartbeatDestination heartbeats;
  private final MessageCodec codec;
  private final AtomicReference<BrokerLink> current = new AtomicReference<>();
  private final LinkCloser closer = new LinkCloser();
  private final Object signal = new Object();

  /** A lost link that waits to be closed; null if there is none. Guarded by {@code signal}. */
  private BrokerLink dead;

  /** Guarded by {@code signal}. */
  private boolean stopped;

  /** Null until the supervisor is started. */
  private volatile Thread thread;

  private int generation;

  /** The address of the present or last connection. */
  private volatile Address address = new Address(0, "");

  /** The newest generation that was lost. */
  private final AtomicInteger lastLost = new AtomicInteger();

  /** The reason why there is no connection, for an operator. Valid only while there is none. */
  private volatile String notConnected = "the bridge has not connected yet";

  /**
   * Whether the last log line says that the broker accepts no messages. Owned by the supervisor's
   * thread.
   */
  private boolean takesNothing;

  /**
   * Creates a supervisor. It connects after {@link #start}.
   *
   * @param providers creates the provider for a URL
   * @param broker the addresses and the account
   */
  ConnectionSupervisor(
      Function<String, JmsProvider> providers,
      Broker broker,
      HeartbeatDestination heartbeats,
      MessageCodec codec) {
    this.heartbeats = heartbeats;
    this.providers = providers;
    this.broker = broker;
    this.addresses = new BrokerAddresses(broker);
    this.codec = codec;
  }

  void start(ConnectionListener listener) {
    Thread supervisor = new Thread(() -> run(listener), "longspan-jms-supervisor");
    supervisor.setDaemon(true);
    thread = supervisor;
    supervisor.start();
  }

  /**
   * Returns the current connection. Never blocks.
   *
   * @throws BridgeException {@code brokerUnavailable} if there is no connection
   */
  BrokerLink link() {
    BrokerLink link = current.get();
    if (link == null) {
      throw BridgeException.brokerUnavailable(null);
    }
    return link;
  }

  boolean isConnected() {
    return current.get() != null;
  }

  /**
   * Returns why messages cannot be sent now, in words for an operator; empty if they can be sent.
   */
  Optional<String> trouble() {
    BrokerLink link = current.get();
    if (link == null) {
      return Optional.of(notConnected);
    }
    return link.isBeating() ? Optional.empty() : Optional.of("the broker accepts no messages");
  }

  /**
   * Returns the URL of the present connection, without credentials; empty without a connection, or
   * if no URL is configured.
   */
  Optional<String> address() {
    boolean configured = broker.provider() != Provider.EMBEDDED && !address.url().isEmpty();
    return configured && isConnected()
        ? Optional.of(Secrets.masked(address.url()))
        : Optional.empty();
  }

  /** Returns the position of the address in use in the configured list, from 1; 0 if none is. */
  int addressPosition() {
    return isConnected() ? address.position() : 0;
  }

  /** Returns how far the broker's clock is ahead, in milliseconds; 0 if no difference is known. */
  long clockOffset() {
    BrokerLink link = current.get();
    return link == null ? 0 : link.clockOffset();
  }

  private void run(ConnectionListener listener) {
    try {
      while (!isStopped()) {
        if (!supervise(listener)) {
          pause(FIRST_DELAY);
        }
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Connects if there is no connection, and then waits until it is lost or the supervisor is
   * stopped.
   *
   * @return false if an internal error ended the attempt
   */
  private boolean supervise(ConnectionListener listener) throws InterruptedException {
    try {
      if (!isConnected() && !isLossPending()) {
        connect(listener);
      }
      BrokerLink lost = awaitLoss();
      if (lost != null) {
        closer.close(lost);
        InternalErrors.guard("the handling of a lost broker connection", listener::brokerLost);
      }
      return true;
    } catch (RuntimeException | Error x) {
      InternalErrors.report("the supervision of the broker connection", x);
      return false;
    }
  }

  private boolean isLossPending() {
    synchronized (signal) {
      return dead != null;
    }
  }

  private void pause(long millis) throws InterruptedException {
    synchronized (signal) {
      if (!stopped) {
        signal.wait(millis);
      }
    }
  }

  /**
   * Tries all addresses in turn until there is a connection, or until the supervisor is stopped.
   * Waits after each round, longer each time.
   */
  private void connect(ConnectionListener listener) throws InterruptedException {
    long delay = FIRST_DELAY;
    while (true) {
      List<Address> round = addresses.round();
      for (int i = 0; i < round.size(); i++) {
        boolean last = i == round.size() - 1;
        if (isStopped() || connect(round.get(i), last ? delay : 0, listener)) {
          return;
        }
      }
      pause(delay / 2 + ThreadLocalRandom.current().nextLong(delay / 2 + 1));
      delay = Math.min(MAX_DELAY, delay * 2);
    }
  }

  /**
   * Tries one address.
   *
   * @param delay how long the supervisor waits after a failure, in milliseconds
   * @return whether there is a connection, or the supervisor is stopped
   */
  private boolean connect(Address next, long delay, ConnectionListener listener) {
    int number = ++generation;
    try {
      BrokerLink link =
          BrokerLink.open(
              number,
              providers.apply(next.url()),
              heartbeats,
              codec,
              broker.user(),
              BrokerAccount.password(broker),
              x -> lost(number, x),
              closer);
      if (isStopped()) {
        link.close();
        return true;
      }
      address = next;
      current.set(link);
      LOG.info(
          "broker connected provider={} url={} generation={}",
          broker.provider(),
          Secrets.masked(next.url()),
          number);
      InternalErrors.guard("the handling of a new broker connection", listener::brokerConnected);
      if (lastLost.get() == number) {
        lost(number, new IllegalStateException("the connection was lost while it was opened"));
      }
      return true;
    } catch (JMSException | RuntimeException x) {
      notReached(next.url(), x, delay);
    } catch (Error x) {
      InternalErrors.report("an attempt to connect to the broker", x);
    }
    return false;
  }

  /**
   * Logs why an attempt failed. Denied access is retried as well, because an administrator may
   * grant it at any time.
   */
  private void notReached(String url, Exception failure, long delay) {
    ConnectFailure described = ConnectFailure.of(broker, url, failure);
    notConnected = described.trouble();
    LOG.warn(
        "{} provider={} url={} retryInMillis={} error={}",
        described.what(),
        broker.provider(),
        Secrets.masked(url),
        delay,
        described.error());
  }

  /**
   * Records that a generation is lost. Called on any thread: by the provider, by a session, or by
   * the supervisor itself.
   */
  private void lost(int lostGeneration, Exception cause) {
    lastLost.accumulateAndGet(lostGeneration, Math::max);
    BrokerLink link = current.get();
    if (link == null || link.generation() != lostGeneration || !current.compareAndSet(link, null)) {
      return;
    }
    notConnected = "the connection was lost: " + JmsErrors.text(cause);
    LOG.warn(
        "broker connection lost generation={} error={}", lostGeneration, JmsErrors.text(cause));
    link.mute();
    synchronized (signal) {
      dead = link;
      signal.notifyAll();
    }
  }

  /**
   * Waits until the connection is lost.
   *
   * @return the lost link; null if the supervisor is stopped
   */
  private BrokerLink awaitLoss() throws InterruptedException {
    while (true) {
      BrokerLink link = current.get();
      long left = link == null ? Long.MAX_VALUE : link.millisLeft();
      if (left == 0) {
        lost(
            link.generation(),
            new IOException("no heartbeat returned within " + Heartbeat.LIMIT.toSeconds() + " s"));
      } else if (link != null) {
        logBeat(link);
      }
      synchronized (signal) {
        if (stopped) {
          return null;
        }
        if (dead != null) {
          BrokerLink lost = dead;
          dead = null;
          return lost;
        }
        signal.wait(Math.max(1, Math.min(left, Heartbeat.PERIOD.toMillis())));
      }
    }
  }

  private void logBeat(BrokerLink link) {
    boolean silent = !link.isBeating();
    if (silent && !takesNothing) {
      LOG.warn(
          "broker answers, but accepts no messages; check its memory and disk limits generation={}",
          link.generation());
    } else if (!silent && takesNothing) {
      LOG.info("broker accepts messages again generation={}", link.generation());
    }
    takesNothing = silent;
  }

  private boolean isStopped() {
    synchronized (signal) {
      return stopped;
    }
  }

  /**
   * Stops the supervisor for good. Blocks for a bounded time, so that queued messages can be sent
   * and the connection can be closed.
   */
  void close() {
    synchronized (signal) {
      stopped = true;
      signal.notifyAll();
    }
    BrokerLink link = current.get();
    if (link != null) {
      flush(link);
    }
    awaitSupervisor();
    closeLeft(current.getAndSet(null));
    synchronized (signal) {
      link = dead;
      dead = null;
    }
    closeLeft(link);
    closer.awaitEnd(END_PATIENCE);
  }

  private static void flush(BrokerLink link) {
    try {
      link.flushed().get(JmsProvider.CALL_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException x) {
      LOG.warn("some messages were not sent before the connection was closed");
    } catch (InterruptedException x) {
      Thread.currentThread().interrupt();
    }
  }

  /** Interrupts an attempt to connect, and waits for the end of the thread. */
  private void awaitSupervisor() {
    Thread supervisor = thread;
    if (supervisor == null) {
      return;
    }
    supervisor.interrupt();
    try {
      supervisor.join(END_PATIENCE.toMillis());
    } catch (InterruptedException x) {
      Thread.currentThread().interrupt();
    }
  }

  private void closeLeft(BrokerLink link) {
    if (link != null) {
      closer.close(link);
    }
  }
}
