package io.longspan.bridge;

import io.longspan.bridge.MessageBroker.NamedReplyDestination;
import io.longspan.bridge.MessageBroker.ReplyDestination;
import io.longspan.catalogue.BrokerDestination;
import io.longspan.protocol.BrokerMessage;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reply destinations of the mode {@code topic} (protocol section 14): one topic with a random name
 * for each client. One consumer receives the messages of all of them, so a client is connected
 * without a call to the broker.
 *
 * <p>Called on any thread; never blocks.
 */
final class ReplyTopics {
  private static final Logger LOG = LoggerFactory.getLogger(ReplyTopics.class);

  private final ReplyNames names;
  private final BridgeMetrics metrics;
  private final SharedReplyConsumer consumer;
  private final ConcurrentMap<String, Address> addresses = new ConcurrentHashMap<>();

  ReplyTopics(ReplyNames names, MessageBroker broker, BridgeMetrics metrics) {
    this.names = names;
    this.metrics = metrics;
    this.consumer =
        new SharedReplyConsumer(
            () -> broker.consumeReplies(names.allTopics(), this::received), this::lost);
  }

  private final class Address implements NamedReplyDestination {
    private final BrokerDestination topic;
    private final Consumer<BrokerMessage> listener;
    private final CompletableFuture<Void> lost = new CompletableFuture<>();

    Address(BrokerDestination topic, Consumer<BrokerMessage> listener) {
      this.topic = topic;
      this.listener = listener;
    }

    @Override
    public BrokerDestination destination() {
      return topic;
    }

    @Override
    public CompletionStage<Void> close() {
      addresses.remove(name(), this);
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Void> lost() {
      return lost;
    }
  }

  /**
   * Opens a topic for one client. Asks the broker only if no other client has a topic yet.
   *
   * @param listener receives the messages in order on a JMS delivery thread; must not block
   * @return fails with a {@code BridgeException} if the broker rejects the consumer, or if the
   *     connection is lost
   */
  CompletionStage<ReplyDestination> open(Consumer<BrokerMessage> listener) {
    return consumer
        .open()
        .thenApply(
            opened -> {
              Address address = new Address(names.newTopic(), listener);
              addresses.put(address.name(), address);
              if (!consumer.isOpen(opened)) {
                address.close();
                address.lost.complete(null);
              }
              return address;
            });
  }

  /**
   * Opens the consumer, unless it is open.
   *
   * @return completes with a new topic for the answers to one request, which {@link #add} registers
   */
  CompletionStage<BrokerDestination> newTopic() {
    return consumer.open().thenApply(opened -> names.newTopic());
  }

  /**
   * Registers a topic of {@link #newTopic}.
   *
   * @param listener receives the messages in order on a JMS delivery thread; must not block
   * @param whenLost called if the consumer ends by itself, on any thread
   * @return removes the topic
   */
  Runnable add(BrokerDestination topic, Consumer<BrokerMessage> listener, Runnable whenLost) {
    Address address = new Address(topic, listener);
    addresses.put(address.name(), address);
    address.lost.thenRun(whenLost);
    if (!consumer.isOpen()) {
      address.lost.complete(null);
    }
    return address::close;
  }

  private void received(BrokerMessage message) {
    Address address = addresses.get(message.destination());
    if (address == null) {
      LOG.debug("answer to an unknown topic discarded topic={}", message.destination());
      metrics.unknownAnswer();
    } else {
      address.listener.accept(message);
    }
  }

  private void lost() {
    List<Address> all = List.copyOf(addresses.values());
    addresses.clear();
    all.forEach(address -> address.lost.complete(null));
  }

  /** Forgets all topics: their consumer has ended with the connection. */
  void connectionLost() {
    consumer.connectionLost();
    addresses.clear();
  }
}
