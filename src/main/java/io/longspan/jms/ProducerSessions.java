package io.longspan.jms;

import io.longspan.bridge.MessageBroker.Outbound;
import io.longspan.bridge.MessageBroker.Source;
import io.longspan.concurrent.InternalErrors;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The producer sessions of one connection, and the thread that watches them.
 *
 * <p>The watch fails overdue messages and interrupts the sessions that they occupy. It never
 * blocks. While slow destinations occupy sessions, a second thread opens spare ones, which stay
 * until the connection is closed.
 */
final class ProducerSessions {
  /** Maximum number of spare sessions. */
  static final int MAX_SPARE_SESSIONS = 12;

  private static final Logger LOG = LoggerFactory.getLogger(ProducerSessions.class);

  /** The interval between two checks, in milliseconds. */
  private static final long WATCH_PERIOD = 100;

  private final Connection connection;
  private final JmsProvider provider;
  private final MessageCodec codec;
  private final Consumer<Exception> onFault;
  private final SendQueue queue;
  private final List<ProducerSession> sessions = new CopyOnWriteArrayList<>();
  private final Thread watch = new Thread(this::watch, "longspan-sender-watch");
  private final Thread opener = new Thread(this::openSpares, "longspan-sender-opener");
  private final Semaphore lacking = new Semaphore(0);

  /** 0 unless sends block: otherwise sessions stay free however slow the broker is. */
  private final int maxSpares;

  private volatile int wanted;
  private volatile boolean closed;

  /**
   * Creates a pool without sessions; {@link #open} opens them.
   *
   * @param runningTime a clock in nanoseconds that excludes pauses of this process
   * @param onFault is called when the connection is lost; on any thread, possibly several times
   */
  ProducerSessions(
      Connection connection,
      JmsProvider provider,
      MessageCodec codec,
      LongSupplier runningTime,
      Consumer<Exception> onFault) {
    this.connection = connection;
    this.provider = provider;
    this.codec = codec;
    this.onFault = onFault;
    this.queue = new SendQueue(provider.sendWindows(), runningTime);
    this.maxSpares = provider.sendWindows() == SendQueue.Windows.BLOCKING ? MAX_SPARE_SESSIONS : 0;
    watch.setDaemon(true);
    opener.setDaemon(true);
  }

  /**
   * Opens the sessions and starts the threads. Blocks as long as the provider does.
   *
   * @throws JMSException if the provider opens no session
   */
  void open() throws JMSException {
    while (sessions.size() < provider.producerSessions()) {
      addSession();
    }
    watch.start();
    if (maxSpares > 0) {
      opener.start();
    }
  }

  private void addSession() throws JMSException {
    ProducerSession session =
        new ProducerSession(connection, provider, codec, queue, sessions.size(), this::onFault);
    sessions.add(session);
    session.start();
  }

  private void onFault(Exception cause) {
    if (!closed) {
      onFault.accept(cause);
    }
  }

  /** Queues a message; see {@link SendQueue#offer}. Never blocks. */
  CompletionStage<String> send(Outbound message, Source source) {
    return queue.offer(message, source, destination(message.target()));
  }

  private static Object destination(Outbound.Target target) {
    if (target instanceof Outbound.Back back) {
      return ((MessageCodec.JmsReplyAddress) back.address()).destination().toString();
    }
    return ((Outbound.To) target).destination();
  }

  private void watch() {
    try {
      while (!closed) {
        Thread.sleep(WATCH_PERIOD);
        InternalErrors.guard("the watch of the producer sessions", this::look);
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  private void look() {
    SendQueue.Tick tick = queue.tick();
    for (SendQueue.Item overdue : tick.overdue()) {
      sessions.forEach(session -> session.interrupt(overdue));
    }
    wanted = provider.producerSessions() + Math.min(tick.slow(), maxSpares);
    if (sessions.size() < wanted) {
      lacking.release();
    }
  }

  private void openSpares() {
    try {
      while (!closed) {
        lacking.acquire();
        lacking.drainPermits();
        InternalErrors.guard("the opening of spare producer sessions", this::openLacking);
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  /** Blocks as long as the provider does. */
  private void openLacking() {
    try {
      while (sessions.size() < wanted && !closed) {
        addSession();
      }
    } catch (JMSException | RuntimeException x) {
      if (!closed) {
        LOG.warn(
            "spare producer session not opened, messages may wait longer error={}",
            String.valueOf(x.getMessage()));
      }
    }
  }

  /** Returns a stage that completes when all messages that are queued now are settled. */
  CompletableFuture<Void> flushed() {
    return queue.flushed();
  }

  /**
   * Fails all queued and in-flight messages at once, and ends the sessions. Never blocks.
   * Idempotent.
   */
  void close() {
    closed = true;
    queue.close();
    watch.interrupt();
    opener.interrupt();
    sessions.forEach(ProducerSession::close);
  }

  /**
   * Waits for the end of each thread, at most {@link BrokerLink#END_PATIENCE}. The connection must
   * be closed.
   */
  void awaitEnd() {
    sessions.forEach(ProducerSession::awaitEnd);
    try {
      watch.join(BrokerLink.END_PATIENCE.toMillis());
      opener.join(BrokerLink.END_PATIENCE.toMillis());
    } catch (InterruptedException x) {
      Thread.currentThread().interrupt();
    }
  }
}
