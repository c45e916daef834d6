package io.longspan.jms;

import io.longspan.catalogue.BrokerDestination;
import io.longspan.concurrent.DaemonThreads;
import io.longspan.protocol.BridgeException;
import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.Destination;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Sends copies of rejected messages to dead letter queues, on a thread and a session of its own: a
 * full dead letter queue must not delay other settlements. The session is opened with the first
 * message. May be used on any thread.
 */
final class DeadLetters {
  private static final int MAX_WAITING = 1000;
  private static final long IDLE_SECONDS = 10;

  private final Connection connection;
  private final JmsProvider provider;
  private final DaemonThreads threads = new DaemonThreads("longspan-dead-letters");
  private final ThreadPoolExecutor executor;
  private final Set<CompletableFuture<?>> unfinished = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /** Null until the first message. Owned by the thread. */
  private Session session;

  DeadLetters(Connection connection, JmsProvider provider) {
    this.connection = connection;
    this.provider = provider;
    this.executor =
        new ThreadPoolExecutor(
            1, 1, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(MAX_WAITING), threads);
    executor.allowCoreThreadTimeOut(true);
  }

  /**
   * Sends a copy of a message. Never blocks.
   *
   * @param properties are added to the copy
   * @return completes when the broker has accepted the copy. Fails with a {@code BridgeException}:
   *     {@code limitExceeded} if too many messages wait, or as a send does
   */
  CompletableFuture<Void> send(
      Message message, BrokerDestination queue, Map<String, Object> properties) {
    CompletableFuture<Void> result = new CompletableFuture<>();
    unfinished.add(result);
    result.whenComplete((done, failure) -> unfinished.remove(result));
    try {
      executor.execute(() -> sendNow(message, queue, properties, result));
    } catch (RejectedExecutionException full) {
      result.completeExceptionally(
          closed
              ? BridgeException.brokerUnavailable(full)
              : BridgeException.limitExceeded("too many messages wait for dead letter queues"));
    }
    if (closed) {
      failUnfinished();
    }
    return result;
  }

  private void sendNow(
      Message message,
      BrokerDestination queue,
      Map<String, Object> properties,
      CompletableFuture<Void> result) {
    try {
      if (session == null) {
        session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
      }
      Message copy = MessageCopy.copy(session, message);
      if (message.getJMSReplyTo() != null) {
        copy.setJMSReplyTo(message.getJMSReplyTo());
      }
      for (Map.Entry<String, Object> property : properties.entrySet()) {
        copy.setObjectProperty(property.getKey(), property.getValue());
      }
      Destination destination = provider.queue(session, queue.name());
      MessageProducer producer =
          session.createProducer(provider.producerPerDestination() ? destination : null);
      provider.send(
          producer,
          destination,
          copy,
          message.getJMSDeliveryMode(),
          message.getJMSPriority(),
          Message.DEFAULT_TIME_TO_LIVE,
          new CompletionListener() {
            @Override
            public void onCompletion(Message sent) {
              result.complete(null);
            }

            @Override
            public void onException(Message sent, Exception failure) {
              result.completeExceptionally(JmsErrors.notSent(failure));
            }
          });
      result
          .handle((done, failure) -> null)
          .get(JmsProvider.CALL_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
      producer.close();
    } catch (InterruptedException x) {
      Thread.currentThread().interrupt();
      result.completeExceptionally(BridgeException.brokerUnavailable(x));
    } catch (Exception | Error x) {
      result.completeExceptionally(JmsErrors.notSent(x));
    }
  }

  /** Fails all messages that wait. Never blocks. Idempotent. */
  void close() {
    closed = true;
    failUnfinished();
    executor.shutdownNow();
  }

  private void failUnfinished() {
    for (CompletableFuture<?> result : unfinished) {
      result.completeExceptionally(BridgeException.brokerUnavailable(null));
      unfinished.remove(result);
    }
  }

  void awaitEnd(Duration patience) {
    threads.awaitEnd(patience);
  }
}
