package io.longspan.jms;

import io.longspan.bridge.MessageBroker;
import io.longspan.bridge.MessageBroker.TopicConsumer;
import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.concurrent.DaemonThreads;
import io.longspan.concurrent.InternalErrors;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.BrokerMessage;
import io.longspan.protocol.ErrorCode;
import jakarta.jms.Connection;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One JMS session whose consumers serve many clients. Its control thread opens and closes the
 * consumers, one at a time, in turn by user. So a user who opens or closes thousands of consumers
 * does not delay another user's single one.
 *
 * <p>Messages arrive on the session's delivery thread, large ones possibly on a thread of {@link
 * LargeMessageReaders}. The control thread uses the session at the same time; {@code
 * docs/decisions/0010} explains why.
 */
final class ConsumerSession {
  private static final Logger LOG = LoggerFactory.getLogger(ConsumerSession.class);

  /**
   * The name under which all closings share one turn, as if they were one user's. No user has this
   * name.
   */
  private static final String CLOSINGS = "\0closings";

  /** Maximum number of consumers that are closed in one turn. */
  private static final int CLOSINGS_IN_A_TURN = 16;

  private final Connection connection;
  private final Session session;
  private final JmsProvider provider;
  private final MessageCodec codec;
  private final String name;
  private final DaemonThreads threads;
  private final ScheduledExecutorService control;
  private final FairTasks tasks;
  private final ConsumerWatch watch;
  private final LargeMessageReaders readers;
  private final Queue<Runnable> closings = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean closingsSubmitted = new AtomicBoolean();
  private final PendingCalls pending = new PendingCalls();
  private final AtomicLong dropped = new AtomicLong();
  private volatile boolean mute;

  /**
   * Opens a session. Blocks until the broker has answered.
   *
   * @param readers read the large messages of all sessions of the connection
   * @param name the name in logs and thread names
   */
  ConsumerSession(
      Connection connection,
      MessageCodec codec,
      JmsProvider provider,
      LargeMessageReaders readers,
      String name)
      throws JMSException {
    this.connection = connection;
    this.session = connection.createSession(false, provider.topicAcknowledgeMode());
    this.provider = provider;
    this.codec = codec;
    this.readers = readers;
    this.name = name;
    this.threads = new DaemonThreads("longspan-consumer-" + name);
    this.control = new ScheduledThreadPoolExecutor(1, threads);
    this.tasks = new FairTasks(control);
    this.watch = new ConsumerWatch(connection, session, control);
  }

  /**
   * Opens a temporary topic or queue with its consumer. Never blocks.
   *
   * @param user the user in whose turn it is opened; empty for the bridge itself
   * @param listener is called for each message, one at a time, as {@link MessageReceiver} states;
   *     must not block
   * @return completes with the destination. Fails with a {@link BridgeException} if the broker
   *     rejects the destination or its consumer, or if the connection is lost
   */
  CompletionStage<JmsTemporaryDestination> openTemporary(
      Kind kind, String user, Consumer<BrokerMessage> listener) {
    return this.<JmsTemporaryDestination>call(
            user,
            () -> {
              JmsProvider.Temporary opened = provider.openTemporary(connection, session, kind);
              try {
                String name = MessageCodec.nameOf(opened.destination());
                return new JmsTemporaryDestination(
                    this,
                    opened.destination(),
                    listen(user, opened.consumer(), name, Optional.of(name), listener));
              } catch (JMSException | RuntimeException x) {
                JmsTemporaryDestination.deleteRejected(provider, connection, opened.destination());
                throw x;
              }
            })
        .stage();
  }

  /**
   * Opens a consumer. Never blocks.
   *
   * @param user the user in whose turn the consumer is opened; empty for the bridge itself
   * @param name the JMS name in the provider's syntax; may be a pattern of topics
   * @param listener is called for each message, one at a time, as {@link MessageReceiver} states;
   *     must not block
   */
  MessageBroker.Pending<TopicConsumer> consume(
      String user,
      Kind kind,
      String name,
      Optional<String> selector,
      Consumer<BrokerMessage> listener) {
    return call(
        user,
        () -> {
          Destination destination = provider.destination(session, kind, name);
          return listen(
              name,
              provider.createConsumer(connection, session, destination, selector.orElse(null)),
              MessageCodec.nameOf(destination),
              Optional.empty(),
              listener);
        });
  }

  private WatchedConsumer listen(
      String owner,
      MessageConsumer consumer,
      String name,
      Optional<String> temporaryName,
      Consumer<BrokerMessage> listener)
      throws JMSException {
    try {
      MessageReceiver.listen(
          consumer,
          new Receiver(temporaryName, listener),
          readers.of(owner),
          temporaryName.isPresent());
    } catch (JMSException | RuntimeException x) {
      consumer.close();
      throw x;
    }
    WatchedConsumer watched = new WatchedConsumer(this, consumer, name);
    watch.add(watched);
    return watched;
  }

  /**
   * Deletes a temporary destination whose consumer is closed. Blocks; may be called only on the
   * control thread.
   */
  void deleteTemporary(Destination temporary) throws JMSException {
    provider.deleteTemporary(connection, temporary);
  }

