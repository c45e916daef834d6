package io.longspan.bridge;

import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.catalogue.DurableSubscription;
import io.longspan.deliveries.Delivery;
import io.longspan.deliveries.DeliveryConsumer;
import io.longspan.deliveries.DeliverySource;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.BrokerMessage;
import io.longspan.protocol.BrokerMessage.ReplyAddress;
import io.longspan.protocol.ErrorCode;
import io.longspan.protocol.MessageBody;
import io.longspan.protocol.SendCommand.Headers;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * The JMS broker as the core sees it: one shared connection, which may be lost and return.
 *
 * <p>No method blocks, except {@link #close}. A stage fails with a {@code BridgeException}: {@code
 * brokerUnavailable} without a connection, {@code sendFailed} if the broker refused, {@code
 * internalError} if the bridge or the provider failed. Some methods name further codes. A stage may
 * complete on the calling thread, or on a thread of the connection, so dependent actions must be
 * short or run elsewhere.
 *
 * <p>Work for users is done in turn by user, so a user with thousands of calls does not delay the
 * one call of another. The bridge itself has the empty user name.
 */
public interface MessageBroker extends AutoCloseable {

  /**
   * Notified when the connection is up or lost. Called on the supervisor's thread; must not block.
   */
  interface ConnectionListener {
    /** A connection is up. Nothing that was opened on an earlier connection exists any more. */
    void brokerConnected();

    /** The connection is lost, with everything that was opened on it. */
    void brokerLost();
  }

  /** A destination to which services answer, and which the bridge consumes. */
  interface ReplyDestination {
    /** Returns the JMS name, as services read it in {@code JMSReplyTo}. */
    String name();

    /**
     * Ends the delivery, and deletes the destination if it is temporary; idempotent. Does nothing
     * if other clients use the same destination.
     */
    CompletionStage<Void> close();

    /**
     * Returns a stage that completes if the consumer ends by itself, as {@link TopicConsumer#lost}.
     */
    CompletionStage<Void> lost();
  }

  /** A reply destination that is not temporary; see {@link ReplyNames}. */
  interface NamedReplyDestination extends ReplyDestination {
    /** Returns the queue or topic. */
    BrokerDestination destination();

    @Override
    default String name() {
      return destination().name();
    }
  }

  /** A consumer of a topic, or of a pattern of topics. */
  interface TopicConsumer {
    /** Closes the consumer; idempotent. */
    CompletionStage<Void> close();

    /**
     * Returns a stage that completes if the consumer ends by itself while the connection is alive.
     * For example, an administrator has destroyed what it consumes from.
     *
     * <p>The stage does not complete because the consumer was closed. It may never complete if the
     * connection is lost.
     */
    CompletionStage<Void> lost();
  }

  /** A call that waits for its user's turn at the broker. */
  interface Pending<T> {
    /** Returns the result of the call. */
    CompletionStage<T> stage();

    /**
     * Adds a user who waits for the same call. The call is made in the turn of the first of its
     * users.
     */
    void alsoFor(String user);

    /**
     * Cancels the call. Its stage fails with {@code notConnected}, unless the turn has come
     * already.
     */
    void cancel();

    /** Returns a call that does not wait for a turn. */
    static <T> Pending<T> of(CompletionStage<T> stage) {
      return new Pending<>() {
        @Override
        public CompletionStage<T> stage() {
          return stage;
        }

        @Override
        public void alsoFor(String user) {}

        @Override
        public void cancel() {}
      };
    }
  }

  /**
   * The sender of a message.
   *
   * @param user the user in whose turn the message is sent; empty for the bridge itself
   * @param client the client; messages of one client to one destination keep their order
   * @param roles the user's roles
   */
  record Source(String user, String client, Set<String> roles) {
    /** Creates a sender without roles. */
    public Source(String user, String client) {
      this(user, client, Set.of());
    }
  }

  /** Receives the messages of a client's reply destination, in order; must not block. */
  @FunctionalInterface
  interface AnswerListener extends Consumer<BrokerMessage> {
    /**
     * A request will get no answer: its service has failed. Only local services report this.
     *
     * @param request the correlation id of the request, if it has one
     */
    default void failed(Optional<String> request, BridgeException why) {}
  }

  /**
   * A message to send into JMS.
   *
   * @param target the destination, or a reply address
   * @param headers the JMS headers
   * @param properties the JMS properties, including those that the bridge sets
   * @param body the body
   * @param replyTo the destination for {@code JMSReplyTo}, if any
   */
  record Outbound(
      Target target,
      Headers headers,
      Map<String, Object> properties,
      MessageBody body,
      Optional<ReplyDestination> replyTo) {

    /** A granted destination, or the reply address of a received message. */
    public sealed interface Target {}

    /** A destination that the catalogue has granted, or that the bridge itself names. */
    public record To(BrokerDestination destination) implements Target {}

    /** The reply address of a received message. */
    public record Back(ReplyAddress address) implements Target {}
  }

  /** Returns the maximum time until a send succeeds or fails, in milliseconds. */
  long sendTimeout();

  /**
   * Starts to connect, and reconnects after each loss until {@link #close}. Returns at once.
   *
   * @param listener notified of each connection and each loss
   */
  void start(ConnectionListener listener);

  boolean isConnected();

  /**
   * Returns the address of the present connection, without credentials; empty without a connection,
   * or if no URL is configured.
   */
  default Optional<String> address() {
    return Optional.empty();
  }

  /** Returns the position of the address in use in the configured list, from 1; 0 if none is. */
  default int addressPosition() {
    return 0;
  }

