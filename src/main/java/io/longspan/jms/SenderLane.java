package io.longspan.jms;

import io.longspan.bridge.MessageBroker.Outbound;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.BrokerDestination;
import io.longspan.protocol.BrokerDestination.Kind;
import io.longspan.protocol.ErrorCode;
import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One JMS session with one producer, used by one thread: what is given to a lane reaches the broker
 * in that order. Bounded; lives as long as its connection.
 */
final class SenderLane {
  /** How many messages may wait for the broker. */
  static final int CAPACITY = 10_000;

  /**
   * How long the broker may take to answer. A silent one is found sooner, by the heartbeat, and the
   * message then fails with its connection, so that no answer to it can come.
   */
  private static final Duration PATIENCE = Heartbeat.LIMIT.plus(JmsProvider.CALL_TIMEOUT);

  /** How often messages are looked at that the broker has not answered. */
  private static final long CHECK_MILLIS = 500;

  private static final int CACHED_DESTINATIONS = 1_000;

  /** A message, or null for the mark that all before it was sent. Each is another one. */
  private static final class Item {
    private final Outbound message;
    private final CompletableFuture<Void> sent = new CompletableFuture<>();

    /** When it was given to the provider, in nanoseconds; written before it is under way. */
    private long since;

    Item(Outbound message) {
      this.message = message;
    }
  }

