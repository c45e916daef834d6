package io.longspan.local.broker;

import io.longspan.bridge.MessageBroker;
import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.BrokerMessage;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Stands for the JMS broker if there is none ({@code broker.provider: none}). Clients connect, but
 * nothing is ever received from it or sent to it. The catalogue has no entry that leads to it; the
 * bridge's own topics ({@code bridge/…}) are silent.
 */
public final class NoBroker implements MessageBroker {
  @Override
  public long sendTimeout() {
    return 0;
  }

  /** There is nothing to wait for, so the connection is up when this returns. */
  @Override
  public void start(ConnectionListener listener) {
    listener.brokerConnected();
  }

  @Override
  public boolean isConnected() {
    return true;
  }

  @Override
  public Optional<String> trouble() {
    return Optional.empty();
  }

  @Override
  public CompletionStage<Void> roundTrip() {
    return CompletableFuture.completedFuture(null);
  }

  /** A consumer or reply destination that receives nothing. */
  private static final class Silent implements TopicConsumer, ReplyDestination {
    @Override
    public String name() {
      return "";
    }

    @Override
    public CompletionStage<Void> close() {
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Void> lost() {
      return new CompletableFuture<>();
    }
  }

  @Override
  public CompletionStage<ReplyDestination> openTemporary(
      Kind kind, String user, AnswerListener listener) {
    return CompletableFuture.completedFuture(new Silent());
  }

  @Override
  public CompletionStage<TopicConsumer> consumeReplies(
      BrokerDestination destination, Consumer<BrokerMessage> listener) {
    return CompletableFuture.completedFuture(new Silent());
  }

  @Override
  public CompletionStage<TopicConsumer> consumeOwnReplies(
      BrokerDestination destination, Consumer<BrokerMessage> listener) {
    return CompletableFuture.completedFuture(new Silent());
  }

  @Override
  public Pending<TopicConsumer> subscribe(
      String user,
      BrokerDestination topic,
      Optional<String> selector,
      Consumer<BrokerMessage> listener) {
    return Pending.of(CompletableFuture.completedFuture(new Silent()));
  }

  @Override
  public int requireSelector(String selector) {
    throw BridgeException.badRequest("selectors need a JMS broker, and this bridge has none");
  }

  @Override
  public CompletionStage<String> send(Outbound message, Source source) {
    return CompletableFuture.failedFuture(BridgeException.brokerUnavailable(null));
  }

  @Override
  public void close() {}
}
