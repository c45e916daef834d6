package io.longspan.bridge;

import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.catalogue.DurableSubscription;
import io.longspan.deliveries.Delivery;
import io.longspan.deliveries.DeliveryConsumer;
import io.longspan.deliveries.DeliverySource;
import io.longspan.deliveries.Settlement;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.BrokerMessage;
import io.longspan.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** A broker that the test completes step by step. */
final class FakeBroker implements MessageBroker {
  final List<Opened> consumers = new ArrayList<>();
  final List<Outbound> sent = new ArrayList<>();
  ConnectionListener listener;
  boolean connected = true;
  boolean completeAtOnce = true;

  /** What {@link #roundTrip} returns. */
  CompletableFuture<Void> roundTrip = CompletableFuture.completedFuture(null);

  /** A character that it carries in no property; 0: it carries all. */
  char refusedCharacter;

  /** The topics of which the broker refuses consumers; {@link #TEMPORARY}: temporary ones. */
  final Set<String> refused = new HashSet<>();

  /** Returns the temporary topics that are open. */
  List<Opened> temporaryTopics() {
    return consumers.stream().filter(c -> !c.closed && c.destination == null).toList();
  }

  /** The connection is lost, with all that was opened on it. */
  void lose() {
    connected = false;
    consumers.forEach(consumer -> consumer.closed = true);
    queues.forEach(queue -> queue.closed = true);
    listener.brokerLost();
  }

  /** There is a new connection. */
  void connect() {
    connected = true;
    listener.brokerConnected();
  }

  /** What each send returns. */
  CompletableFuture<String> sending = CompletableFuture.completedFuture(null);

  static final String TEMPORARY = "a temporary topic";

  /** A consumer that was asked for. */
  static final class Opened implements TopicConsumer, ReplyDestination {
    final BrokerDestination destination;
    final Optional<String> selector;
    final Consumer<BrokerMessage> listener;
    final CompletableFuture<Opened> opening = new CompletableFuture<>();

    /** In whose turns it is opened. */
    final List<String> users = new ArrayList<>();

    boolean closed;

    /** Completed by the test where the consumer ends by itself. */
    final CompletableFuture<Void> lost = new CompletableFuture<>();

    Opened(
        BrokerDestination destination,
        Optional<String> selector,
        Consumer<BrokerMessage> listener) {
      this.destination = destination;
      this.selector = selector;
      this.listener = listener;
    }

    @Override
    public String name() {
      return "reply";
    }

    @Override
    public CompletionStage<Void> close() {
      closed = true;
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Void> lost() {
      return lost;
    }

    /** The consumer ends by itself, as when an administrator has destroyed its queue. */
    void lose() {
      closed = true;
      lost.complete(null);
    }
  }

  final List<OpenedQueue> queues = new ArrayList<>();

  /** A consumer of a queue that was asked for. */
  static final class OpenedQueue implements DeliveryConsumer {
    final DeliverySource source;
    final Consumer<Delivery> listener;
    final CompletableFuture<Void> lost = new CompletableFuture<>();
    boolean closed;

    OpenedQueue(DeliverySource source, Consumer<Delivery> listener) {
      this.source = source;
      this.listener = listener;
    }

    /** The broker delivers a message. */
    OpenedDelivery deliver(BrokerMessage message) {
      OpenedDelivery delivery = new OpenedDelivery(message);
      listener.accept(delivery);
      return delivery;
    }

    @Override
    public CompletionStage<Void> close() {
      closed = true;
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Void> lost() {
      return lost;
    }
  }

  /** A message that was delivered. */
  static final class OpenedDelivery implements Delivery {
    final BrokerMessage message;
    final List<Settlement> settlements = new ArrayList<>();
    CompletableFuture<Void> settling = CompletableFuture.completedFuture(null);

    OpenedDelivery(BrokerMessage message) {
      this.message = message;
    }

    @Override
    public BrokerMessage message() {
      return message;
    }

    @Override
    public int count() {
      return 1;
    }

    @Override
    public CompletionStage<Void> settle(Settlement settlement) {
      settlements.add(settlement);
      return settling;
    }
  }

