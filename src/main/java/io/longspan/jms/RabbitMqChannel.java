package io.longspan.jms;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ConfirmListener;
import com.rabbitmq.client.Consumer;
import com.rabbitmq.client.ShutdownSignalException;
import jakarta.jms.CompletionListener;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * Observes the AMQP channel of one JMS session of RabbitMQ's JMS client. It adds what the JMS
 * client lacks ({@code docs/decisions/0055}):
 *
 * <ul>
 *   <li>The broker's confirmation of each message. If the channel ends, the unconfirmed messages
 *       fail.
 *   <li>An error for a message to a queue that an administrator has deleted. The queue is declared
 *       again before the next message to it.
 *   <li>A new channel after the broker has closed the channel because of one rejected message.
 *   <li>Use of an existing queue whatever its type and arguments.
 *   <li>A report if the broker ends a consumer.
 * </ul>
 *
 * <p>The JMS session's thread makes the calls. Confirmations arrive on the connection's thread, and
 * messages on the threads of the AMQP client.
 */
final class RabbitMqChannel implements InvocationHandler {
  /** The exchange of the JMS client through which queues receive messages. */
  private static final String QUEUES = "jms.durable.queues";

  /** The position of the argument in the overload of {@code basicConsume} that is used. */
  private static final int EXCLUSIVE = 4;

  /** The header that holds the JMS message id. */
  private static final String MESSAGE_ID = "JMSMessageID";

  /** A message that is being sent, with the listener for its result. */
  record Sending(Message message, CompletionListener listener) {
    void confirmed() {
      listener.onCompletion(message);
    }

    void failed(JMSException reason) {
      listener.onException(message, reason);
    }

    String id() {
      try {
        return String.valueOf(message.getJMSMessageID());
      } catch (JMSException x) {
        return "";
      }
    }
  }

  private final RabbitMqConnection connection;
  private final Set<String> missingQueues = ConcurrentHashMap.newKeySet();
  private volatile Channel channel;
  private volatile boolean consumes;

  /** Null until the present channel confirms messages. Owned by the sending thread. */
  private Confirmations confirmations;

  RabbitMqChannel(Channel channel, RabbitMqConnection connection) {
    this.connection = connection;
    use(channel);
  }

  private void use(Channel opened) {
    channel = opened;
    confirmations = null;
    opened.addShutdownListener(
        cause -> {
          if (consumes && isRejection(cause)) {
            connection.fault(cause);
          }
        });
  }

  /** Returns whether the broker has closed only the channel, because it rejected a call. */
  static boolean isRejection(ShutdownSignalException cause) {
    return !cause.isHardError() && !cause.isInitiatedByApplication();
  }

  /** Returns a channel for the JMS client. */
  Channel observed() {
    return (Channel)
        Proxy.newProxyInstance(
            Channel.class.getClassLoader(), new Class<?>[] {Channel.class}, this);
  }

