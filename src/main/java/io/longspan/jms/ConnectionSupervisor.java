package io.longspan.jms;

import io.longspan.bridge.MessageBroker.ConnectionListener;
import io.longspan.config.LongspanConfig.Broker;
import io.longspan.protocol.BridgeException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Owns the connection and its generation: one thread connects, hears that it is lost, backs off and
 * connects again. A late event of an older generation changes nothing.
 */
final class ConnectionSupervisor {
  private static final Logger LOG = LoggerFactory.getLogger(ConnectionSupervisor.class);
  private static final long FIRST_DELAY = 200;
  private static final long LONGEST_DELAY = 10_000;

  private final JmsProvider provider;
  private final Broker broker;
  private final AtomicReference<BrokerLink> current = new AtomicReference<>();
  private final Object signal = new Object();

  /** Guarded by {@code signal}: links that are dead and wait to be closed. */
  private BrokerLink dead;

  /** Guarded by {@code signal}. */
  private boolean stopped;

  private int generation;

  /** The latest generation that is known to be dead. */
  private volatile int lastLost;

  ConnectionSupervisor(JmsProvider provider, Broker broker) {
    this.provider = provider;
    this.broker = broker;
  }

  void start(ConnectionListener listener) {
    Thread thread = new Thread(() -> run(listener), "longspan-jms-supervisor");
    thread.setDaemon(true);
    thread.start();
  }

  /** Returns the connection in force; throws {@code brokerUnavailable} while there is none. */
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

  private void run(ConnectionListener listener) {
    try {
      while (true) {
        if (!connect(listener)) {
          return;
        }
        BrokerLink lost = awaitLoss();
        if (lost == null) {
          return;
        }
        listener.brokerLost();
        lost.close();
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  /** Tries until there is a connection; returns false when the supervisor is stopped. */
  private boolean connect(ConnectionListener listener) throws InterruptedException {
    long delay = FIRST_DELAY;
    while (!isStopped()) {
      int next = ++generation;
      try {
        BrokerLink link =
            BrokerLink.open(next, provider, broker.user(), broker.password(), x -> lost(next, x));
        current.set(link);
        LOG.info(
            "broker connected provider={} url={} generation={}",
            broker.provider(),
            broker.url(),
            next);
        listener.brokerConnected();
        if (lastLost == next) {
          lost(next, new IllegalStateException("lost while it was opened"));
        }
        return true;
      } catch (Exception x) {
        LOG.warn(
            "broker not reached provider={} url={} retryInMillis={} error={}",
            broker.provider(),
            broker.url(),
            delay,
            String.valueOf(x.getMessage()));
      }
      synchronized (signal) {
        if (!stopped) {
          signal.wait(delay / 2 + ThreadLocalRandom.current().nextLong(delay / 2 + 1));
        }
      }
      delay = Math.min(LONGEST_DELAY, delay * 2);
    }
    return false;
  }

  /** Called on any thread, by the provider or by a lane. */
  private void lost(int lostGeneration, Exception cause) {
    lastLost = Math.max(lastLost, lostGeneration);
    BrokerLink link = current.get();
    if (link == null || link.generation() != lostGeneration || !current.compareAndSet(link, null)) {
      return;
    }
    LOG.warn(
        "broker connection lost generation={} error={}",
        lostGeneration,
        String.valueOf(cause.getMessage()));
    synchronized (signal) {
      dead = link;
      signal.notifyAll();
    }
  }

  private BrokerLink awaitLoss() throws InterruptedException {
    synchronized (signal) {
      while (dead == null && !stopped) {
        signal.wait();
      }
      BrokerLink lost = dead;
      dead = null;
      return stopped ? null : lost;
    }
  }

  private boolean isStopped() {
    synchronized (signal) {
      return stopped;
    }
  }

  /** Stops for good; waits for what was sent to be handed over, for a bounded time. */
  void close() {
    synchronized (signal) {
      stopped = true;
      signal.notifyAll();
    }
    BrokerLink link = current.get();
    if (link != null) {
      try {
        link.flushed().get(JmsProvider.CALL_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
      } catch (ExecutionException | TimeoutException x) {
        LOG.warn("not everything was sent before the connection was closed");
      } catch (InterruptedException x) {
        Thread.currentThread().interrupt();
      }
      if (current.compareAndSet(link, null)) {
        link.close();
      }
    }
  }
}
