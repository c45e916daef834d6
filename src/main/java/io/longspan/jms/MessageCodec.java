package io.longspan.jms;

import com.rabbitmq.jms.admin.RMQDestination;
import io.longspan.bridge.Ticker;
import io.longspan.config.LongspanConfig.Replies;
import io.longspan.protocol.BrokerMessage;
import io.longspan.protocol.MessageBody;
import jakarta.jms.BytesMessage;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageEOFException;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.StreamMessage;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.apache.activemq.BlobMessage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Converts between JMS messages and the values of the protocol (sections 3 and 4). Every JMS
 * message can be converted. An unreadable message becomes {@code unsupported}. If a message is
 * larger than a client's queue, its body is not read.
 *
 * <p>May be used on any thread; never blocks.
 */
final class MessageCodec {
  private static final Logger LOG = LoggerFactory.getLogger(MessageCodec.class);

  /**
   * The maximum remaining time to live, in milliseconds; a longer one counts as no expiry. So the
   * sum with the ticker's time cannot overflow.
   */
  private static final long MAX_TIME_LEFT = 1L << 53;

  /** A JMS reply address. The core passes it back without looking inside. */
  record JmsReplyAddress(Destination destination) implements BrokerMessage.ReplyAddress {}

  private final long maxBytes;
  private final String replyPrefix;
  private final Ticker ticker;
  private final LongSupplier wallClock;

  /**
   * Creates a codec that uses the clocks of this machine, and the default prefix of reply
   * destinations.
   *
   * @param maxBytes the maximum size of a message for one client, in bytes of JSON
   */
  MessageCodec(long maxBytes) {
    this(maxBytes, Replies.DEFAULT.prefix());
  }

  /**
   * Creates a codec that uses the clocks of this machine.
   *
   * @param maxBytes the maximum size of a message for one client, in bytes of JSON
   * @param replyPrefix the JMS name under which the bridges have reply destinations
   */
  MessageCodec(long maxBytes, String replyPrefix) {
    this(maxBytes, replyPrefix, Ticker.system(), System::currentTimeMillis);
  }

  /**
   * Creates a codec.
   *
   * @param maxBytes the maximum size of a message for one client, in bytes of JSON
   * @param replyPrefix the JMS name under which the bridges have reply destinations
   * @param ticker the bridge's ticker, in which the expiry is returned
   * @param wallClock the time in milliseconds since 1970, by which JMS messages expire
   */
  MessageCodec(long maxBytes, String replyPrefix, Ticker ticker, LongSupplier wallClock) {
    this.maxBytes = maxBytes;
    this.replyPrefix = replyPrefix;
    this.ticker = ticker;
    this.wallClock = wallClock;
  }

  /**
   * Creates a JMS message with a body and properties. The caller sets the headers.
   *
   * @throws JMSException if the provider rejects the body or a property
   */
  Message encode(Session session, MessageBody body, Map<String, Object> properties)
      throws JMSException {
    Message message;
    if (body instanceof MessageBody.Bytes bytes) {
      BytesMessage bytesMessage = session.createBytesMessage();
      bytesMessage.writeBytes(bytes.bytes());
      message = bytesMessage;
    } else {
      message = session.createTextMessage(((MessageBody.Text) body).text());
    }
    for (Map.Entry<String, Object> property : properties.entrySet()) {
      message.setObjectProperty(property.getKey(), property.getValue());
    }
    return message;
  }

  /** A part of a message that the provider may fail to read. */
  @FunctionalInterface
  private interface Part<T> {
    T read() throws JMSException;
  }

  /** A body as JSON, with its format. */
  private record Content(Object body, String format) {
    static final Content NONE = new Content(null, null);
    static final Content UNSUPPORTED = new Content(null, BrokerMessage.UNSUPPORTED);
  }

  /**
   * Decodes a JMS message. An object message is never deserialised.
   *
   * @param temporaryName the name of the temporary destination that received the message; empty for
   *     another destination. Some providers do not say it in the message
   */
  BrokerMessage decode(Message message, Optional<String> temporaryName) {
    return decode(message, temporaryName, MessageCodec::content);
  }

  /**
   * Decodes the headers and properties of a message that the provider could not prepare. Its body
   * is {@code unsupported}.
   *
   * @param cause the provider's error, for the log
   */
  BrokerMessage unreadable(Message message, Optional<String> temporaryName, Throwable cause) {
    return decode(
        message,
        temporaryName,
        (body, values) -> {
          logUnreadable(body, cause);
          return Content.UNSUPPORTED;
        });
  }

  /**
   * Decodes the headers of a message that is larger than a client's queue, and the properties that
   * fit. Its body is not read.
   */
  BrokerMessage tooLarge(Message message, Optional<String> temporaryName) {
    return decode(
        message,
        temporaryName,
        (body, values) -> {
          values.requireBytes(Long.MAX_VALUE);
          return Content.UNSUPPORTED;
        });
  }

  /** Returns the maximum size of a message for one client, in bytes of JSON. */
  long maxBytes() {
    return maxBytes;
  }

  @FunctionalInterface
  private interface BodyReader {
    Content read(Message message, JsonValues values) throws JMSException, JsonValues.TooLarge;
  }

  private BrokerMessage decode(
      Message message, Optional<String> temporaryName, BodyReader bodyReader) {
    Map<String, Object> properties = headers(message);
    JsonValues values = new JsonValues(maxBytes);
    Content content = Content.UNSUPPORTED;
    boolean tooLarge = false;
    try {
      properties(
          message,
          new ReplyNamesInMessage(message, temporaryName, replyPrefix),
          values,
          properties);
      content = bodyReader.read(message, values);
    } catch (JsonValues.TooLarge x) {
      tooLarge = true;
    } catch (JMSException | RuntimeException | OutOfMemoryError | StackOverflowError x) {
      // A provider may throw anything for content that it does not expect. For example, a corrupt
      // length makes it request more memory than exists.
      logUnreadable(message, x);
    }
    return new BrokerMessage(
        destination(message),
        properties,
        content.body(),
        content.format(),
        Optional.ofNullable(readable(message::getJMSReplyTo)).map(JmsReplyAddress::new),
        expiresAt(message),
        tooLarge);
  }

