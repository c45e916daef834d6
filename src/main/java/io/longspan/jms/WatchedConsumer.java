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
 * A consumer that may end by itself, and that its lane looks at now and then. Brokers do not tell a
 * JMS client of it, but the providers know: Artemis' client closes the consumer when the broker
 * disconnects it, ActiveMQ's on a command to close it, Qpid's when the link is detached.
 */
final class WatchedConsumer implements TopicConsumer {
  private static final Logger LOG = LoggerFactory.getLogger(WatchedConsumer.class);

  private final ConsumerLane lane;
  private final MessageConsumer consumer;
  private final String destination;
  private final CompletableFuture<Void> lost = new CompletableFuture<>();

  /**
   * Creates a consumer that is not watched yet.
   *
   * @param destination its name in the log
   */
  WatchedConsumer(ConsumerLane lane, MessageConsumer consumer, String destination) {
    this.lane = lane;
    this.consumer = consumer;
    this.destination = destination;
  }

  /**
   * Returns whether the provider has closed the consumer. Each provider looks at a flag of its own
   * for this, and asks nobody.
   */
  boolean hasEnded() {
    try {
      consumer.getMessageListener();
      return false;
    } catch (IllegalStateException closed) {
      return true;
    } catch (JMSException x) {
      LOG.debug("a consumer does not tell whether it is open destination={}", destination, x);
      return false;
    }
  }

  /**
   * Closes the consumer unless it has ended by itself; blocks, and belongs to the lane's thread.
   */
  void closeNow() throws JMSException {
    if (!isLost()) {
      consumer.close();
    }
  }

  boolean isLost() {
    return lost.isDone();
  }

  /** The consumer has ended by itself: frees what the provider holds of it, and tells its owner. */
  void ended() {
    LOG.warn("a consumer has ended by itself destination={}", destination);
    try {
      consumer.close();
    } catch (JMSException | RuntimeException x) {
      LOG.debug("closing a consumer that has ended destination={}", destination, x);
    }
    lost.complete(null);
  }

  @Override
  public CompletionStage<Void> close() {
    return lane.close(this, () -> null);
  }

  @Override
  public CompletionStage<Void> lost() {
    return lost;
  }
}
