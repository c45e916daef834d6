package io.longspan.jms;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Consumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import com.rabbitmq.jms.admin.RMQDestination;
import com.rabbitmq.jms.client.message.RMQTextMessage;
import com.rabbitmq.jms.parse.sql.SqlCompiler;
import com.rabbitmq.jms.parse.sql.SqlEvaluator;
import com.rabbitmq.jms.parse.sql.SqlExpressionType;
import com.rabbitmq.jms.parse.sql.SqlParser;
import com.rabbitmq.jms.parse.sql.SqlTokenStream;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageListener;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A consumer of RabbitMQ's JMS client that notices its end, and that receives unreadable messages
 * too.
 *
 * <p>It discards messages of other topics: the selectors of one session share an exchange of the
 * broker, and that exchange passes each message to every consumer whose selector matches.
 */
final class RabbitMqConsumer extends DelegatingConsumer {
  private static final Logger LOG = LoggerFactory.getLogger(RabbitMqConsumer.class);

  /** The types of the headers in a selector, as in the JMS client. */
  private static final Map<String, SqlExpressionType> HEADERS =
      Map.of(
          "JMSDeliveryMode", SqlExpressionType.STRING,
          "JMSPriority", SqlExpressionType.ARITH,
          "JMSMessageID", SqlExpressionType.STRING,
          "JMSTimestamp", SqlExpressionType.ARITH,
          "JMSCorrelationID", SqlExpressionType.STRING,
          "JMSType", SqlExpressionType.STRING);

  /** The package of all messages of the JMS client. */
  private static final byte[] MESSAGE_CLASS =
      "com.rabbitmq.jms.client.".getBytes(StandardCharsets.US_ASCII);

  /** Number of bytes before the first block of a serialised object. */
  private static final int STREAM_HEADER = 4;

  private static final byte SHORT_BLOCK = 0x77;
  private static final byte LONG_BLOCK = 0x7a;

  private final String topic;
  private final RabbitMqConnection connection;
  private final boolean oneByOne;

  /** Whether the broker must refuse any other consumer of the queue. */
  private final boolean exclusive;

  private volatile boolean ended;

  /** The channel of the consumer; null until {@link #observe}. */
  private volatile Channel channel;

  /** The delivery tag of the last message, of a consumer that settles each message itself. */
  private volatile long heldTag;

  /** Whether the JMS client knows the last message. Written before the message is handed over. */
  private volatile boolean heldIsKnown;

  /** Null until {@link #listen}. */
  private volatile MessageReceiver receiver;

  /**
   * Wraps a consumer.
   *
   * @param topic the name of its topic; may be a pattern
   */
  RabbitMqConsumer(MessageConsumer consumer, String topic, RabbitMqConnection connection) {
    this(consumer, topic, connection, false, false);
  }

  private RabbitMqConsumer(
      MessageConsumer consumer,
      String topic,
      RabbitMqConnection connection,
      boolean oneByOne,
      boolean exclusive) {
    super(consumer);
    this.topic = topic;
    this.connection = connection;
    this.oneByOne = oneByOne;
    this.exclusive = exclusive;
  }

  /**
   * Wraps a consumer of a queue that holds one message at a time, and acknowledges none itself.
   *
   * @param exclusive whether the broker must refuse any other consumer of the queue
   */
  static RabbitMqConsumer oneByOne(
      MessageConsumer consumer, RabbitMqConnection connection, boolean exclusive) {
    return new RabbitMqConsumer(consumer, "#", connection, true, exclusive);
  }

  boolean isExclusive() {
    return exclusive;
  }

  /** Returns whether the consumer holds one message at a time. */
  boolean isOneByOne() {
    return oneByOne;
  }

  /** Returns the AMQP channel; null before there is a listener. */
  Channel channel() {
    return channel;
  }

  /** Returns the delivery tag of the last message; 0 if there was none. */
  long heldTag() {
    return heldTag;
  }

  /** Returns whether the JMS client could read the last message, and so remembers its tag. */
  boolean isHeldKnown() {
    return heldIsKnown;
  }

  /** Returns whether the broker has ended the consumer. */
  boolean isEnded() {
    return ended;
  }

  /**
   * Checks a selector before the broker sees it.
   *
   * @param selector the selector; null for none
   * @throws InvalidSelectorException if the broker does not support it
   */
  static void requireSelector(String selector) throws InvalidSelectorException {
    if (selector == null) {
      return;
    }
    // The broker compares other characters with the wrong bytes.
    if (selector.chars().anyMatch(c -> c >= 0x7f)) {
      throw new InvalidSelectorException("RabbitMQ allows only ASCII characters in a selector");
    }
    SqlTokenStream tokens = new SqlTokenStream(selector);
    SqlCompiler compiler = compiler(tokens);
    if (!compiler.compileOk() || !tokens.getResidue().toString().isBlank()) {
      throw new InvalidSelectorException("RabbitMQ does not support this selector");
    }
  }

