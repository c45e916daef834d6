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
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lanes by which one connection sends, and the thread that watches them: it fails messages that
 * are over their deadline, frees the lanes that these hold, and opens further lanes in place of
 * those that slow destinations hold.
 */
final class SenderPool {
  /** How many lanes may be opened in place of held ones. */
  static final int MAX_SPARE_LANES = 12;

  private static final Logger LOG = LoggerFactory.getLogger(SenderPool.class);

  /** How often the lanes are looked at, in milliseconds. */
  private static final long WATCH_PERIOD = 100;

  private final Connection connection;
  private final JmsProvider provider;
  private final MessageCodec codec;
  private final Consumer<Exception> onFault;
  private final SendQueue queue;
  private final List<SenderLane> lanes = new CopyOnWriteArrayList<>();
  private final Thread watch = new Thread(this::watch, "longspan-sender-watch");
  private volatile boolean closed;

  /**
   * Creates a pool; {@link #open} opens its lanes.
   *
   * @param runningTime nanoseconds in which this process ran
   * @param onFault hears that the connection is dead, on any thread, possibly several times
   */
  SenderPool(
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
    watch.setDaemon(true);
  }

  /** Opens the lanes; blocks for as long as the provider does. */
  void open() throws JMSException {
    while (lanes.size() < provider.senderLanes()) {
      addLane();
    }
    watch.start();
  }

  private void addLane() throws JMSException {
    SenderLane lane =
        new SenderLane(connection, provider, codec, queue, lanes.size(), this::onFault);
    lanes.add(lane);
    lane.start();
  }

  private void onFault(Exception cause) {
    if (!closed) {
      onFault.accept(cause);
    }
  }

  /** As {@link SendQueue#offer}. */
  CompletionStage<Void> send(Outbound message, Source source) {
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
        InternalErrors.guard("the watch of the senders", this::look);
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  private void look() {
    SendQueue.Tick tick = queue.tick();
    for (SendQueue.Item overdue : tick.overdue()) {
      lanes.forEach(lane -> lane.interrupt(overdue));
    }
    replaceHeld(tick.slow());
  }

  /** Only where a send holds its lane: else lanes are free, however slow the broker is. */
  private void replaceHeld(int slow) {
    if (provider.sendWindows() != SendQueue.Windows.BLOCKING) {
      return;
    }
    int wanted = provider.senderLanes() + Math.min(slow, MAX_SPARE_LANES);
    try {
      while (lanes.size() < wanted && !closed) {
        addLane();
      }
    } catch (JMSException | RuntimeException x) {
      LOG.warn("no further sender lane was opened error={}", String.valueOf(x.getMessage()));
    }
  }

  /** Returns a stage that completes when all that waits for the broker now is settled. */
  CompletableFuture<Void> flushed() {
    return queue.flushed();
  }

  /**
   * Ends the lanes; what waits, and what is in flight, fails at once. Does not wait. Idempotent.
   */
  void close() {
    closed = true;
    queue.close();
    watch.interrupt();
    lanes.forEach(SenderLane::close);
  }

  /** Waits a moment for the end of the threads, once the connection is closed. */
  void awaitEnd() {
    lanes.forEach(SenderLane::awaitEnd);
    try {
      watch.join(BrokerLink.END_PATIENCE.toMillis());
    } catch (InterruptedException x) {
      Thread.currentThread().interrupt();
    }
  }
}
