package io.longspan.jms;

import io.longspan.bridge.MessageBroker;
import io.longspan.bridge.ReplyNames;
import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.catalogue.DurableSubscription;
import io.longspan.config.LongspanConfig.Broker;
import io.longspan.deliveries.Delivery;
import io.longspan.deliveries.DeliveryConsumer;
import io.longspan.deliveries.DeliverySource;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.BrokerMessage;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A JMS broker behind one shared connection, for every provider. {@link MessageBroker} documents
 * the methods: their threads, their failures, and that only {@link #close} blocks.
 */
public final class JmsMessageBroker implements MessageBroker {
  private final JmsProvider provider;
  private final ConnectionSupervisor supervisor;

  private JmsMessageBroker(Broker broker, String bridgeId, long maxMessageBytes) {
    this.provider = provider(broker);
    this.supervisor =
        new ConnectionSupervisor(
            url -> provider(broker.withUrl(url)),
            broker,
            new HeartbeatDestination(
                broker.replies().mode(), ReplyNames.of(broker.replies(), bridgeId)),
            new MessageCodec(maxMessageBytes, broker.replies().prefix()));
  }

  /**
   * Creates a broker from the configuration. It connects after {@link #start}.
   *
   * @param broker the provider, address and account
   * @param bridgeId the id of this bridge
   * @param maxMessageBytes the maximum size of a message for one client, in bytes of JSON. The body
   *     of a larger message is not read
   */
  public static JmsMessageBroker of(Broker broker, String bridgeId, long maxMessageBytes) {
    return new JmsMessageBroker(broker, bridgeId, maxMessageBytes);
  }

  /**
   * Returns a connection factory for other JMS clients of the same broker, for example the demo
   * services. Without other credentials, it connects with the account of the bridge. Each
   * connection uses the present content of the files with the password, certificates and key.
   *
   * @param broker the provider, the addresses and the account
   */
  public static ConnectionFactory connectionFactory(Broker broker) {
    return new CurrentConnections(broker, JmsMessageBroker::provider);
  }

  /**
   * Returns a destination for another JMS client of a broker. May block until the broker has
   * answered.
   *
   * @param session a session of a connection of {@link #connectionFactory}
   * @throws JMSException if there is no such destination, or if the connection is lost
   */
  public static Destination destination(
      Broker broker, Session session, BrokerDestination destination) throws JMSException {
    JmsProvider provider = provider(broker);
    String name = destination.name();
    return provider.destination(
        session, destination.kind(), destination.pattern() ? provider.pattern(name) : name);
  }

  /**
   * Looks destinations up in JNDI, and logs those that do not exist. Blocks.
   *
   * @param broker a broker whose provider is {@code jndi}
   * @param destinations the administered destinations of the catalogue
   */
  public static void checkJndi(Broker broker, List<BrokerDestination> destinations) {
    new JndiProvider(broker).check(destinations);
  }

  static JmsProvider provider(Broker broker) {
    return switch (broker.provider()) {
      case EMBEDDED, ACTIVEMQ -> new ActiveMqProvider(broker);
      case ARTEMIS -> new ArtemisProvider(broker);
      case AMQP -> new AmqpProvider(broker);
      case RABBITMQ -> new RabbitMqProvider(broker);
      case JNDI -> new JndiProvider(broker);
      case NONE -> throw new IllegalArgumentException("broker.provider none has no JMS client");
    };
  }

  @Override
  public long sendTimeout() {
    return SendQueue.DEADLINE.toMillis();
  }

  @Override
  public void start(ConnectionListener listener) {
    supervisor.start(listener);
  }

  @Override
  public boolean isConnected() {
    return supervisor.isConnected();
  }

  @Override
  public Optional<String> address() {
    return supervisor.address();
  }

  @Override
  public int addressPosition() {
    return supervisor.addressPosition();
  }

  @Override
  public Optional<String> trouble() {
    return supervisor.trouble();
  }

  @Override
  public CompletionStage<Void> roundTrip() {
    return onLink(BrokerLink::roundTrip);
  }

  @Override
  public long clockOffset() {
    return supervisor.clockOffset();
  }

  @Override
  public CompletionStage<ReplyDestination> openTemporary(
      Kind kind, String user, AnswerListener listener) {
    return onLink(
        link -> link.replySession(user).openTemporary(kind, user, listener).thenApply(e -> e));
  }

  @Override
  public CompletionStage<TopicConsumer> consumeReplies(
      BrokerDestination destination, Consumer<BrokerMessage> listener) {
    return onLink(link -> consume(link.sharedReplySession(), destination, listener));
  }

  @Override
  public CompletionStage<TopicConsumer> consumeOwnReplies(
      BrokerDestination destination, Consumer<BrokerMessage> listener) {
    return onLink(link -> consume(link.replySession(""), destination, listener));
  }

  private CompletionStage<TopicConsumer> consume(
      ConsumerSession session, BrokerDestination destination, Consumer<BrokerMessage> listener) {
    return session
        .consume("", destination.kind(), nameOf(destination), Optional.empty(), listener)
        .stage();
  }

  /** Returns the name in the provider's syntax. */
  private String nameOf(BrokerDestination destination) {
    return destination.pattern() ? provider.pattern(destination.name()) : destination.name();
  }

  @Override
  public Pending<TopicConsumer> subscribe(
      String user,
      BrokerDestination topic,
      Optional<String> selector,
      Consumer<BrokerMessage> listener) {
    String name = nameOf(topic);
    try {
      return supervisor
          .link()
          .topicSession(user, name)
          .consume(user, Kind.TOPIC, name, selector, listener);
    } catch (BridgeException refusal) {
      return Pending.of(CompletableFuture.failedFuture(refusal));
    }
  }

  @Override
  public CompletionStage<DeliveryConsumer> consumeDeliveries(
      DeliverySource source, Consumer<Delivery> listener) {
    return onLink(
        link ->
            (source.durable().isPresent() ? link.durableSession() : link.deliverySession())
                .map(session -> session.consume(source, listener))
                .orElseGet(() -> MessageBroker.super.consumeDeliveries(source, listener)));
  }

  @Override
  public CompletionStage<Void> deleteSubscription(String user, DurableSubscription subscription) {
    return onLink(
        link ->
            link.durableSession()
                .map(session -> session.delete(user, subscription))
                .orElseGet(() -> MessageBroker.super.deleteSubscription(user, subscription)));
  }

  @Override
  public boolean carriesText(String text) {
    return provider.carriesText(text);
  }

  @Override
  public boolean carriesName(String name) {
    return provider.carriesName(name);
  }

  @Override
  public int requireSelector(String selector) {
    return SelectorSyntax.require(selector);
  }

  @Override
  public CompletionStage<String> send(Outbound message, Source source) {
    return onLink(
        link -> {
          message
              .replyTo()
              .filter(JmsTemporaryDestination.class::isInstance)
              .map(JmsTemporaryDestination.class::cast)
              .filter(temporary -> !link.owns(temporary))
              .ifPresent(
                  stale -> {
                    throw BridgeException.brokerUnavailable(null);
                  });
          return link.senders().send(message, source);
        });
  }

  private <T> CompletionStage<T> onLink(Function<BrokerLink, CompletionStage<T>> action) {
    try {
      return action.apply(supervisor.link());
    } catch (BridgeException refusal) {
      return CompletableFuture.failedFuture(refusal);
    }
  }

  @Override
  public void close() {
    supervisor.close();
  }
}
