package io.longspan.jms;

import io.longspan.concurrent.DaemonThreads;
import io.longspan.concurrent.InternalErrors;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks whether the broker still accepts and delivers messages. One thread sends a message to a
 * destination of its own and waits until it comes back. If none comes back, a second thread makes a
 * call that the broker answers even without free memory, see {@link JmsProvider#ask}. So the
 * heartbeat can distinguish a broker that accepts no messages from a broker that does not answer at
 * all.
 *
 * <p>The provider may block each of the two threads. All other methods return at once, except
 * {@link #awaitEnd}.
 */
final class Heartbeat {
  /** The interval between two heartbeats. */
  static final Duration PERIOD = Duration.ofSeconds(2);

  /** A connection without any sign of life for this time counts as lost. */
  static final Duration LIMIT = Duration.ofSeconds(10);

  private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);

  private final HeartbeatDestination heartbeats;
  private final Session session;
  private final MessageProducer producer;
  private final MessageConsumer consumer;
  private final Session asking;
  private final JmsProvider provider;
  private final LongSupplier runningTime;
  private final Consumer<Exception> onFault;
  private final DaemonThreads threads;
  private final BrokerClock clock = new BrokerClock(System::currentTimeMillis);
  private final Semaphore askedToBeat = new Semaphore(0);

  /** Completes with the first heartbeat that is sent from now on. */
  private final AtomicReference<CompletableFuture<Void>> nextBeat =
      new AtomicReference<>(new CompletableFuture<>());

  private volatile Thread[] running = {};
  private volatile long lastBeat;
  private volatile long lastAnswer;
  private volatile boolean closed;

  /**
   * Opens the sessions and the destination. {@link #start} begins to send heartbeats.
   *
   * @param heartbeats the destination of the heartbeats
   * @param runningTime a clock in nanoseconds that excludes pauses of this process
   * @param onFault is called when the broker has deleted the destination. It may have deleted those
   *     of clients as well, and does not say so
   * @throws JMSException if the broker rejects one of them
   */
  Heartbeat(
      Connection connection,
      JmsProvider provider,
      HeartbeatDestination heartbeats,
      int generation,
      LongSupplier runningTime,
      Consumer<Exception> onFault)
      throws JMSException {
    this.provider = provider;
    this.heartbeats = heartbeats;
    this.runningTime = runningTime;
    this.onFault = onFault;
    session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
    Destination own = heartbeats.create(session);
    consumer = session.createConsumer(own);
    producer = session.createProducer(own);
    // No time to live: the clocks of the broker and the bridge may differ. Only few heartbeats can
    // queue.
    producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
    asking = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
    threads = new DaemonThreads("longspan-heartbeat-" + generation);
  }

  /** Begins to send heartbeats. The connection must be started. */
  void start() {
    lastBeat = runningTime.getAsLong();
    lastAnswer = lastBeat;
    ThreadFactory factory = threads;
    running = new Thread[] {factory.newThread(this::beat), factory.newThread(this::ask)};
    for (Thread thread : running) {
      thread.start();
    }
  }

  /**
   * Returns the milliseconds until the connection counts as lost if the broker stays silent; 0 if
   * it counts as lost already.
   */
  long millisLeft() {
    return Math.max(0, LIMIT.toMillis() - millisSince(Math.max(lastBeat, lastAnswer)));
  }

  /**
   * Returns whether heartbeats come back in time. A connection can be open although they do not.
   */
  boolean isBeating() {
    return millisSince(lastBeat) < LIMIT.toMillis();
  }

  private long millisSince(long then) {
    return TimeUnit.NANOSECONDS.toMillis(runningTime.getAsLong() - then);
  }

  /**
   * Sends a heartbeat without waiting for the end of the period. Callers share one if they come
   * before it is sent.
   *
   * @return completes on the heartbeat's thread when a heartbeat has come back; fails if none comes
   *     back within {@link #PERIOD}, or if the connection is closed
   */
  CompletableFuture<Void> roundTrip() {
    CompletableFuture<Void> next = nextBeat.get();
    if (closed) {
      next.cancel(false);
    }
    askedToBeat.release();
    return next.copy();
  }

  private void beat() {
    everyPeriod(
        askedToBeat,
        () -> {
          CompletableFuture<Void> thisBeat = nextBeat.getAndSet(new CompletableFuture<>());
          try {
            clock.send(session, producer);
            // A late answer to an earlier heartbeat counts too.
            boolean complete = false;
            Message back = consumer.receive(PERIOD.toMillis());
            while (back != null) {
              lastBeat = runningTime.getAsLong();
              complete = clock.read(back);
              back = complete ? null : consumer.receive(PERIOD.toMillis());
            }
            if (complete) {
              thisBeat.complete(null);
            }
          } finally {
            thisBeat.cancel(false);
          }
        });
  }

  private void ask() {
    everyPeriod(
        new Semaphore(0),
        () -> {
          if (millisSince(lastBeat) > 2 * PERIOD.toMillis()) {
            provider.ask(asking, heartbeats);
            lastAnswer = runningTime.getAsLong();
          }
        });
  }

  /** A call that may fail, or that the provider may block. */
  private interface Call {
    void run() throws JMSException;
  }

  /** Calls again after each period, or earlier if there is a permit. */
  private void everyPeriod(Semaphore earlier, Call call) {
    try {
      while (!closed) {
        long next = System.nanoTime() + PERIOD.toNanos();
        try {
          call.run();
        } catch (JMSException | RuntimeException x) {
          if (!closed) {
            failed(x);
          }
        } catch (Error x) {
          InternalErrors.report("a heartbeat", x);
        }
        if (earlier.tryAcquire(next - System.nanoTime(), TimeUnit.NANOSECONDS)) {
          earlier.drainPermits();
        }
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  private void failed(Exception failure) {
    if (JmsErrors.isUnknownDestination(failure)) {
      onFault.accept(
          new IOException("the broker has deleted the destination of the heartbeats", failure));
    } else {
      LOG.warn("heartbeat failed error={}", JmsErrors.text(failure));
    }
  }

  /** Returns how far the broker's clock is ahead, in milliseconds; never blocks. */
  long clockOffset() {
    return clock.offset();
  }

  /** Stops both threads; does not wait for them. */
  void close() {
    closed = true;
    nextBeat.get().cancel(false);
    for (Thread thread : running) {
      thread.interrupt();
    }
  }

  /**
   * Waits for the end of both threads, at most {@link BrokerLink#END_PATIENCE}. The connection must
   * be closed.
   */
  void awaitEnd() {
    threads.awaitEnd(BrokerLink.END_PATIENCE);
  }
}