  /** Returns a valid selector in the form of the broker's plugin. */
  static String compile(String selector) {
    return compiler(new SqlTokenStream(selector)).compile();
  }

  private static SqlCompiler compiler(SqlTokenStream tokens) {
    return new SqlCompiler(new SqlEvaluator(new SqlParser(tokens), HEADERS));
  }

  /** Registers the only listener. */
  void listen(MessageReceiver messageReceiver) throws JMSException {
    receiver = messageReceiver;
    connection.listening(this, () -> setMessageListener(messageReceiver::received));
  }

  /** Returns an AMQP consumer that passes all calls on, except messages that are not for it. */
  Consumer observe(Consumer jms, Channel channel) {
    this.channel = channel;
    return new Consumer() {
      @Override
      public void handleDelivery(
          String tag, Envelope envelope, BasicProperties properties, byte[] body)
          throws IOException {
        heldTag = envelope.getDeliveryTag();
        heldIsKnown = true;
        if (oneByOne && !isMessage(body)) {
          unreadable(envelope, properties, new IOException("not a message of a JMS client"));
        } else if (!Patterns.matches(topic, envelope.getRoutingKey())) {
          channel.basicAck(envelope.getDeliveryTag(), false);
        } else if (!isMessage(body)) {
          channel.basicAck(envelope.getDeliveryTag(), false);
          unreadable(envelope, properties, new IOException("not a message of a JMS client"));
        } else {
          try {
            // The JMS client acknowledges first, and then decodes the message.
            jms.handleDelivery(tag, envelope, properties, body);
          } catch (IOException | RuntimeException | OutOfMemoryError | StackOverflowError x) {
            unreadable(envelope, properties, x);
          }
        }
      }

      @Override
      public void handleCancel(String tag) throws IOException {
        ended = true;
        jms.handleCancel(tag);
      }

      @Override
      public void handleShutdownSignal(String tag, ShutdownSignalException signal) {
        ended = true;
        jms.handleShutdownSignal(tag, signal);
        try {
          // Else closing the consumer would fail, and the thread of its session would stay.
          jms.handleCancel(tag);
        } catch (IOException x) {
          LOG.debug("end of a consumer not reported", x);
        }
      }

      @Override
      public void handleConsumeOk(String tag) {
        jms.handleConsumeOk(tag);
      }

      @Override
      public void handleCancelOk(String tag) {
        jms.handleCancelOk(tag);
      }

      @Override
      public void handleRecoverOk(String tag) {
        jms.handleRecoverOk(tag);
      }
    };
  }

  /**
   * Returns whether a body names a message class of the JMS client. The client would load and
   * create any class that a body names.
   */
  private static boolean isMessage(byte[] body) {
    if (body.length <= STREAM_HEADER) {
      return false;
    }
    int block = body[STREAM_HEADER];
    int lengthBytes = block == SHORT_BLOCK ? 1 : block == LONG_BLOCK ? 4 : -1;
    // The length of the block, and the length of the name.
    int start = STREAM_HEADER + 1 + lengthBytes + 2;
    int end = start + MESSAGE_CLASS.length;
    return lengthBytes > 0
        && body.length >= end
        && Arrays.equals(body, start, end, MESSAGE_CLASS, 0, MESSAGE_CLASS.length);
  }

  private void unreadable(Envelope envelope, BasicProperties properties, Throwable cause) {
    heldIsKnown = false;
    MessageReceiver target = receiver;
    if (target != null) {
      target.unreadable(substitute(envelope, properties), cause);
    }
  }

  /** Returns a message with the headers that AMQP has transferred. */
  private static Message substitute(Envelope envelope, BasicProperties properties) {
    RMQTextMessage message = new RMQTextMessage();
    try {
      message.setJMSDestination(new RMQDestination(envelope.getRoutingKey(), false, false));
      message.setJMSCorrelationID(properties.getCorrelationId());
      Map<String, Object> headers = properties.getHeaders();
      if (headers != null && headers.get("JMSMessageID") != null) {
        message.setJMSMessageID(headers.get("JMSMessageID").toString());
      }
    } catch (JMSException x) {
      LOG.debug("headers of an unreadable message not copied", x);
    }
    return message;
  }

  @Override
  public MessageListener getMessageListener() throws JMSException {
    if (ended) {
      throw new IllegalStateException("the broker has ended the consumer");
    }
    return super.getMessageListener();
  }
}
