package io.longspan.bridge;

import io.longspan.catalogue.BrokerDestination;
import io.longspan.protocol.BrokerMessage;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * A topic of the bridge itself, which no catalogue entry can name. The bridge consumes it while
 * there is a connection.
 *
 * <p>Called on any thread; never blocks.
 */
final class OwnTopic {
  private final BrokerDestination destination;
  private final String bridgeId;
  private final MessageBroker broker;
  private final Reopenings reopenings;
  private final Consumer<BrokerMessage> listener;
  private final Consumer<Boolean> whenHeard;

  /**
   * Identifies the consumer that is wanted, so that an older one is closed; null without a
   * connection. Guarded by this.
   */
  private Object current;

  /** Written under the lock. */
  private volatile boolean heard;

  /**
   * Creates a topic that is not consumed yet.
   *
   * @param listener receives the messages on a JMS delivery thread; must not block
   * @param whenHeard notified when the topic is consumed (true) and when it cannot be although
   *     there is a connection (false)
   */
  OwnTopic(
      String name,
      String bridgeId,
      MessageBroker broker,
      Reopenings reopenings,
      Consumer<BrokerMessage> listener,
      Consumer<Boolean> whenHeard) {
    this.destination = BrokerDestination.topic(name);
    this.bridgeId = bridgeId;
    this.broker = broker;
    this.reopenings = reopenings;
    this.listener = listener;
    this.whenHeard = whenHeard;
  }

  BrokerDestination destination() {
    return destination;
  }

  /**
   * Subscribes, unless the topic is consumed, and retries until that succeeds or the connection is
   * lost. Completes after the first attempt, with whether it succeeded.
   */
  CompletableFuture<Boolean> open() {
    Object wanted = new Object();
    synchronized (this) {
      if (heard) {
        return CompletableFuture.completedFuture(true);
      }
      current = wanted;
    }
    return reopenings.start(this, () -> subscribe(wanted), () -> whenHeard.accept(false));
  }

  private CompletionStage<Void> subscribe(Object wanted) {
    return broker
        .subscribe(destination, Optional.empty(), listener)
        .thenAccept(
            consumer -> {
              if (!changeTo(true, wanted)) {
                consumer.close();
                return;
              }
              whenHeard.accept(true);
              consumer.lost().thenRun(() -> lost(wanted));
            });
  }

  /** Returns false if another consumer is wanted meanwhile, or none. */
  private synchronized boolean changeTo(boolean nowHeard, Object wanted) {
    boolean valid = current == wanted;
    if (valid) {
      heard = nowHeard;
    }
    return valid;
  }

  private void lost(Object lost) {
    if (changeTo(false, lost)) {
      reopenings.lost(this);
      whenHeard.accept(false);
      open();
    }
  }

  /** Forgets the consumer until the next connection. */
  synchronized void connectionLost() {
    current = null;
    heard = false;
  }

  /** Returns whether the topic is consumed. */
  boolean isHeard() {
    return heard;
  }

  @Override
  public String toString() {
    return "topic=%s bridge=%s".formatted(destination.name(), bridgeId);
  }
}
