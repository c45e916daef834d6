package io.longspan.jms;

import io.longspan.bridge.MessageBroker.TopicConsumer;
import io.longspan.concurrent.DaemonThreads;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.BrokerMessage;
import io.longspan.protocol.ErrorCode;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.TemporaryTopic;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One JMS session whose consumers many clients share. Consumers are opened and closed by the lane's
 * own thread, one at a time; messages come on the session's delivery thread.
 */
final class ConsumerLane {
  private static final Logger LOG = LoggerFactory.getLogger(ConsumerLane.class);

  private final Session session;
  private final MessageCodec codec;
  private final DaemonThreads threads;
  private final ExecutorService control;
  private final Set<CompletableFuture<?>> unfinished = ConcurrentHashMap.newKeySet();
  private final AtomicLong dropped = new AtomicLong();
  private volatile boolean mute;
  private volatile boolean closed;

  ConsumerLane(Connection connection, MessageCodec codec, int acknowledgeMode, String name)
      throws JMSException {
    this.session = connection.createSession(false, acknowledgeMode);
    this.codec = codec;
    this.threads = new DaemonThreads("longspan-consumer-" + name);
    this.control =
        new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), threads);
  }

  /** Opens a temporary topic with its consumer. */
  CompletionStage<JmsReplyEndpoint> openReplyEndpoint(Consumer<BrokerMessage> listener) {
    return call(
        () -> {
          TemporaryTopic topic = session.createTemporaryTopic();
          MessageConsumer consumer = session.createConsumer(topic);
          Optional<String> name = Optional.of(topic.getTopicName());
          consumer.setMessageListener(message -> receive(message, name, listener));
          return new JmsReplyEndpoint(this, topic, consumer);
        });
  }

  /**
   * Subscribes to a topic.
   *
   * @param name the JMS name, in the provider's syntax
   */
  CompletionStage<TopicConsumer> subscribe(
      String name, Optional<String> selector, Consumer<BrokerMessage> listener) {
    return call(
        () -> {
          MessageConsumer consumer =
              session.createConsumer(session.createTopic(name), selector.orElse(null));
          consumer.setMessageListener(message -> receive(message, Optional.empty(), listener));
          return () -> close(consumer, () -> null);
        });
  }

  /** Closes a consumer, and then what it consumed from. */
  CompletionStage<Void> close(MessageConsumer consumer, Callable<Void> afterwards) {
    return this.<Void>call(
            () -> {
              consumer.close();
              return afterwards.call();
            })
        .whenComplete(
            (closed, failure) -> {
              if (failure == null) {
                return;
              }
              if (BridgeException.from(failure).code() == ErrorCode.BROKER_UNAVAILABLE) {
                LOG.debug("a consumer has gone with its connection", failure);
              } else {
                LOG.warn("a consumer could not be closed", failure);
              }
            });
  }

  private <T> CompletionStage<T> call(Callable<T> work) {
    CompletableFuture<T> result = new CompletableFuture<>();
    unfinished.add(result);
    try {
      control.execute(
          () -> {
            try {
              result.complete(work.call());
            } catch (Exception x) {
              result.completeExceptionally(JmsErrors.translate(x));
            } finally {
              unfinished.remove(result);
            }
          });
    } catch (RejectedExecutionException ended) {
      result.completeExceptionally(BridgeException.brokerUnavailable(ended));
    }
    if (closed) {
      failUnfinished();
    }
    return result;
  }

  /** Runs on the session's delivery thread; whatever is wrong with one message ends with it. */
  private void receive(
      Message message, Optional<String> temporaryName, Consumer<BrokerMessage> listener) {
    if (mute) {
      LOG.debug("messages dropped of a lost connection: {}", dropped.incrementAndGet());
      return;
    }
    try {
      listener.accept(codec.decode(message, temporaryName));
    } catch (JMSException | RuntimeException x) {
      LOG.error("a message could not be delivered", x);
    }
  }

  /** From now on messages reach nobody. */
  void mute() {
    mute = true;
  }

  /**
   * Ends the lane: messages reach nobody, and what waits to be opened or closed, or is on its way,
   * fails at once as if the broker were gone. Does not wait.
   */
  void close() {
    mute = true;
    closed = true;
    control.shutdownNow();
    failUnfinished();
  }

  private void failUnfinished() {
    for (CompletableFuture<?> result : unfinished) {
      result.completeExceptionally(BridgeException.brokerUnavailable(null));
      unfinished.remove(result);
    }
  }

  /**
   * Waits a moment for the end of the lane's thread, once its connection is closed: a container
   * takes a thread that outlives the application for a leak.
   */
  void awaitEnd() {
    threads.awaitEnd(BrokerLink.END_PATIENCE);
  }
}
