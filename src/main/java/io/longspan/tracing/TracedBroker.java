package io.longspan.tracing;

import io.longspan.bridge.MessageBroker;
import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.catalogue.DurableSubscription;
import io.longspan.deliveries.Delivery;
import io.longspan.deliveries.DeliveryConsumer;
import io.longspan.deliveries.DeliverySource;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.BrokerMessage;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** A broker whose received messages have a span; everything else is the broker's. */
final class TracedBroker implements MessageBroker {
  private final MessageBroker broker;
  private final DeliverySpans spans;

  TracedBroker(MessageBroker broker, DeliverySpans spans) {
    this.broker = broker;
    this.spans = spans;
  }

  private Consumer<BrokerMessage> traced(Consumer<BrokerMessage> listener) {
    return message -> spans.deliver(message, listener);
  }

  @Override
  public CompletionStage<ReplyDestination> openTemporary(
      Kind kind, String user, AnswerListener listener) {
    return broker.openTemporary(
        kind,
        user,
        new AnswerListener() {
          @Override
          public void accept(BrokerMessage message) {
            spans.deliver(message, listener);
          }

          @Override
          public void failed(Optional<String> request, BridgeException why) {
            listener.failed(request, why);
          }
        });
  }

  @Override
  public CompletionStage<TopicConsumer> consumeReplies(
      BrokerDestination destination, Consumer<BrokerMessage> listener) {
    return broker.consumeReplies(destination, traced(listener));
  }

  @Override
  public CompletionStage<TopicConsumer> consumeOwnReplies(
      BrokerDestination destination, Consumer<BrokerMessage> listener) {
    return broker.consumeOwnReplies(destination, listener);
  }

  @Override
  public Pending<TopicConsumer> subscribe(
      String user,
      BrokerDestination topic,
      Optional<String> selector,
      Consumer<BrokerMessage> listener) {
    return broker.subscribe(user, topic, selector, traced(listener));
  }

  @Override
  public CompletionStage<TopicConsumer> subscribe(
      BrokerDestination topic, Optional<String> selector, Consumer<BrokerMessage> listener) {
    return broker.subscribe(topic, selector, traced(listener));
  }

  @Override
  public CompletionStage<DeliveryConsumer> consumeDeliveries(
      DeliverySource source, Consumer<Delivery> listener) {
    return broker.consumeDeliveries(
        source,
        delivery -> spans.deliver(delivery.message(), message -> listener.accept(delivery)));
  }

  @Override
  public CompletionStage<Void> deleteSubscription(String user, DurableSubscription subscription) {
    return broker.deleteSubscription(user, subscription);
  }

  @Override
  public long sendTimeout() {
    return broker.sendTimeout();
  }

  @Override
  public void start(ConnectionListener listener) {
    broker.start(listener);
  }

  @Override
  public boolean isConnected() {
    return broker.isConnected();
  }

  @Override
  public Optional<String> address() {
    return broker.address();
  }

  @Override
  public int addressPosition() {
    return broker.addressPosition();
  }

  @Override
  public Optional<String> trouble() {
    return broker.trouble();
  }

  @Override
  public CompletionStage<Void> roundTrip() {
    return broker.roundTrip();
  }

  @Override
  public long clockOffset() {
    return broker.clockOffset();
  }

  @Override
  public int requireSelector(String selector) {
    return broker.requireSelector(selector);
  }

  @Override
  public boolean carriesText(String text) {
    return broker.carriesText(text);
  }

  @Override
  public boolean carriesName(String name) {
    return broker.carriesName(name);
  }

  @Override
  public CompletionStage<String> send(Outbound message, Source source) {
    return broker.send(message, source);
  }

  @Override
  public CompletionStage<String> send(Outbound message, String client) {
    return broker.send(message, client);
  }

  @Override
  public void close() {
    broker.close();
  }
}
