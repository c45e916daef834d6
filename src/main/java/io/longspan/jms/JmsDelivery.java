package io.longspan.jms;

import io.longspan.deliveries.Delivery;
import io.longspan.deliveries.Settlement;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.BrokerMessage;
import io.longspan.protocol.ErrorCode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A message that a slot holds until its settlement. */
final class JmsDelivery implements Delivery {
  private static final Logger LOG = LoggerFactory.getLogger(JmsDelivery.class);

  private static final String COUNT = "JMSXDeliveryCount";

  /** How long a slot pauses after a message could not be moved, in milliseconds. */
  private static final long PAUSE_AFTER_FAILURE = 1000;

  private final DeliverySession session;
  private final DeliverySlot slot;
  private final Message raw;
  private final BrokerMessage message;
  private final AtomicBoolean settled = new AtomicBoolean();

  JmsDelivery(DeliverySession session, DeliverySlot slot, Message raw, BrokerMessage message) {
    this.session = session;
    this.slot = slot;
    this.raw = raw;
    this.message = message;
  }

  /** Returns the message of the provider. */
  Message raw() {
    return raw;
  }

  @Override
  public BrokerMessage message() {
    return message;
  }

  @Override
  public int count() {
    try {
      return Math.max(1, raw.propertyExists(COUNT) ? raw.getIntProperty(COUNT) : 1);
    } catch (JMSException | RuntimeException x) {
      LOG.debug("delivery count cannot be read", x);
      return 1;
    }
  }

  @Override
  public boolean isRedelivered() {
    try {
      return raw.getJMSRedelivered() || count() > 1;
    } catch (JMSException | RuntimeException x) {
      LOG.debug("redelivery cannot be read", x);
      return true;
    }
  }

  @Override
  public CompletionStage<Void> settle(Settlement settlement) {
    if (!settled.compareAndSet(false, true)) {
      return CompletableFuture.failedFuture(
          new BridgeException(ErrorCode.NOT_CONNECTED, "the delivery is settled already"));
    }
    if (settlement instanceof Settlement.Acknowledge) {
      return submit(consumer -> consumer.acknowledge(raw), 0);
    }
    if (settlement instanceof Settlement.Release release) {
      return release.delay() > 0 ? releaseLater(release) : release(release.pause());
    }
    Settlement.Reject reject = (Settlement.Reject) settlement;
    return reject.queue().isPresent() ? move(reject) : rejectAtBroker(reject);
  }

  private CompletableFuture<Void> release(long pause) {
    return submit(consumer -> consumer.release(raw, pause > 0), pause);
  }

  private CompletionStage<Void> releaseLater(Settlement.Release release) {
    CompletableFuture<Void> due = session.after(release.delay());
    slot.parked(due);
    return due.thenCompose(
        over -> {
          slot.unparked();
          return release(release.pause());
        });
  }

  private CompletableFuture<Void> rejectAtBroker(Settlement.Reject reject) {
    String reason = String.valueOf(reject.properties().getOrDefault("reason", "rejected"));
    return submit(consumer -> consumer.reject(raw, reason), 0);
  }

  /**
   * Sends a copy first, and acknowledges then. So the message exists at least once. A message that
   * cannot be copied goes to the broker's own dead letter queue.
   */
  private CompletionStage<Void> move(Settlement.Reject reject) {
    return session
        .deadLetters()
        .send(raw, reject.queue().orElseThrow(), reject.properties())
        .handle(
            (sent, failure) -> {
              if (failure == null) {
                return submit(consumer -> consumer.acknowledge(raw), 0);
              }
              BridgeException why = BridgeException.from(failure);
              if (why.getCause() instanceof MessageFormatProblem) {
                return rejectAtBroker(reject);
              }
              LOG.warn(
                  "message not moved to its dead letter queue, it is released queue={} error={}",
                  reject.queue().orElseThrow().name(),
                  why.toBayeuxError(),
                  why.getCause());
              return release(PAUSE_AFTER_FAILURE)
                  .<Void>thenCompose(released -> CompletableFuture.failedFuture(why));
            })
        .thenCompose(stage -> stage);
  }

  private CompletableFuture<Void> submit(DeliverySlot.Outcome outcome, long pause) {
    Settling settling = new Settling(slot, this, outcome, pause, new CompletableFuture<>());
    session.settle(settling);
    return settling.result();
  }

  /**
   * A settlement that waits for the broker. Called on the control thread.
   *
   * @param pause how long the slot pauses afterwards, in milliseconds
   * @param result completes when the broker has confirmed it
   */
  record Settling(
      DeliverySlot slot,
      JmsDelivery delivery,
      DeliverySlot.Outcome outcome,
      long pause,
      CompletableFuture<Void> result) {

    /** Makes the call. Blocks. */
    void perform() throws JMSException {
      slot.settle(delivery, outcome);
    }

    void confirmed() {
      slot.resume(pause);
      result.complete(null);
    }

    void failed(Throwable failure) {
      BridgeException why = JmsErrors.translate(failure);
      if (why.code() != ErrorCode.BROKER_UNAVAILABLE) {
        LOG.warn("message not settled, the broker delivers it again", failure);
      }
      slot.failed();
      result.completeExceptionally(why);
    }
  }
}
