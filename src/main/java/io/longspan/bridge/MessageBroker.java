package io.longspan.bridge;

import io.longspan.protocol.BrokerDestination;
import io.longspan.protocol.BrokerMessage;
import io.longspan.protocol.BrokerMessage.ReplyAddress;
import io.longspan.protocol.MessageBody;
import io.longspan.protocol.SendCommand.Headers;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * The JMS broker, as the core sees it: one shared connection that may come and go.
 *
 * <p>No method blocks. Every stage fails with a {@code BridgeException}: {@code brokerUnavailable}
 * while there is no connection, {@code sendFailed} where the broker refused, {@code internalError}
 * where the bridge or the provider itself failed. Stages complete on the broker's lane threads, so
 * what follows must be short or be handed over.
 *
 * <p>What is done for users is done in turn for each: one user's thousands do not delay another
 * user's one. The bridge itself has the empty name.
 */
public interface MessageBroker extends AutoCloseable {

  /** Hears of the connection's coming and going, on the supervisor's thread; must not block. */
  interface ConnectionListener {
    /** A connection is up; nothing of an earlier one exists any more. */
    void brokerConnected();

    /** The connection is lost, and everything that was opened on it. */
    void brokerLost();
  }

  /** A client's temporary topic with its consumer. */
  interface ReplyEndpoint {
    /** Returns the temporary topic's name, as services read it in {@code JMSReplyTo}. */
    String name();

    /** Closes the consumer and deletes the topic; idempotent. */
    CompletionStage<Void> close();

    /** As of a {@link TopicConsumer}. */
    CompletionStage<Void> lost();
  }

  /** A shared subscription to a topic. */
  interface TopicConsumer {
    /** Closes the consumer; idempotent. */
    CompletionStage<Void> close();

    /**
     * Returns a stage that completes if the consumer ends by itself while the connection lives, as
     * when an administrator has destroyed what it consumes from. It never completes because the
     * consumer was closed; nothing more may come of a consumer whose connection is lost.
     */
    CompletionStage<Void> lost();
  }

  /** Something that waits for its turn at the broker. */
  interface Pending<T> {
    /** Returns what it leads to. */
    CompletionStage<T> stage();

    /** Lets another user wait for it as well: it has its turn when the first of them has. */
    void alsoFor(String user);

    /** Nobody waits for it any more: the stage fails, unless its turn has come already. */
    void cancel();

    /** Returns what no longer waits for a turn. */
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
   * Who a message is from.
   *
   * @param user whose turn it is sent in; empty for the bridge itself
   * @param client messages of one client to one destination keep their order
   */
  record Source(String user, String client) {}

  /**
   * A message on its way into JMS.
   *
   * @param target where it goes
   * @param headers the JMS headers
   * @param properties the JMS properties, the bridge's own included
   * @param body the body
   * @param replyTo the temporary topic that {@code JMSReplyTo} names
   */
  record Outbound(
      Target target,
      Headers headers,
      Map<String, Object> properties,
      MessageBody body,
      Optional<ReplyEndpoint> replyTo) {

    /** A destination that was granted, or the reply address of a message that came. */
    public sealed interface Target {}

    /** A destination that the catalogue, or the bridge itself, has named. */
    public record To(BrokerDestination destination) implements Target {}

    /** Back to where a message asked to be answered. */
    public record Back(ReplyAddress address) implements Target {}
  }

  /** Returns how long a send takes at most until it has succeeded or failed, in milliseconds. */
  long sendTimeout();

  /** Starts to connect, and goes on until it is closed. */
  void start(ConnectionListener listener);

  /** Returns whether there is a connection now. */
  boolean isConnected();

  /**
   * Returns why messages cannot be sent now, in words for an operator that may name the broker;
   * empty: they can. A connection may live while its broker takes nothing.
   */
  Optional<String> trouble();

  /**
   * Returns how far the broker's clock is ahead of this machine's, in milliseconds; 0 where they
   * agree or nothing is known.
   */
  default long clockOffset() {
    return 0;
  }

  /**
   * Opens a temporary topic.
   *
   * @param user in whose turn
   * @param listener takes its messages on a JMS delivery thread; must not block
   */
  CompletionStage<ReplyEndpoint> openReplyEndpoint(String user, Consumer<BrokerMessage> listener);

  /** As above, for the bridge itself. */
  default CompletionStage<ReplyEndpoint> openReplyEndpoint(Consumer<BrokerMessage> listener) {
    return openReplyEndpoint("", listener);
  }

  /**
   * Subscribes to a topic or a pattern of topics.
   *
   * @param user in whose turn
   * @param listener takes its messages on a JMS delivery thread, in order; must not block
   */
  Pending<TopicConsumer> subscribe(
      String user,
      BrokerDestination topic,
      Optional<String> selector,
      Consumer<BrokerMessage> listener);

  /** As above, for the bridge itself. */
  default CompletionStage<TopicConsumer> subscribe(
      BrokerDestination topic, Optional<String> selector, Consumer<BrokerMessage> listener) {
    return subscribe("", topic, selector, listener).stage();
  }

  /**
   * Checks that a text is a selector which every supported broker understands and can evaluate at a
   * bounded cost.
   *
   * @return the cost of one evaluation, in comparisons; at least 1
   * @throws io.longspan.protocol.BridgeException {@code badRequest}
   */
  int requireSelector(String selector);

  /**
   * Returns whether a text in a property reaches every service as it is: where it does not, two
   * texts may become one.
   */
  default boolean carriesText(String text) {
    return true;
  }

  /** Returns whether a property's name, a Java identifier, reaches every service as it is. */
  default boolean carriesName(String name) {
    return true;
  }

  /**
   * Sends a message.
   *
   * @param source messages of the same client to the same destination reach the broker in the order
   *     of their calls
   * @return completes when the broker has taken the message; fails with {@code limitExceeded} where
   *     too many wait, with {@code sendFailed} where it was not taken in a bounded time
   */
  CompletionStage<Void> send(Outbound message, Source source);

  /** As above, for the bridge itself. */
  default CompletionStage<Void> send(Outbound message, String client) {
    return send(message, new Source("", client));
  }

  /** Closes the connection; blocks until what was sent has been handed over, for a bounded time. */
  @Override
  void close();
}