  @Override
  public CompletionStage<DeliveryConsumer> consumeDeliveries(
      DeliverySource source, Consumer<Delivery> messages) {
    if (!connected) {
      return CompletableFuture.failedFuture(BridgeException.brokerUnavailable(null));
    }
    if (source.durable().isPresent() && inUse) {
      return CompletableFuture.failedFuture(new BridgeException(ErrorCode.IN_USE, "in use"));
    }
    OpenedQueue opened = new OpenedQueue(source, messages);
    queues.add(opened);
    return CompletableFuture.completedFuture(opened);
  }

  /** Whether another bridge has a consumer of each durable subscription. */
  boolean inUse;

  /** The names of the durable subscriptions that were deleted. */
  final List<String> deleted = new ArrayList<>();

  @Override
  public CompletionStage<Void> deleteSubscription(String user, DurableSubscription subscription) {
    if (!connected) {
      return CompletableFuture.failedFuture(BridgeException.brokerUnavailable(null));
    }
    if (inUse) {
      return CompletableFuture.failedFuture(new BridgeException(ErrorCode.IN_USE, "in use"));
    }
    deleted.add(subscription.name());
    return CompletableFuture.completedFuture(null);
  }

  /** Returns the consumers of queues that are open. */
  List<OpenedQueue> openQueues() {
    return queues.stream().filter(queue -> !queue.closed).toList();
  }

  List<Opened> open(String name) {
    return consumers.stream()
        .filter(c -> !c.closed && c.destination != null && c.destination.name().equals(name))
        .toList();
  }

  static BrokerMessage text(String destination, String body) {
    return new BrokerMessage(destination, Map.of(), body, null, Optional.empty());
  }

  @Override
  public long sendTimeout() {
    return 8000;
  }

  @Override
  public void start(ConnectionListener connectionListener) {
    listener = connectionListener;
  }

  @Override
  public boolean isConnected() {
    return connected;
  }

  @Override
  public CompletionStage<Void> roundTrip() {
    return roundTrip;
  }

  @Override
  public Optional<String> trouble() {
    return connected ? Optional.empty() : Optional.of("there is no connection");
  }

  @Override
  public CompletionStage<ReplyDestination> openTemporary(
      Kind kind, String user, AnswerListener messages) {
    return add(new Opened(null, Optional.empty(), messages)).thenApply(o -> o);
  }

  @Override
  public CompletionStage<TopicConsumer> consumeReplies(
      BrokerDestination destination, Consumer<BrokerMessage> messages) {
    return add(new Opened(destination, Optional.empty(), messages)).thenApply(o -> o);
  }

  @Override
  public CompletionStage<TopicConsumer> consumeOwnReplies(
      BrokerDestination destination, Consumer<BrokerMessage> messages) {
    return consumeReplies(destination, messages);
  }

  @Override
  public Pending<TopicConsumer> subscribe(
      String user,
      BrokerDestination topic,
      Optional<String> selector,
      Consumer<BrokerMessage> messages) {
    Opened asked = new Opened(topic, selector, messages);
    asked.users.add(user);
    CompletionStage<TopicConsumer> stage = add(asked).thenApply(o -> o);
    return new Pending<>() {
      @Override
      public CompletionStage<TopicConsumer> stage() {
        return stage;
      }

      @Override
      public void alsoFor(String other) {
        asked.users.add(other);
      }

      @Override
      public void cancel() {
        asked.opening.completeExceptionally(BridgeException.notConnected("cancelled"));
      }
    };
  }

  private CompletableFuture<Opened> add(Opened opened) {
    if (!connected) {
      return CompletableFuture.failedFuture(BridgeException.brokerUnavailable(null));
    }
    consumers.add(opened);
    if (refused.contains(opened.destination == null ? TEMPORARY : opened.destination.name())) {
      opened.closed = true;
      return CompletableFuture.failedFuture(
          new BridgeException(ErrorCode.SEND_FAILED, "the broker rejected the request"));
    }
    if (completeAtOnce) {
      opened.opening.complete(opened);
    }
    return opened.opening;
  }

  @Override
  public boolean carriesText(String text) {
    return refusedCharacter == 0 || text.indexOf(refusedCharacter) < 0;
  }

  @Override
  public boolean carriesName(String name) {
    return carriesText(name);
  }

  @Override
  public int requireSelector(String selector) {
    return 1;
  }

  @Override
  public CompletionStage<String> send(Outbound message, Source source) {
    sent.add(message);
    return sending;
  }

  @Override
  public void close() {}
}
