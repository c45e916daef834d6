package io.longspan.jms;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.BlockedListener;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ShutdownSignalException;
import com.rabbitmq.jms.admin.RMQDestination;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.ResourceAllocationException;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One AMQP connection of RabbitMQ's JMS client, whose channels are observed by {@link
 * RabbitMqChannel}. May be used on any thread.
 */
final class RabbitMqConnection implements BlockedListener {
  private static final Logger LOG = LoggerFactory.getLogger(RabbitMqConnection.class);

  /** Names of the JMS client. An administrator grants rights on these names. */
  private static final String SUBSCRIPTION_QUEUE = "jms-cons-";

  private static final String SELECTOR_EXCHANGE = "jms-ndtop-slx-";

  private static final String SELECTOR_TYPE = "x-jms-topic";
  private static final String VERSION = "rjms_version";
  private static final String NO_VERSION = "0";

  /** The message that this thread hands to the JMS client now. */
  private final ThreadLocal<RabbitMqChannel.Sending> sending = new ThreadLocal<>();

  /** The consumer to which this thread adds a listener now. */
  private final ThreadLocal<RabbitMqConsumer> listening = new ThreadLocal<>();

  /** What this thread does with a message that the JMS client acknowledges now. */
  private final ThreadLocal<Outcome> outcome = new ThreadLocal<>();

  private volatile Consumer<Exception> onFault = fault -> {};

  /** Null until the connection is open. */
  private volatile Connection amqp;

  /** Why the broker accepts no messages; null if it accepts them. */
  private volatile String blocked;

  /** What becomes of a message at the broker. */
  @FunctionalInterface
  interface Outcome {
    void settle(Channel channel, long tag) throws IOException;
  }

  /** A call of the JMS client. */
  @FunctionalInterface
  interface Call {
    void run() throws JMSException;
  }

