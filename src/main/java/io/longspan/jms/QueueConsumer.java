package io.longspan.jms;

import io.longspan.concurrent.InternalErrors;
import io.longspan.deliveries.Delivery;
import io.longspan.deliveries.DeliveryConsumer;
import io.longspan.deliveries.DeliverySource;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.ErrorCode;
import jakarta.jms.JMSException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One consumer of a queue: slots that hold one message each. It begins with one slot. While all
 * slots hold a message, another one is opened, up to the prefetch.
 *
 * <p>The control thread of its session owns the list of slots.
 */
final class QueueConsumer implements DeliveryConsumer {
  private static final Logger LOG = LoggerFactory.getLogger(QueueConsumer.class);

  /** Maximum number of slots that keep a message until the end of a delay beyond the prefetch. */
  private static final int MAX_PARKED = 100;

  private final DeliverySession session;
  private final DeliverySource source;
  private final Consumer<Delivery> listener;
  private final List<DeliverySlot> slots = new ArrayList<>(1);
  private final CompletableFuture<Void> lost = new CompletableFuture<>();

  /** Null while the consumer is open. Guarded by this. */
  private CompletionStage<Void> closing;

  private volatile boolean closed;

  QueueConsumer(DeliverySession session, DeliverySource source, Consumer<Delivery> listener) {
    this.session = session;
    this.source = source;
    this.listener = listener;
  }

  /** Opens the first slot. Blocks; control thread only. */
  void openFirst() throws JMSException {
    DeliverySlot slot = new DeliverySlot(session, this);
    slots.add(slot);
    slot.open();
  }

  DeliverySource source() {
    return source;
  }

  boolean isClosed() {
    return closed;
  }

  /** Hands a message over. Called on a thread of the provider; never blocks. */
  void received(JmsDelivery delivery) {
    listener.accept(delivery);
    if (source.prefetch() > 1) {
      oneLess();
    }
  }

  /** Handles that one slot less receives messages. Called on any thread; never blocks. */
  void oneLess() {
    session.call(source.user(), this::openAnother).exceptionally(QueueConsumer::notOpened);
  }

  private Void openAnother() throws JMSException {
    if (!closed
        && slots.size() < source.prefetch() + Math.min(MAX_PARKED, parked())
        && session.hasRoomForMore()
        && slots.stream().allMatch(DeliverySlot::isBusy)) {
      DeliverySlot slot = new DeliverySlot(session, this);
      slots.add(slot);
      try {
        slot.open();
      } catch (JMSException | RuntimeException | Error x) {
        slots.remove(slot);
        throw x;
      }
    }
    return null;
  }

  private long parked() {
    return slots.stream().filter(DeliverySlot::isParked).count();
  }

  /** Closes a slot whose place another one has taken. Control thread only. */
  boolean closeIfSurplus(DeliverySlot slot) {
    if (slots.size() <= source.prefetch() + parked()) {
      return false;
    }
    slots.remove(slot);
    try {
      slot.close();
    } catch (JMSException | RuntimeException x) {
      LOG.debug("queue consumer not closed destination={}", source.destination().name(), x);
    }
    return true;
  }

  private static Void notOpened(Throwable failure) {
    if (BridgeException.from(failure).code() != ErrorCode.BROKER_UNAVAILABLE) {
      LOG.warn("queue consumer not opened, the client receives fewer messages at a time", failure);
    }
    return null;
  }

  /** Returns whether the broker has ended a slot. Control thread only. */
  boolean hasEnded() {
    return slots.stream().anyMatch(DeliverySlot::hasEnded);
  }

  /** Closes all slots because the broker has ended one of them. Control thread only. */
  void ended() {
    LOG.warn("broker closed a consumer destination={}", source.destination().name());
    session.forget(this);
    closed = true;
    closeSlots();
    lost.complete(null);
  }

  private void closeSlots() {
    slots.forEach(
        slot -> {
          try {
            slot.close();
          } catch (JMSException | RuntimeException x) {
            LOG.debug("queue consumer not closed destination={}", source.destination().name(), x);
          }
        });
    slots.clear();
  }

  @Override
  public synchronized CompletionStage<Void> close() {
    if (closing == null) {
      closed = true;
      session.forget(this);
      closing =
          session.call(
              source.user(),
              () -> {
                closeSlots();
                session.confirm();
                return null;
              });
    }
    return closing;
  }

  @Override
  public CompletionStage<Void> lost() {
    return lost;
  }

  /** Reports a failure in the listener. */
  static void failed(Throwable failure) {
    InternalErrors.report("the delivery of a message from a queue", failure);
  }
}
