package io.longspan.jms;

import io.longspan.deliveries.Settlement.Release;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.BrokerMessage;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A consumer of the provider that holds at most one message, and is opened again if a settlement
 * has closed it.
 *
 * <p>The control thread of its session makes all calls but those of {@link MessageReceiver}.
 */
final class DeliverySlot implements MessageReceiver {
  private static final Logger LOG = LoggerFactory.getLogger(DeliverySlot.class);

  private final DeliverySession session;
  private final QueueConsumer owner;

  /** Owned by the control thread; null before it is open, and while it waits to be opened again. */
  private OneMessageConsumer consumer;

  /** The end of the delay after which the message is released; null if there is no delay. */
  private volatile CompletableFuture<Void> parked;

  /** The message that is not settled; null if there is none. */
  private volatile JmsDelivery held;

  private boolean closed;

  /** Whether the broker has ended the consumer, or it cannot be used any more. */
  private volatile boolean ended;

  DeliverySlot(DeliverySession session, QueueConsumer owner) {
    this.session = session;
    this.owner = owner;
  }

  /** Opens the consumer. Blocks. */
  void open() throws JMSException {
    consumer = session.open(owner.source(), this);
  }

  boolean isBusy() {
    return held != null;
  }

  /** Returns whether the slot only keeps a message until the end of a delay. */
  boolean isParked() {
    return parked != null;
  }

  /**
   * Begins a delay. Another slot receives messages in the place of this one. Called on any thread.
   *
   * @param due the end of the delay
   */
  void parked(CompletableFuture<Void> due) {
    parked = due;
    owner.oneLess();
  }

  void unparked() {
    parked = null;
  }

  boolean hasEnded() {
    return ended || consumer != null && consumer.hasEnded();
  }

  @Override
  public void received(Message message) {
    hold(message, () -> session.codec().decode(message, Optional.empty()));
  }

  @Override
  public void unreadable(Message message, Throwable cause) {
    hold(message, () -> session.codec().unreadable(message, Optional.empty(), cause));
  }

  @Override
  public void tooLarge(Message message) {
    hold(message, () -> session.codec().tooLarge(message, Optional.empty()));
  }

  @Override
  public long maxBytes() {
    return session.codec().maxBytes();
  }

  private void hold(Message message, Supplier<BrokerMessage> decoded) {
    if (session.isMute()) {
      LOG.debug("message of a lost connection not handed over, its broker delivers it again");
      return;
    }
    try {
      JmsDelivery delivery = new JmsDelivery(session, this, message, decoded.get());
      held = delivery;
      if (owner.isClosed()) {
        delivery.settle(Release.NOW);
      } else {
        owner.received(delivery);
      }
    } catch (RuntimeException | Error x) {
      QueueConsumer.failed(x);
    }
  }

  /** Settles the message that the slot holds. Blocks; control thread only. */
  void settle(JmsDelivery delivery, Outcome how) throws JMSException {
    if (held != delivery || consumer == null || consumer.hasEnded()) {
      throw new jakarta.jms.IllegalStateException("the consumer was closed");
    }
    // First: the broker may send the next message before the call returns.
    held = null;
    how.apply(consumer);
  }

  /** Handles that a settlement has failed: nobody knows which message the consumer holds. */
  void failed() {
    ended = true;
  }

  /** A settlement at the broker. */
  @FunctionalInterface
  interface Outcome {
    void apply(OneMessageConsumer consumer) throws JMSException;
  }

  /**
   * Lets the broker send the next message after a pause. Control thread only.
   *
   * @param pause in milliseconds
   */
  void resume(long pause) {
    if (consumer != null && consumer.isUsedUp()) {
      closeConsumer();
    }
    if (pause > 0) {
      session.after(pause).thenRun(this::resumeNow);
    } else {
      resumeNow();
    }
  }

  private void resumeNow() {
    if (closed || session.isMute() || held != null || owner.closeIfSurplus(this)) {
      return;
    }
    try {
      if (consumer == null) {
        open();
      } else {
        consumer.resume();
      }
    } catch (JMSException | RuntimeException x) {
      LOG.warn("queue consumer not resumed error={}", JmsErrors.text(x));
      ended = true;
    }
  }

  private void closeConsumer() {
    OneMessageConsumer old = consumer;
    consumer = null;
    session.closedOne();
    try {
      old.close();
    } catch (JMSException | RuntimeException x) {
      LOG.debug("queue consumer not closed", x);
    }
  }

  /** Gives back the message and closes the consumer. Blocks; control thread only. */
  void close() throws JMSException {
    closed = true;
    CompletableFuture<Void> delay = parked;
    if (delay != null) {
      delay.completeExceptionally(BridgeException.brokerUnavailable(null));
    }
    JmsDelivery last = held;
    if (consumer == null) {
      return;
    }
    try {
      if (last != null && !consumer.hasEnded()) {
        held = null;
        consumer.release(last.raw(), true);
      }
    } finally {
      closeConsumer();
    }
  }
}