  /**
   * Returns a connection that behaves like the given one and observes all its channels. Blocks
   * until the broker has answered.
   *
   * @throws IOException if the broker lacks the plugin for JMS topics. The connection is closed
   *     then
   */
  Connection observe(Connection opened) throws IOException {
    requirePlugin(opened);
    amqp = opened;
    opened.addBlockedListener(this);
    return (Connection)
        Proxy.newProxyInstance(
            Connection.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, arguments) -> {
              try {
                Object result = method.invoke(opened, arguments);
                return result instanceof Channel channel
                    ? new RabbitMqChannel(channel, this).observed()
                    : result;
              } catch (InvocationTargetException x) {
                throw x.getCause();
              }
            });
  }

  /**
   * Creates an exchange of the plugin. Without the plugin the broker would close the whole
   * connection when the first client uses a selector.
   */
  private static void requirePlugin(Connection opened) throws IOException {
    String exchange = SELECTOR_EXCHANGE + "longspan-" + UUID.randomUUID();
    try (Channel trial = opened.createChannel()) {
      trial.exchangeDeclare(exchange, SELECTOR_TYPE, false, true, Map.of(VERSION, NO_VERSION));
      trial.exchangeDelete(exchange);
    } catch (IOException | TimeoutException | ShutdownSignalException x) {
      opened.abort();
      throw new IOException(
          "RabbitMQ does not create an exchange of its plugin rabbitmq_jms_topic_exchange; enable the"
              + " plugin, and let the account configure exchanges named "
              + SELECTOR_EXCHANGE
              + "*",
          x);
    }
  }

  @Override
  public void handleBlocked(String reason) {
    LOG.warn("broker accepts no messages reason={}", reason);
    blocked = reason;
  }

  @Override
  public void handleUnblocked() {
    LOG.info("broker accepts messages again");
    blocked = null;
  }

  /** Returns whether the broker reads nothing from this connection, because of an alarm. */
  boolean isBlocked() {
    return blocked != null;
  }

  /**
   * Rejects a call while the broker accepts no messages. The call would block.
   *
   * @throws ResourceAllocationException if the broker accepts no messages
   */
  void requireUnblocked() throws JMSException {
    String reason = blocked;
    if (reason != null) {
      throw new ResourceAllocationException("the broker accepts no messages: " + reason);
    }
  }

  void onFault(Consumer<Exception> listener) {
    onFault = listener;
  }

  /** Reports that the broker has closed a channel with consumers. */
  void fault(ShutdownSignalException cause) {
    onFault.accept(closed(cause));
  }

  /** Returns a JMS exception for the end of a channel or connection. */
  static JMSException closed(Exception cause) {
    JMSException failure =
        new IllegalStateException("the channel is closed: " + cause.getMessage());
    failure.initCause(cause);
    failure.setLinkedException(cause);
    return failure;
  }

  /** Opens a channel that is not observed. Blocks until the broker has answered. */
  Channel channel() throws IOException {
    return amqp.createChannel();
  }

  /**
   * Looks for a queue on a channel of its own, because the broker closes the channel if there is
   * none.
   *
   * @return null if the queue does not exist or is not visible
   */
  AMQP.Queue.DeclareOk existing(String queue) throws IOException {
    try (Channel trial = channel()) {
      return trial.queueDeclarePassive(queue);
    } catch (IOException | TimeoutException x) {
      if (!amqp.isOpen()) {
        throw new IOException("the connection is closed", x);
      }
      LOG.debug("queue not found queue={}", queue, x);
      return null;
    }
  }

  RabbitMqChannel.Sending sending() {
    return sending.get();
  }

  RabbitMqConsumer listening() {
    return listening.get();
  }

  /** Runs a call that sends one message. */
  void sending(RabbitMqChannel.Sending message, Call call) throws JMSException {
    run(sending, message, call);
  }

  Outcome outcome() {
    return outcome.get();
  }

  /** Runs a call that acknowledges a message, and gives the message another outcome. */
  void settling(Outcome wanted, Call call) throws JMSException {
    run(outcome, wanted, call);
  }

  /** Runs a call that adds a listener to a consumer. */
  void listening(RabbitMqConsumer consumer, Call call) throws JMSException {
    run(listening, consumer, call);
  }

  private static <T> void run(ThreadLocal<T> context, T value, Call call) throws JMSException {
    context.set(value);
    try {
      call.run();
    } catch (ShutdownSignalException x) {
      throw closed(x);
    } finally {
      context.remove();
    }
  }

  /**
   * Creates and deletes what a subscription needs, on a channel of its own.
   *
   * @param selector the selector; null for none
   * @throws JMSException if the broker rejects the subscription, or if the connection is lost
   */
  void tryOut(RMQDestination destination, String selector) throws JMSException {
    String id = "longspan-" + UUID.randomUUID();
    try (Channel trial = channel()) {
      subscribe(trial, destination, selector, id);
      delete(trial, selector, id);
    } catch (IOException | TimeoutException | ShutdownSignalException x) {
      cleanUp(selector, id);
      throw refused(x);
    }
  }

  /**
   * Creates the queue of a durable subscription, on a channel of its own. Idempotent.
   *
   * @throws JMSException if the broker rejects it, or if the connection is lost
   */
  void createSubscription(RMQDestination topic, String queue) throws JMSException {
    onChannel(
        channel -> {
          channel.exchangeDeclare(topic.getAmqpExchangeName(), topic.getAmqpExchangeType(), true);
          channel.queueDeclare(queue, true, false, false, null);
          channel.queueBind(queue, topic.getAmqpExchangeName(), topic.getAmqpRoutingKey());
        });
  }

  /**
   * Deletes the queue of a durable subscription, if it exists.
   *
   * @throws InUseException if it has a consumer
   * @throws JMSException if the broker rejects it, or if the connection is lost
   */
  void deleteSubscription(String queue) throws JMSException {
    onChannel(channel -> channel.queueDelete(queue, true, false));
  }

  @FunctionalInterface
  private interface ChannelCall {
    void run(Channel channel) throws IOException;
  }

  private void onChannel(ChannelCall call) throws JMSException {
    requireUnblocked();
    try (Channel own = channel()) {
      call.run(own);
    } catch (IOException | TimeoutException | ShutdownSignalException x) {
      throw isInUse(x) ? new InUseException(x) : refused(x);
    }
  }

  /** Returns whether the broker has refused a call because a queue has another consumer. */
  static boolean isInUse(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof ShutdownSignalException signal
          && signal.getReason() instanceof AMQP.Channel.Close close
          && (close.getReplyText().contains("exclusive use")
              || close.getReplyText().contains("in use"))) {
        return true;
      }
    }
    return false;
  }

  private static void subscribe(Channel trial, RMQDestination topic, String selector, String id)
      throws IOException {
    String queue = SUBSCRIPTION_QUEUE + id;
    trial.exchangeDeclare(topic.getAmqpExchangeName(), topic.getAmqpExchangeType(), true);
    trial.queueDeclare(queue, false, true, true, null);
    if (selector == null) {
      trial.queueBind(queue, topic.getAmqpExchangeName(), topic.getAmqpRoutingKey());
    } else {
      String exchange = SELECTOR_EXCHANGE + id;
      trial.exchangeDeclare(exchange, SELECTOR_TYPE, false, true, Map.of(VERSION, NO_VERSION));
      trial.exchangeBind(exchange, topic.getAmqpExchangeName(), topic.getAmqpRoutingKey());
      trial.queueBind(
          queue,
          exchange,
          topic.getAmqpRoutingKey(),
          Map.of("rjms_erlang_selector", RabbitMqConsumer.compile(selector), VERSION, NO_VERSION));
    }
  }

  private static void delete(Channel trial, String selector, String id) throws IOException {
    trial.queueDelete(SUBSCRIPTION_QUEUE + id);
    if (selector != null) {
      trial.exchangeDelete(SELECTOR_EXCHANGE + id);
    }
  }

  private void cleanUp(String selector, String id) {
    try (Channel other = channel()) {
      delete(other, selector, id);
    } catch (IOException | TimeoutException | ShutdownSignalException x) {
      LOG.debug("what a rejected subscription has left cannot be deleted", x);
    }
  }

  /** Distinguishes a rejection, which closes only the channel, from a lost connection. */
  private static JMSException refused(Exception x) {
    for (Throwable cause = x; cause != null; cause = cause.getCause()) {
      if (cause instanceof ShutdownSignalException signal
          && !signal.isHardError()
          && signal.getReason() instanceof AMQP.Channel.Close close) {
        return new JMSException("the broker rejects the subscription: " + close.getReplyText());
      }
    }
    return closed(x);
  }
}