  /**
   * Returns why messages cannot be sent now, as text for an operator that may name the broker;
   * empty if they can. A connection may be alive while its broker accepts nothing.
   */
  Optional<String> trouble();

  /**
   * Sends a message to the bridge itself, to learn whether the broker delivers messages now.
   *
   * @return completes when such a message has come back, on any thread; fails if it does not come
   *     back in time, or without a connection
   */
  CompletionStage<Void> roundTrip();

  /**
   * Returns how far the broker's clock is ahead of this machine's, in milliseconds; 0 if the offset
   * is negligible or unknown.
   */
  default long clockOffset() {
    return 0;
  }

  /**
   * Opens a temporary topic or queue and its consumer.
   *
   * @param user the user in whose turn it is opened; empty for the bridge itself
   * @param listener receives the messages in order on a JMS delivery thread; must not block
   * @return fails with {@code brokerUnavailable} without a connection, or with {@code sendFailed}
   *     if the broker refused
   */
  CompletionStage<ReplyDestination> openTemporary(Kind kind, String user, AnswerListener listener);

  /**
   * Opens a consumer that receives the answers to many clients.
   *
   * @param destination a queue, a topic or a pattern of topics of {@link ReplyNames}
   * @param listener receives the messages in order on a JMS delivery thread; must not block
   * @return fails like {@link #openTemporary}
   */
  CompletionStage<TopicConsumer> consumeReplies(
      BrokerDestination destination, Consumer<BrokerMessage> listener);

  /**
   * Opens a consumer that receives the answers to the bridge itself. Answers to clients do not
   * delay them.
   *
   * @param destination a queue or a topic of {@link ReplyNames}
   * @param listener receives the messages in order on a JMS delivery thread; must not block
   * @return fails like {@link #openTemporary}
   */
  CompletionStage<TopicConsumer> consumeOwnReplies(
      BrokerDestination destination, Consumer<BrokerMessage> listener);

  /**
   * Opens a consumer of a topic, or of a pattern of topics.
   *
   * @param user the user in whose turn the consumer is opened
   * @param topic the JMS topic or pattern
   * @param selector a JMS selector that {@link #requireSelector} has accepted, if any
   * @param listener receives the messages in order on a JMS delivery thread; must not block
   */
  Pending<TopicConsumer> subscribe(
      String user,
      BrokerDestination topic,
      Optional<String> selector,
      Consumer<BrokerMessage> listener);

  /** Opens a consumer for the bridge itself. */
  default CompletionStage<TopicConsumer> subscribe(
      BrokerDestination topic, Optional<String> selector, Consumer<BrokerMessage> listener) {
    return subscribe("", topic, selector, listener).stage();
  }

  /**
   * Opens a consumer of a queue or of a durable subscription, whose messages are settled one by
   * one. A durable subscription is created if it does not exist, and has one consumer. While {@code
   * prefetch} messages are not settled, the broker gives further ones to other consumers.
   *
   * @param listener receives the messages on a JMS delivery thread, possibly several at a time;
   *     must not block. Messages that arrive after the connection was lost are discarded
   * @return fails with {@code badRequest} if the broker has no selectors on queues, with {@code
   *     IN_USE} if the durable subscription has a consumer, and with {@code sendFailed} if the
   *     broker refused
   */
  default CompletionStage<DeliveryConsumer> consumeDeliveries(
      DeliverySource source, Consumer<Delivery> listener) {
    return CompletableFuture.failedFuture(
        new BridgeException(
            ErrorCode.SEND_REFUSED, "the broker does not support acknowledgements one by one"));
  }

  /**
   * Deletes a durable subscription with its messages, if it exists.
   *
   * @param user the user in whose turn it is deleted
   * @return fails with {@code IN_USE} if the subscription has a consumer, and with {@code
   *     sendFailed} if the broker refused
   */
  default CompletionStage<Void> deleteSubscription(String user, DurableSubscription subscription) {
    return CompletableFuture.failedFuture(
        new BridgeException(
            ErrorCode.SEND_REFUSED, "the broker does not support durable subscriptions"));
  }

  /**
   * Validates a JMS selector: every supported broker must understand it, and must evaluate it at a
   * bounded cost.
   *
   * @return the cost of one evaluation, in comparisons; at least 1
   * @throws io.longspan.protocol.BridgeException {@code badRequest} if the selector is invalid or
   *     too expensive
   */
  int requireSelector(String selector);

  /**
   * Returns whether the broker carries a text in a property unchanged. If it does not, two
   * different texts could become equal.
   */
  default boolean carriesText(String text) {
    return true;
  }

  /**
   * Returns whether the broker carries a property name unchanged.
   *
   * @param name a Java identifier
   */
  default boolean carriesName(String name) {
    return true;
  }

  /**
   * Sends a message (protocol section 3).
   *
   * @param message the message
   * @param source the sender; messages of one client to one destination are sent in the order of
   *     the calls
   * @return completes with the {@code JMSMessageID} (null if the provider gives none) when the
   *     broker has accepted the message. Fails with {@code limitExceeded} if too many messages
   *     wait, or with {@code sendFailed} if it was not accepted within {@link #sendTimeout}
   */
  CompletionStage<String> send(Outbound message, Source source);

  /**
   * Sends a message of the bridge itself.
   *
   * @param client messages with the same value to one destination keep their order
   */
  default CompletionStage<String> send(Outbound message, String client) {
    return send(message, new Source("", client));
  }

  /** Closes the connection. Blocks for a bounded time, until the queued messages are sent. */
  @Override
  void close();
}
