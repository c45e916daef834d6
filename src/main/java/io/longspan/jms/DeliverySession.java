package io.longspan.jms;

import io.longspan.catalogue.DurableSubscription;
import io.longspan.concurrent.DaemonThreads;
import io.longspan.concurrent.InternalErrors;
import io.longspan.deliveries.Delivery;
import io.longspan.deliveries.DeliveryConsumer;
import io.longspan.deliveries.DeliverySource;
import io.longspan.protocol.BridgeException;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Consumers whose messages are settled one by one, for many clients ({@code docs/decisions/0064}).
 * Its control thread makes all calls to the broker: it opens and closes consumers in turn by user,
 * and settles messages in the order of the settlements. The JMS session is opened with the first
 * consumer.
 *
 * <p>Messages arrive on threads of the provider, which never wait.
 */
final class DeliverySession {
  private static final Logger LOG = LoggerFactory.getLogger(DeliverySession.class);

  /** Maximum number of settlements that the broker confirms together. */
  private static final int SETTLEMENTS_IN_A_TURN = 64;

  private static final String SETTLEMENTS = "\0settlements";

  private static final long WATCH_PERIOD = 1000;

  private final Connection connection;
  private final JmsProvider provider;
  private final OneByOne oneByOne;
  private final MessageCodec codec;
  private final LargeMessageReaders readers;
  private final DeadLetters deadLetters;
  private final AtomicInteger slotsOfLink;
  private final DaemonThreads threads;
  private final ScheduledExecutorService control;
  private final FairTasks tasks;
  private final Set<QueueConsumer> consumers = ConcurrentHashMap.newKeySet();
  private final Queue<JmsDelivery.Settling> settlings = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean settlingsSubmitted = new AtomicBoolean();
  private final PendingCalls pending = new PendingCalls();
  private volatile boolean mute;

  /** Null until the first consumer is opened. Owned by the control thread. */
  private Session session;

  /** Whether the consumers are watched. Owned by the control thread. */
  private boolean watched;

  /**
   * Creates a session without an effect on the broker.
   *
   * @param slotsOfLink counts the consumers of all sessions of the connection
   * @param name the name in logs and thread names
   */
  DeliverySession(
      Connection connection,
      MessageCodec codec,
      JmsProvider provider,
      OneByOne oneByOne,
      LargeMessageReaders readers,
      DeadLetters deadLetters,
      AtomicInteger slotsOfLink,
      String name) {
    this.connection = connection;
    this.provider = provider;
    this.oneByOne = oneByOne;
    this.codec = codec;
    this.readers = readers;
    this.deadLetters = deadLetters;
    this.slotsOfLink = slotsOfLink;
    this.threads = new DaemonThreads("longspan-deliveries-" + name);
    this.control = new ScheduledThreadPoolExecutor(1, threads);
    this.tasks = new FairTasks(control);
  }

  /**
   * Opens a consumer. Never blocks.
   *
   * @param listener is called for each message, on a thread of the provider, possibly for several
   *     messages at a time; must not block
   * @return fails with a {@code BridgeException} if the broker rejects the consumer, or if the
   *     connection is lost
   */
  CompletionStage<DeliveryConsumer> consume(DeliverySource source, Consumer<Delivery> listener) {
    return call(
        source.user(),
        () -> {
          if (!watched) {
            watched = true;
            control.scheduleWithFixedDelay(
                () -> InternalErrors.guard("the watch of queue consumers", this::look),
                WATCH_PERIOD,
                WATCH_PERIOD,
                TimeUnit.MILLISECONDS);
          }
          requireSession();
          QueueConsumer consumer = new QueueConsumer(this, source, listener);
          consumer.openFirst();
          consumers.add(consumer);
          return consumer;
        });
  }

  /**
   * Deletes a durable subscription with its messages, if it exists. Never blocks.
   *
   * @param user the user in whose turn it is deleted
   * @return fails with a {@code BridgeException}: {@code IN_USE} if it has a consumer, or as {@link
   *     #consume}
   */
  CompletionStage<Void> delete(String user, DurableSubscription subscription) {
    return call(
        user,
        () -> {
          requireSession();
          oneByOne.delete(
              connection,
              session,
              new OneByOne.Origin(
                  provider.topic(session, subscription.topic().name()),
                  Optional.of(subscription.name()),
                  null));
          return null;
        });
  }

  private void requireSession() throws JMSException {
    if (session == null) {
      session = oneByOne.open(connection);
    }
  }

