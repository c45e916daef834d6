package io.longspan.jms;

import io.longspan.bridge.MessageBroker.TopicConsumer;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A consumer that its session checks regularly, because the broker may end it.
 *
 * <p>Brokers do not notify a JMS client of this, but the client libraries know it. Artemis closes
 * the consumer when the broker disconnects it. ActiveMQ closes it on a command of the broker. Qpid
 * closes it when the link is detached.
 */
final class WatchedConsumer implements TopicConsumer {
  private static final Logger LOG = LoggerFactory.getLogger(WatchedConsumer.class);

  private final ConsumerSession session;
  private final MessageConsumer consumer;
  private final String destination;
  private final CompletableFuture<Void> lost = new CompletableFuture<>();

  /**
   * Creates a consumer that is not yet watched.
   *
   * @param destination the name of its topic, for the log
   */
  WatchedConsumer(ConsumerSession session, MessageConsumer consumer, String destination) {
    this.session = session;
    this.consumer = consumer;
    this.destination = destination;
  }

  /**
   * Returns whether the provider has closed the consumer. The call only reads a flag of the
   * provider, so it never blocks.
   */
  boolean hasEnded() {
    return hasEnded(consumer);
  }

  /** Returns the same of any consumer. */
  static boolean hasEnded(MessageConsumer consumer) {
    try {
      consumer.getMessageListener();
      return false;
    } catch (IllegalStateException closed) {
      return true;
    } catch (JMSException x) {
      LOG.debug("state of a consumer cannot be read consumer={}", consumer, x);
      return false;
    }
  }

  /**
   * Closes the consumer, unless the broker has ended it. Blocks; may be called only on the control
   * thread.
   */
  void closeNow() throws JMSException {
    if (!isLost()) {
      consumer.close();
    }
  }

  boolean isLost() {
    return lost.isDone();
  }

  /**
   * Releases the provider's resources of a consumer that the broker has ended, and completes {@link
   * #lost}. May be called only on the control thread.
   */
  void ended() {
    LOG.warn("broker closed a consumer destination={}", destination);
    try {
      consumer.close();
    } catch (JMSException | RuntimeException x) {
      LOG.debug("a lost consumer could not be closed destination={}", destination, x);
    }
    lost.complete(null);
  }

  @Override
  public CompletionStage<Void> close() {
    return session.close(this, () -> null);
  }

  @Override
  public CompletionStage<Void> lost() {
    return lost;
  }
}