  private final LinkedBlockingQueue<Item> queue = new LinkedBlockingQueue<>(CAPACITY);
  private final JmsProvider provider;
  private final MessageCodec codec;
  private final Session session;
  private final MessageProducer producer;
  private final Consumer<Exception> onFault;
  private final Thread thread;
  private final Map<BrokerDestination, Destination> destinations =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<BrokerDestination, Destination> eldest) {
          return size() > CACHED_DESTINATIONS;
        }
      };

  private final Set<Item> underWay = ConcurrentHashMap.newKeySet();
  private final Semaphore window;
  private volatile boolean closed;

  /** Of the lane's thread. */
  private long lastCheck = System.nanoTime();

  /**
   * Opens a lane.
   *
   * @param provider whose connection it is
   * @param window how many messages may be on their way to the broker
   * @param onFault hears of a send that showed the connection to be dead
   */
  SenderLane(
      Connection connection,
      JmsProvider provider,
      MessageCodec codec,
      int number,
      int window,
      Consumer<Exception> onFault)
      throws JMSException {
    this.provider = provider;
    this.codec = codec;
    this.onFault = onFault;
    this.window = new Semaphore(window);
    this.session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
    this.producer = session.createProducer(null);
    this.thread = new Thread(this::run, "longspan-sender-" + number);
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * Queues a message; never blocks.
   *
   * @return completes when the broker has taken it, on any thread
   */
  CompletionStage<Void> send(Outbound message) {
    Item item = new Item(message);
    if (!queue.offer(item)) {
      item.sent.completeExceptionally(
          BridgeException.limitExceeded("too many messages wait for the broker"));
    }
    if (closed) {
      failWaiting();
    }
    return item.sent;
  }

  private void run() {
    try {
      while (!closed) {
        Item item = queue.poll(CHECK_MILLIS, TimeUnit.MILLISECONDS);
        failOverdue();
        if (item == null) {
          continue;
        }
        if (item.message == null) {
          markFlushed(item);
        } else {
          while (!window.tryAcquire(CHECK_MILLIS, TimeUnit.MILLISECONDS)) {
            failOverdue();
          }
          item.since = System.nanoTime();
          underWay.add(item);
          if (closed) {
            fail(item, null);
          } else {
            send(item);
          }
        }
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    } finally {
      failWaiting();
    }
  }

  /**
   * A broker whose queue is full answers when there is room again, and answers others meanwhile: so
   * the message fails and not the connection.
   */
  private void failOverdue() {
    long now = System.nanoTime();
    if (now - lastCheck < TimeUnit.MILLISECONDS.toNanos(CHECK_MILLIS)) {
      return;
    }
    lastCheck = now;
    for (Item item : underWay) {
      if (now - item.since > PATIENCE.toNanos() && isOver(item)) {
        item.sent.completeExceptionally(
            new BridgeException(
                ErrorCode.SEND_FAILED,
                "the broker has not taken the message in %d s; it may take it yet"
                    .formatted(PATIENCE.toSeconds())));
      }
    }
  }

  private void markFlushed(Item marker) {
    CompletableFuture.allOf(
            underWay.stream().map(item -> item.sent).toArray(CompletableFuture[]::new))
        .whenComplete((sent, failure) -> marker.sent.complete(null));
  }

  private void send(Item item) {
    try {
      Outbound outbound = item.message;
      Message message = codec.encode(session, outbound.body(), outbound.properties());
      var headers = outbound.headers();
      if (headers.correlationId().isPresent()) {
        message.setJMSCorrelationID(headers.correlationId().get());
      }
      if (headers.type().isPresent()) {
        message.setJMSType(headers.type().get());
      }
      if (outbound.replyTo().isPresent()) {
        message.setJMSReplyTo(((JmsReplyEndpoint) outbound.replyTo().get()).topic());
      }
      provider.send(
          producer,
          destination(outbound.target()),
          message,
          headers.persistent() ? DeliveryMode.PERSISTENT : DeliveryMode.NON_PERSISTENT,
          headers.priority(),
          headers.timeToLive(),
          new CompletionListener() {
            @Override
            public void onCompletion(Message taken) {
              if (isOver(item)) {
                item.sent.complete(null);
              }
            }

            @Override
            public void onException(Message refused, Exception reason) {
              failed(item, reason);
            }
          });
    } catch (JMSException | RuntimeException x) {
      failed(item, x);
    }
  }

  private void failed(Item item, Exception reason) {
    if (JmsErrors.isConnectionFault(reason)) {
      fail(item, reason);
      onFault.accept(reason);
    } else if (isOver(item)) {
      item.sent.completeExceptionally(
          new BridgeException(ErrorCode.SEND_FAILED, "the broker refused the message", reason));
    }
  }

  private void fail(Item item, Exception reason) {
    if (isOver(item)) {
      item.sent.completeExceptionally(BridgeException.brokerUnavailable(reason));
    }
  }

  /** Returns whether a message was under way, which it is no longer. */
  private boolean isOver(Item item) {
    boolean was = underWay.remove(item);
    if (was) {
      window.release();
    }
    return was;
  }

  private Destination destination(Outbound.Target target) throws JMSException {
    if (target instanceof Outbound.Back back) {
      return ((MessageCodec.JmsReplyAddress) back.address()).destination();
    }
    BrokerDestination wanted = ((Outbound.To) target).destination();
    Destination known = destinations.get(wanted);
    if (known == null) {
      known =
          wanted.kind() == Kind.QUEUE
              ? session.createQueue(wanted.name())
              : session.createTopic(wanted.name());
      destinations.put(wanted, known);
    }
    return known;
  }

  /** Returns a stage that completes when all that was queued before has been sent. */
  CompletableFuture<Void> flushed() {
    Item marker = new Item(null);
    if (!queue.offer(marker)) {
      marker.sent.complete(null);
    }
    if (closed) {
      failWaiting();
    }
    return marker.sent;
  }

  /** Ends the lane; what waits, and what is on its way, fails at once. Does not wait. */
  void close() {
    closed = true;
    thread.interrupt();
    underWay.forEach(item -> fail(item, null));
    failWaiting();
  }

  /** Waits a moment for the end of the lane's thread, once its connection is closed. */
  void awaitEnd() {
    try {
      thread.join(BrokerLink.END_PATIENCE.toMillis());
    } catch (InterruptedException x) {
      Thread.currentThread().interrupt();
    }
  }

  private void failWaiting() {
    Item item;
    while ((item = queue.poll()) != null) {
      item.sent.completeExceptionally(BridgeException.brokerUnavailable(null));
    }
  }
}
