package io.longspan.local.broker;

import io.longspan.bridge.MessageBroker.TopicConsumer;
import io.longspan.budget.Account;
import io.longspan.budget.Purpose;
import io.longspan.concurrent.DaemonThreads;
import io.longspan.concurrent.InternalErrors;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.BrokerMessage;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The local topics. One thread delivers every message, in the order in which they were published.
 * Messages that wait for it are bounded by number and by the memory of the process.
 *
 * <p>Called on any thread; never blocks, except {@link #close}.
 */
final class TopicBus implements AutoCloseable {
  /** The maximum number of messages that wait to be delivered. */
  static final int MAX_WAITING = 10_000;

  private static final Duration END_PATIENCE = Duration.ofSeconds(5);

  private final Account account;
  private final LocalCounts counts;
  private final TopicTree<Subscriber> subscribers = new TopicTree<>();
  private final DaemonThreads threads = new DaemonThreads("longspan-local-topics");
  private final ThreadPoolExecutor delivery =
      new ThreadPoolExecutor(
          1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(MAX_WAITING), threads);

  TopicBus(Account account, LocalCounts counts) {
    this.account = account;
    this.counts = counts;
  }

  private final class Subscriber implements TopicConsumer {
    private final String pattern;
    private final Consumer<BrokerMessage> listener;

    Subscriber(String pattern, Consumer<BrokerMessage> listener) {
      this.pattern = pattern;
      this.listener = listener;
    }

    @Override
    public CompletionStage<Void> close() {
      subscribers.remove(pattern, this);
      return CompletableFuture.completedFuture(null);
    }

    /** Never completes: nothing but the bridge ends it. */
    @Override
    public CompletionStage<Void> lost() {
      return new CompletableFuture<>();
    }
  }

  /**
   * Subscribes to a topic or pattern.
   *
   * @param listener receives the messages in order, on the delivery thread; must not block
   */
  TopicConsumer subscribe(String pattern, Consumer<BrokerMessage> listener) {
    Subscriber subscriber = new Subscriber(pattern, listener);
    subscribers.add(pattern, subscriber);
    return subscriber;
  }

  /**
   * Publishes a message to the topic that is its destination.
   *
   * @param bytes the estimated heap of the message
   * @throws BridgeException {@code limitExceeded} if too many messages wait, {@code
   *     brokerUnavailable} if the bridge stops
   */
  void publish(BrokerMessage message, long bytes) {
    if (!account.tryCharge(Purpose.SENDS, bytes)) {
      throw refused();
    }
    try {
      delivery.execute(
          () -> {
            account.release(Purpose.SENDS, bytes);
            deliver(message);
          });
    } catch (RejectedExecutionException full) {
      account.release(Purpose.SENDS, bytes);
      throw delivery.isShutdown() ? BridgeException.brokerUnavailable(full) : refused();
    }
  }

  private BridgeException refused() {
    counts.refusedPublication();
    return BridgeException.limitExceeded("too many messages to local topics wait to be delivered");
  }

  private void deliver(BrokerMessage message) {
    for (Subscriber subscriber : subscribers.find(message.destination())) {
      InternalErrors.guard(
          "the delivery of a message of a local topic", () -> subscriber.listener.accept(message));
    }
  }

  boolean isSubscribed(String topic) {
    return !subscribers.find(topic).isEmpty();
  }

  int waiting() {
    return delivery.getQueue().size();
  }

  /** Delivers what waits. Blocks until that is done, for a bounded time. */
  @Override
  public void close() {
    delivery.shutdown();
    threads.awaitEnd(END_PATIENCE);
  }
}