  /** Opens a consumer of the provider. Blocks; may be called only on the control thread. */
  OneMessageConsumer open(DeliverySource source, MessageReceiver receiver) throws JMSException {
    slotsOfLink.incrementAndGet();
    try {
      return oneByOne.consume(
          connection,
          session,
          new OneByOne.Origin(
              provider.destination(
                  session, source.destination().kind(), source.destination().name()),
              source.durable(),
              source.selector().orElse(null)),
          receiver,
          readers.of(source.user()));
    } catch (JMSException | RuntimeException | Error x) {
      slotsOfLink.decrementAndGet();
      throw x;
    }
  }

  /** Counts that a consumer of the provider is closed. */
  void closedOne() {
    slotsOfLink.decrementAndGet();
  }

  /** Returns whether the connection may have a further consumer beyond the first of a client. */
  boolean hasRoomForMore() {
    return slotsOfLink.get() < JmsProvider.MAX_ADDITIONAL_SLOTS;
  }

  MessageCodec codec() {
    return codec;
  }

  DeadLetters deadLetters() {
    return deadLetters;
  }

  /** Returns whether messages that arrive are discarded, because the connection is lost. */
  boolean isMute() {
    return mute;
  }

  /** Waits until the broker has processed all settlements so far. Control thread only. */
  void confirm() throws JMSException {
    oneByOne.confirm(connection, session);
  }

  /** Forgets a consumer that is being closed. */
  void forget(QueueConsumer consumer) {
    consumers.remove(consumer);
  }

  /** Runs a call on the control thread, in the turn of a user; never blocks. */
  <T> CompletableFuture<T> call(String user, Callable<T> work) {
    CompletableFuture<T> result = pending.add(new CompletableFuture<>());
    try {
      tasks.submit(user, () -> PendingCalls.finish(result, work, "a call of a consumer of queues"));
    } catch (RejectedExecutionException ended) {
      result.completeExceptionally(BridgeException.brokerUnavailable(ended));
    }
    pending.failIfClosed();
    return result;
  }

  /**
   * Returns a stage that completes on the control thread after a delay, or fails when the session
   * ends.
   */
  CompletableFuture<Void> after(long millis) {
    CompletableFuture<Void> due = pending.add(new CompletableFuture<>());
    try {
      control.schedule(() -> due.complete(null), millis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException ended) {
      due.completeExceptionally(BridgeException.brokerUnavailable(ended));
    }
    pending.failIfClosed();
    return due;
  }

  /** Adds a settlement; never blocks. */
  void settle(JmsDelivery.Settling settling) {
    pending.add(settling.result());
    settlings.add(settling);
    submitSettlings();
    pending.failIfClosed();
  }

  private void submitSettlings() {
    if (settlingsSubmitted.compareAndSet(false, true)) {
      try {
        tasks.submit(SETTLEMENTS, this::settleSome);
      } catch (RejectedExecutionException ended) {
        LOG.debug("messages not settled, their connection is closed", ended);
      }
    }
  }

  private void settleSome() {
    List<JmsDelivery.Settling> done = new ArrayList<>();
    JmsDelivery.Settling next;
    for (int i = 0; i < SETTLEMENTS_IN_A_TURN && (next = settlings.poll()) != null; i++) {
      try {
        next.perform();
        done.add(next);
      } catch (JMSException | RuntimeException | Error x) {
        next.failed(x);
      }
    }
    confirm(done);
    settlingsSubmitted.set(false);
    if (!settlings.isEmpty()) {
      submitSettlings();
    }
  }

  private void confirm(List<JmsDelivery.Settling> done) {
    if (done.isEmpty()) {
      return;
    }
    try {
      confirm();
      done.forEach(JmsDelivery.Settling::confirmed);
    } catch (JMSException | RuntimeException | Error x) {
      done.forEach(settling -> settling.failed(x));
    }
  }

  private void look() {
    for (QueueConsumer consumer : consumers) {
      if (!mute && consumer.hasEnded()) {
        consumer.ended();
      }
    }
  }

  /** Discards all messages that are delivered from now on; never blocks. */
  void mute() {
    mute = true;
  }

  /**
   * Ends the session: all pending calls and settlements fail with {@code brokerUnavailable}. Never
   * blocks. Idempotent.
   */
  void close() {
    mute();
    pending.close();
    control.shutdownNow();
  }

  /** Waits for the end of the control thread, at most {@link BrokerLink#END_PATIENCE}. */
  void awaitEnd() {
    threads.awaitEnd(BrokerLink.END_PATIENCE);
  }
}
