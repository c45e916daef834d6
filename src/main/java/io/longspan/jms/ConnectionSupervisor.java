package io.longspan.jms;

import io.longspan.bridge.MessageBroker.ConnectionListener;
import io.longspan.config.LongspanConfig.Broker;
import io.longspan.config.Secrets;
import io.longspan.protocol.BridgeException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Owns the connection and its generation: one thread connects, hears that it is lost or misses its
 * heartbeat, backs off and connects again. A late event of an older generation changes nothing.
 */
final class ConnectionSupervisor {
  private static final Logger LOG = LoggerFactory.getLogger(ConnectionSupervisor.class);
  private static final long FIRST_DELAY = 200;
  private static final long LONGEST_DELAY = 10_000;

  /** How long the end waits for each thread that a silent broker may hold. */
  private static final Duration END_PATIENCE = JmsProvider.CALL_TIMEOUT.multipliedBy(2);

  private final JmsProvider provider;
  private final Broker broker;
  private final MessageCodec codec;
  private final AtomicReference<BrokerLink> current = new AtomicReference<>();
  private final LinkCloser closer = new LinkCloser();
  private final Object signal = new Object();

  /** Guarded by {@code signal}: a link that is dead and waits to be closed. */
  private BrokerLink dead;

  /** Guarded by {@code signal}. */
  private boolean stopped;

  /** Null until the supervisor is started. */
  private volatile Thread thread;

  private int generation;

  /** The latest generation that is known to be dead. */
  private volatile int lastLost;

  ConnectionSupervisor(JmsProvider provider, Broker broker, MessageCodec codec) {
    this.provider = provider;
    this.broker = broker;
    this.codec = codec;
  }

  void start(ConnectionListener listener) {
    Thread supervisor = new Thread(() -> run(listener), "longspan-jms-supervisor");
    supervisor.setDaemon(true);
    thread = supervisor;
    supervisor.start();
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

  /**
   * Returns how far the broker's clock is ahead, in milliseconds; 0 where it is not known to be.
   */
  long clockOffset() {
    BrokerLink link = current.get();
    return link == null ? 0 : link.clockOffset();
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
        closer.close(lost);
        listener.brokerLost();
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
            BrokerLink.open(
                next,
                provider,
                codec,
                broker.user(),
                broker.password(),
                x -> lost(next, x),
                closer);
        if (isStopped()) {
          link.close();
          return false;
        }
        current.set(link);
        LOG.info(
            "broker connected provider={} url={} generation={}",
            broker.provider(),
            Secrets.masked(broker.url()),
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
            Secrets.masked(broker.url()),
            delay,
            JmsErrors.text(x));
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
        "broker connection lost generation={} error={}", lostGeneration, JmsErrors.text(cause));
    link.mute();
    synchronized (signal) {
      dead = link;
      signal.notifyAll();
    }
  }

  /** Waits until the connection is lost, and returns it; null when the supervisor is stopped. */
  private BrokerLink awaitLoss() throws InterruptedException {
    while (true) {
      BrokerLink link = current.get();
      long left = link == null ? Long.MAX_VALUE : link.millisLeft();
      if (left == 0) {
        lost(
            link.generation(),
            new IOException("no heartbeat came back in " + Heartbeat.LIMIT.toSeconds() + " s"));
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
        signal.wait(Math.max(1, Math.min(left, Heartbeat.LIMIT.toMillis())));
      }
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
      LOG.warn("not everything was sent before the connection was closed");
    } catch (InterruptedException x) {
      Thread.currentThread().interrupt();
    }
  }

  /** Breaks an attempt to connect off, and waits for the end of the thread. */
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