  @Override
  public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
    try {
      return switch (method.getName()) {
        case "close", "abort", "isOpen", "getCloseReason" -> method.invoke(channel, arguments);
        // The JMS client counts confirmations itself, at a cost that grows with each message.
        case "addConfirmListener" -> null;
        case "getNextPublishSeqNo" -> 0L;
        case "basicPublish" -> publish(method, arguments);
        case "basicConsume" -> consume(method, arguments);
        case "queueDeclare" -> declare(method, arguments);
        case "basicAck" -> acknowledge(method, arguments);
        default -> method.invoke(usable(), arguments);
      };
    } catch (InvocationTargetException x) {
      throw checked(method, x.getCause());
    } catch (ShutdownSignalException x) {
      throw checked(method, x);
    }
  }

  /**
   * Returns the end of a channel as a checked exception. The JMS client passes the unchecked one
   * on, which then looks like a failure of the bridge.
   */
  private static Throwable checked(Method method, Throwable failure) {
    return failure instanceof ShutdownSignalException
            && List.of(method.getExceptionTypes()).contains(IOException.class)
        ? new IOException("the channel is closed: " + failure.getMessage(), failure)
        : failure;
  }

  /** Returns the channel; another one if the broker has closed it and no consumer used it. */
  private Channel usable() throws IOException {
    ShutdownSignalException closed = consumes ? null : channel.getCloseReason();
    if (closed != null && isRejection(closed)) {
      use(connection.channel());
    }
    return channel;
  }

  private Object publish(Method method, Object[] arguments) throws Throwable {
    Sending sending = connection.sending();
    if (sending == null) {
      return method.invoke(usable(), arguments);
    }
    Channel open = usable();
    if (confirmations == null) {
      confirmations = new Confirmations(open, missingQueues);
    }
    String exchange = (String) arguments[0];
    String name = (String) arguments[1];
    boolean mandatory = exchange.equals(QUEUES);
    if (mandatory && missingQueues.remove(name)) {
      open.queueDeclare(name, true, false, false, null);
      open.queueBind(name, QUEUES, name);
    }
    long number = open.getNextPublishSeqNo();
    confirmations.expect(number, sending);
    try {
      open.basicPublish(
          exchange, name, mandatory, (BasicProperties) arguments[2], (byte[]) arguments[3]);
    } catch (IOException | RuntimeException x) {
      confirmations.forget(number);
      // The numbers of this channel and of the broker may differ from now on.
      open.abort();
      throw x instanceof IOException ? x : new IOException(x);
    }
    return null;
  }

  private Object consume(Method method, Object[] arguments) throws Throwable {
    RabbitMqConsumer target = connection.listening();
    if (target == null) {
      return method.invoke(usable(), arguments);
    }
    int last = arguments.length - 1;
    if (target.isOneByOne()) {
      // The channel has no other consumers, which would end with it. So its end is no fault.
      Channel own = usable();
      own.basicQos(1);
      if (target.isExclusive()) {
        arguments[EXCLUSIVE] = true;
      }
      arguments[last] = target.observe((Consumer) arguments[last], own);
      return method.invoke(own, arguments);
    }
    consumes = true;
    arguments[last] = target.observe((Consumer) arguments[last], channel);
    return method.invoke(channel, arguments);
  }

  /** Acknowledges a message, or gives it the other outcome that the caller wants. */
  private Object acknowledge(Method method, Object[] arguments) throws Throwable {
    RabbitMqConnection.Outcome outcome = connection.outcome();
    if (outcome == null) {
      return method.invoke(usable(), arguments);
    }
    outcome.settle(channel, (Long) arguments[0]);
    return null;
  }

  /** Declares a queue, unless a durable queue of the name exists with other arguments. */
  private Object declare(Method method, Object[] arguments) throws Throwable {
    boolean durable = arguments.length == 5 && (Boolean) arguments[1];
    if (durable) {
      AMQP.Queue.DeclareOk existing = connection.existing((String) arguments[0]);
      if (existing != null) {
        return existing;
      }
    }
    return method.invoke(usable(), arguments);
  }

  /** The messages on one channel that the broker has not yet confirmed. */
  private static final class Confirmations implements ConfirmListener {
    /** By the channel's sequence number. */
    private final ConcurrentSkipListMap<Long, Sending> expected = new ConcurrentSkipListMap<>();

    /** The ids of messages that no queue has received. Owned by the connection's thread. */
    private final Set<String> returned = ConcurrentHashMap.newKeySet();

    Confirmations(Channel channel, Set<String> missingQueues) throws IOException {
      channel.addConfirmListener(this);
      channel.addReturnListener(
          (code, text, exchange, queue, properties, body) -> {
            missingQueues.add(queue);
            returned.add(String.valueOf(properties.getHeaders().get(MESSAGE_ID)));
          });
      channel.confirmSelect();
      channel.addShutdownListener(this::ended);
    }

    void expect(long number, Sending sending) {
      expected.put(number, sending);
    }

    void forget(long number) {
      expected.remove(number);
    }

    @Override
    public void handleAck(long number, boolean multiple) {
      settle(number, multiple, null);
    }

    @Override
    public void handleNack(long number, boolean multiple) {
      settle(number, multiple, "the broker has not accepted the message");
    }

    private void settle(long number, boolean multiple, String problem) {
      if (!multiple) {
        settle(expected.remove(number), problem);
        return;
      }
      Map.Entry<Long, Sending> first;
      while ((first = expected.firstEntry()) != null && first.getKey() <= number) {
        settle(expected.remove(first.getKey()), problem);
      }
    }

    private void settle(Sending sending, String problem) {
      if (sending == null) {
        return;
      }
      // A broker returns a message before it confirms the message.
      boolean back = !returned.isEmpty() && returned.remove(sending.id());
      if (problem == null && !back) {
        sending.confirmed();
      } else {
        sending.failed(new JMSException(back ? "the queue does not exist" : problem));
      }
    }

    private void ended(ShutdownSignalException cause) {
      JMSException failure =
          isRejection(cause)
              ? new JMSException("the broker rejects a message: " + cause.getReason())
              : RabbitMqConnection.closed(cause);
      for (Long number : expected.keySet()) {
        Sending sending = expected.remove(number);
        if (sending != null) {
          sending.failed(failure);
        }
      }
    }
  }
}