  /**
   * Closes a consumer and then runs an action on the control thread, for example to delete its
   * topic. Never blocks. Several consumers are closed in one turn.
   *
   * @return completes when both are done; fails if one of them fails, or if the connection is lost
   */
  CompletionStage<Void> close(WatchedConsumer consumer, Callable<Void> afterwards) {
    watch.remove(consumer);
    CompletableFuture<Void> result = pending.add(new CompletableFuture<>());
    closings.add(
        () ->
            finish(
                result,
                () -> {
                  try {
                    consumer.closeNow();
                  } finally {
                    afterwards.call();
                  }
                  return null;
                }));
    submitClosings();
    pending.failIfClosed();
    return result.whenComplete(
        (done, failure) -> {
          if (failure == null) {
            return;
          }
          if (BridgeException.from(failure).code() == ErrorCode.BROKER_UNAVAILABLE) {
            LOG.debug("consumer not closed, its connection is lost", failure);
          } else {
            LOG.warn("consumer not closed, it may remain until the connection ends", failure);
          }
        });
  }

  private void submitClosings() {
    if (closingsSubmitted.compareAndSet(false, true)) {
      try {
        tasks.submit(CLOSINGS, this::closeSome);
      } catch (RejectedExecutionException ended) {
        LOG.debug("consumers not closed, their connection is closed", ended);
      }
    }
  }

  private void closeSome() {
    Runnable closing;
    for (int i = 0; i < CLOSINGS_IN_A_TURN && (closing = closings.poll()) != null; i++) {
      closing.run();
    }
    closingsSubmitted.set(false);
    if (!closings.isEmpty()) {
      submitClosings();
    }
  }

  /** A call that the control thread makes in the turn of a user. */
  private record Call<T>(CompletableFuture<T> result, FairTasks.Task task)
      implements MessageBroker.Pending<T> {
    @Override
    public CompletionStage<T> stage() {
      return result;
    }

    @Override
    public void alsoFor(String user) {
      try {
        task.alsoFor(user);
      } catch (RejectedExecutionException ended) {
        LOG.debug("the call is cancelled, its session has ended", ended);
      }
    }

    @Override
    public void cancel() {
      if (task.cancel()) {
        result.completeExceptionally(
            new BridgeException(ErrorCode.NOT_CONNECTED, "the request was cancelled"));
      }
    }
  }

  private <T> MessageBroker.Pending<T> call(String user, Callable<T> work) {
    CompletableFuture<T> result = pending.add(new CompletableFuture<>());
    try {
      return new Call<>(result, tasks.submit(user, () -> finish(result, work)));
    } catch (RejectedExecutionException ended) {
      result.completeExceptionally(BridgeException.brokerUnavailable(ended));
      return MessageBroker.Pending.of(result);
    } finally {
      pending.failIfClosed();
    }
  }

  private static <T> void finish(CompletableFuture<T> result, Callable<T> work) {
    PendingCalls.finish(result, work, "the opening or closing of a consumer");
  }

  /**
   * Passes every message to the listener, also unreadable ones. An exception in decoding or in the
   * listener is reported; the next message follows.
   */
  private final class Receiver implements MessageReceiver {
    private final Optional<String> temporaryName;
    private final Consumer<BrokerMessage> listener;

    private Receiver(Optional<String> temporaryName, Consumer<BrokerMessage> listener) {
      this.temporaryName = temporaryName;
      this.listener = listener;
    }

    @Override
    public void received(Message message) {
      pass(() -> codec.decode(message, temporaryName));
    }

    @Override
    public void unreadable(Message message, Throwable cause) {
      pass(() -> codec.unreadable(message, temporaryName, cause));
    }

    @Override
    public void tooLarge(Message message) {
      pass(() -> codec.tooLarge(message, temporaryName));
    }

    @Override
    public long maxBytes() {
      return codec.maxBytes();
    }

    private void pass(Supplier<BrokerMessage> decoded) {
      if (mute) {
        LOG.debug("messages of a lost connection discarded: {}", dropped.incrementAndGet());
        return;
      }
      try {
        listener.accept(decoded.get());
      } catch (RuntimeException | Error x) {
        InternalErrors.report("the delivery of a message, session " + name, x);
      }
    }
  }

  /** Discards all messages that are delivered from now on, and stops the watch; never blocks. */
  void mute() {
    mute = true;
    watch.end();
  }

  /**
   * Ends the session. Messages are discarded, and all pending calls fail at once with {@code
   * brokerUnavailable}. Never blocks. Idempotent.
   */
  void close() {
    mute();
    // First, because the interrupt may end a call with an exception that looks like an error of
    // ours.
    pending.close();
    control.shutdownNow();
  }

  /**
   * Waits for the end of the control thread, at most {@link BrokerLink#END_PATIENCE}. The
   * connection must be closed. A container reports a thread that outlives the application as a
   * leak.
   */
  void awaitEnd() {
    threads.awaitEnd(BrokerLink.END_PATIENCE);
  }
}
