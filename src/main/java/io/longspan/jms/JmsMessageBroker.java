package io.longspan.jms;

import io.longspan.bridge.MessageBroker;
import io.longspan.catalogue.BrokerDestination;
import io.longspan.config.LongspanConfig.Broker;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.BrokerMessage;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
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

  private JmsMessageBroker(Broker broker, long maxMessageBytes) {
    this.provider = provider(broker);
    this.supervisor =
        new ConnectionSupervisor(
            url -> provider(broker.withUrl(url)), broker, new MessageCodec(maxMessageBytes));
  }

  /**
   * Creates a broker from the configuration. It connects after {@link #start}.
   *
   * @param broker the provider, address and account
   * @param maxMessageBytes the maximum size of a message for one client, in bytes of JSON. The body
   *     of a larger message is not read
   */
  public static JmsMessageBroker of(Broker broker, long maxMessageBytes) {
    return new JmsMessageBroker(broker, maxMessageBytes);
  }

  /**
   * Creates a connection factory for other JMS clients of the same broker, for example the demo
   * services. May block for a JNDI lookup.
   *
   * @param broker the provider and address; its account is not part of the factory
   * @throws JMSException if the provider cannot be set up
   */
  public static ConnectionFactory connectionFactory(Broker broker) throws JMSException {
    return provider(broker).connectionFactory();
  }

  private static JmsProvider provider(Broker broker) {
    return switch (broker.provider()) {
      case EMBEDDED, ACTIVEMQ -> new ActiveMqProvider(broker);
      case ARTEMIS -> new ArtemisProvider(broker);
      case AMQP -> new AmqpProvider(broker);
      case JNDI -> new JndiProvider(broker);
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
  public CompletionStage<TemporaryTopic> openTemporaryTopic(
      String user, Consumer<BrokerMessage> listener) {
    return onLink(
        link -> link.replySession(user).openTemporaryTopic(user, listener).thenApply(e -> e));
  }

  @Override
  public Pending<TopicConsumer> subscribe(
      String user,
      BrokerDestination topic,
      Optional<String> selector,
      Consumer<BrokerMessage> listener) {
    String name = topic.pattern() ? provider.pattern(topic.name()) : topic.name();
    try {
      return supervisor.link().topicSession(user, name).subscribe(user, name, selector, listener);
    } catch (BridgeException refusal) {
      return Pending.of(CompletableFuture.failedFuture(refusal));
    }
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
              .map(JmsTemporaryTopic.class::cast)
              .filter(endpoint -> !link.owns(endpoint))
              .ifPresent(
                  endpoint -> {
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