  private static void logUnreadable(Message message, Throwable cause) {
    LOG.warn(
        "message cannot be read destination={} id={} type={} error={}",
        destination(message),
        readable(message::getJMSMessageID),
        message.getClass().getSimpleName(),
        JmsErrors.text(cause));
  }

  /** Returns a part of a message; null if the provider cannot read it. */
  private static <T> T readable(Part<T> part) {
    try {
      return part.read();
    } catch (JMSException | RuntimeException x) {
      LOG.debug("header cannot be read", x);
      return null;
    }
  }

  private static String destination(Message message) {
    String name = readable(() -> nameOf(message.getJMSDestination()));
    return name == null ? "" : name;
  }

  /**
   * Returns the headers that can be read. For example, a provider may hold a correlation id that is
   * not text.
   */
  private static Map<String, Object> headers(Message message) {
    Map<String, Object> headers = new LinkedHashMap<>();
    putIfSet(headers, "JMSCorrelationID", readable(message::getJMSCorrelationID));
    putIfSet(headers, "JMSMessageID", readable(message::getJMSMessageID));
    Long timestamp = readable(message::getJMSTimestamp);
    putIfSet(headers, "JMSTimestamp", timestamp != null && timestamp != 0 ? timestamp : null);
    putIfSet(headers, "JMSType", readable(message::getJMSType));
    return headers;
  }

  private static void putIfSet(Map<String, Object> properties, String name, Object value) {
    if (value != null) {
      properties.put(name, value);
    }
  }

  /**
   * Returns when a message expires, in milliseconds of the bridge's ticker. The time is in the past
   * if the message has expired already.
   */
  private long expiresAt(Message message) {
    Long expiration = readable(message::getJMSExpiration);
    if (expiration == null || expiration <= 0) {
      return BrokerMessage.NEVER;
    }
    long left = expiration - wallClock.getAsLong();
    return left > MAX_TIME_LEFT ? BrokerMessage.NEVER : ticker.millis() + left;
  }

  private static void properties(
      Message message,
      ReplyNamesInMessage hidden,
      JsonValues values,
      Map<String, Object> properties)
      throws JMSException, JsonValues.TooLarge {
    Enumeration<?> names = message.getPropertyNames();
    while (names.hasMoreElements()) {
      String name = (String) names.nextElement();
      Object value = message.getObjectProperty(name);
      if (value != null && !isSteering(name)) {
        Object json = values.of(value);
        if (!hidden.isRevealedBy(name, json)) {
          properties.put(name, json);
        }
      }
    }
  }

  private static boolean isSteering(String name) {
    String upper = name.toUpperCase(Locale.ROOT);
    return upper.startsWith("_AMQ") || upper.startsWith("__AMQ") || upper.startsWith("AMQ_");
  }

  private static Content content(Message message, JsonValues values)
      throws JMSException, JsonValues.TooLarge {
    if (message instanceof TextMessage text) {
      return new Content(values.text(text.getText()), null);
    }
    if (message instanceof BytesMessage bytes) {
      return new Content(base64(bytes, values), "base64");
    }
    if (message instanceof MapMessage map) {
      return new Content(map(map, values), "map");
    }
    if (message instanceof StreamMessage stream) {
      return new Content(stream(stream, values), "stream");
    }
    // The body of a blob message of ActiveMQ is a URL chosen by its sender. The bridge never
    // fetches it.
    return message instanceof ObjectMessage || message instanceof BlobMessage
        ? Content.UNSUPPORTED
        : Content.NONE;
  }

  private static String base64(BytesMessage message, JsonValues values)
      throws JMSException, JsonValues.TooLarge {
    values.requireBytes(message.getBodyLength());
    byte[] bytes = new byte[Math.toIntExact(message.getBodyLength())];
    message.readBytes(bytes);
    return values.bytes(bytes);
  }

  private static Map<String, Object> map(MapMessage message, JsonValues values)
      throws JMSException, JsonValues.TooLarge {
    Map<String, Object> map = new LinkedHashMap<>();
    Enumeration<?> names = message.getMapNames();
    while (names.hasMoreElements()) {
      String name = (String) names.nextElement();
      map.put(values.text(name), values.of(message.getObject(name)));
    }
    return map;
  }

  private static List<Object> stream(StreamMessage message, JsonValues values)
      throws JMSException, JsonValues.TooLarge {
    List<Object> list = new ArrayList<>();
    try {
      while (true) {
        list.add(values.of(message.readObject()));
      }
    } catch (MessageEOFException end) {
      if (end.getLinkedException() != null) {
        // ActiveMQ: the bytes ended in the middle of a value, so the message is corrupt.
        throw end;
      }
      return list;
    }
  }

  /** Returns the name of a topic or queue; an empty text for another destination or null. */
  static String nameOf(Destination destination) throws JMSException {
    if (destination instanceof Topic topic) {
      return topic.getTopicName();
    }
    if (destination instanceof Queue queue) {
      return queue.getQueueName();
    }
    return "";
  }

  static boolean isTemporary(Destination destination) {
    // RabbitMQ has one class for destinations of every kind.
    return destination instanceof RMQDestination rabbit
        ? rabbit.isTemporary()
        : destination instanceof TemporaryTopic || destination instanceof TemporaryQueue;
  }
}
