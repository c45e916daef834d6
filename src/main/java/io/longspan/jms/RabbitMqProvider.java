package io.longspan.jms;

import com.rabbitmq.client.impl.ForgivingExceptionHandler;
import com.rabbitmq.jms.admin.RMQConnectionFactory;
import com.rabbitmq.jms.admin.RMQDestination;
import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.catalogue.RabbitMqNames;
import io.longspan.concurrent.DaemonThreads;
import io.longspan.config.LongspanConfig.Broker;
import io.longspan.config.LongspanConfig.Dialect;
import io.longspan.tls.ClientTls;
import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.Destination;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import java.io.IOException;
import java.security.NoSuchAlgorithmException;
import java.util.Enumeration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;

/**
 * RabbitMQ with its own JMS client, and with the broker's plugin for JMS topics. {@code
 * docs/brokers.md} lists what this broker cannot do.
 *
 * <p>The JMS client reports neither confirmations nor ended consumers reliably. {@link
 * RabbitMqChannel} adds both ({@code docs/decisions/0055}).
 */
final class RabbitMqProvider implements JmsProvider {
  /** The broker closes a connection that is silent for twice this time, in seconds. */
  private static final int HEARTBEAT_SECONDS = 5;

  /**
   * Maximum time for one message in the bridge's listener, in milliseconds. The listener never
   * blocks. The default of 2 s would discard a message if the process is paused.
   */
  private static final int LISTENER_TIMEOUT = 30_000;

  /**
   * Maximum size of the properties of a message, in bytes. They are sent in one frame, and the
   * broker limits a frame to 128 KiB by default.
   */
  private static final int MAX_PROPERTY_BYTES = 120_000;

  /** Size of a property beside its name and text, in bytes; an upper bound. */
  private static final int PROPERTY_OVERHEAD = 16;

  /** The only classes that may be deserialised: addresses of destinations. */
  private static final List<String> TRUSTED_PACKAGES = List.of("com.rabbitmq.jms.admin");

  private final Broker broker;
  private final RabbitMqConnection connection = new RabbitMqConnection();

  RabbitMqProvider(Broker broker) {
    this.broker = broker;
  }

  @Override
  public ConnectionFactory connectionFactory() throws JMSException {
    Optional<SSLContext> tls = BrokerTls.context(broker);
    RMQConnectionFactory factory =
        new RMQConnectionFactory() {
          @Override
          protected com.rabbitmq.client.ConnectionFactory createConnectionFactory() {
            return amqpConnectionFactory(tls);
          }
        };
    factory.setUri(broker.url());
    factory.setOnMessageTimeoutMs(LISTENER_TIMEOUT);
    factory.setTerminationTimeout(CALL_TIMEOUT.toMillis());
    factory.setChannelsQos(PREFETCH);
    factory.setTrustedPackages(TRUSTED_PACKAGES);
    // Without it, each closed consumer would leave its queue until the connection ends.
    factory.setCleanUpServerNamedQueuesForNonDurableTopicsOnSessionClose(true);
    // A reply queue of a service belongs to the service. Declaring it here would be an error.
    factory.setDeclareReplyToDestination(false);
    return factory;
  }

  private com.rabbitmq.client.ConnectionFactory amqpConnectionFactory(Optional<SSLContext> tls) {
    com.rabbitmq.client.ConnectionFactory amqp =
        new com.rabbitmq.client.ConnectionFactory() {
          @Override
          public com.rabbitmq.client.Connection newConnection()
              throws IOException, java.util.concurrent.TimeoutException {
            requireTrust(this, tls);
            return connection.observe(super.newConnection());
          }
        };
    int timeout = Math.toIntExact(CALL_TIMEOUT.toMillis());
    // The bridge reconnects by itself.
    amqp.setAutomaticRecoveryEnabled(false);
    amqp.setTopologyRecoveryEnabled(false);
    amqp.setConnectionTimeout(timeout);
    amqp.setHandshakeTimeout(timeout);
    amqp.setShutdownTimeout(timeout);
    amqp.setChannelRpcTimeout(timeout);
    amqp.setChannelShouldCheckRpcResponseType(true);
    amqp.setRequestedHeartbeat(HEARTBEAT_SECONDS);
    amqp.setThreadFactory(new DaemonThreads("longspan-rabbitmq"));
    // The default handler closes the channel, and so all consumers of the session.
    amqp.setExceptionHandler(new ForgivingExceptionHandler());
    return amqp;
  }

  /**
   * Checks the certificate and the host name of the server. The JMS client's own default trusts
   * every server.
   *
   * @param tls the context of {@code broker.tls}; empty for the trust store of Java
   */
  private void requireTrust(com.rabbitmq.client.ConnectionFactory amqp, Optional<SSLContext> tls)
      throws IOException {
    if (!amqp.isSSL()) {
      return;
    }
    try {
      amqp.useSslProtocol(tls.isPresent() ? tls.get() : SSLContext.getDefault());
    } catch (NoSuchAlgorithmException x) {
      throw new IOException("TLS is not available", x);
    }
    if (broker.tls().map(ClientTls::verifyHostname).orElse(true)) {
      amqp.enableHostnameVerification();
    }
  }

  @Override
  public void listen(Connection jms, Consumer<Exception> onFault) throws JMSException {
    jms.setExceptionListener(onFault::accept);
    connection.onFault(onFault);
  }

  /**
   * Creates a destination. Asks the broker to declare it.
   *
   * @throws JMSException if the name is longer than AMQP allows, or if the broker accepts no
   *     messages
   */
  @Override
  public Queue queue(Session session, String name) throws JMSException {
    requireUsable(name);
    return session.createQueue(name);
  }

  @Override
  public Topic topic(Session session, String name) throws JMSException {
    requireUsable(name);
    return session.createTopic(name);
  }

  private void requireUsable(String name) throws JMSException {
    connection.requireUnblocked();
    if (!RabbitMqNames.isShort(name)) {
      throw new InvalidDestinationException(
          "the name is longer than %d bytes".formatted(RabbitMqNames.MAX_BYTES));
    }
  }

  /**
   * Declares an exchange that exists. A temporary topic exists only at the client. A blocked
   * connection answers nothing, but its broker is known to be alive: the AMQP client detects its
   * end.
   */
  @Override
  public void ask(Session session, HeartbeatDestination heartbeats) throws JMSException {
    if (!connection.isBlocked()) {
      session.createTopic("longspan.heartbeat");
    }
  }

  /**
   * Creates a consumer. The broker closes the channel of a consumer that it rejects, and with it
   * all consumers of the session. So the bridge tries each consumer on a channel of its own first.
   */
  @Override
  public MessageConsumer createConsumer(
      Connection jms, Session session, Destination destination, String selector)
      throws JMSException {
    RMQDestination wanted = (RMQDestination) destination;
    RabbitMqConsumer.requireSelector(selector);
    if (!wanted.isTemporary() && !wanted.isQueue()) {
      connection.tryOut(wanted, selector);
    }
    return new RabbitMqConsumer(
        session.createConsumer(destination, selector),
        wanted.isQueue() ? "#" : wanted.getTopicName(),
        connection);
  }

  /** Returns a destination that is not declared at the broker. */
  @Override
  public Destination replyTo(Session session, BrokerDestination destination) {
    return new RMQDestination(destination.name(), destination.kind() == Kind.QUEUE, false);
  }

  /** Sends without waiting for the broker's answer, so the next message can follow at once. */
  @Override
  public void send(
      MessageProducer producer,
      Destination destination,
      Message message,
      int deliveryMode,
      int priority,
      long timeToLive,
      CompletionListener listener)
      throws JMSException {
    requireSendable(message);
    connection.requireUnblocked();
    connection.sending(
        new RabbitMqChannel.Sending(message, listener),
        () -> producer.send(destination, message, deliveryMode, priority, timeToLive));
  }

  private static void requireSendable(Message message) throws JMSException {
    String correlationId = message.getJMSCorrelationID();
    if (correlationId != null && !RabbitMqNames.isShort(correlationId)) {
      throw new MessageFormatException(
          "JMSCorrelationID is longer than %d bytes".formatted(RabbitMqNames.MAX_BYTES));
    }
    long bytes = 0;
    Enumeration<?> names = message.getPropertyNames();
    while (names.hasMoreElements()) {
      String name = (String) names.nextElement();
      bytes += PROPERTY_OVERHEAD + RabbitMqLimits.bytes(name);
      if (message.getObjectProperty(name) instanceof String text) {
        bytes += RabbitMqLimits.bytes(text);
      }
    }
    if (bytes > MAX_PROPERTY_BYTES) {
      throw new MessageFormatException(
          "the properties are larger than %d bytes".formatted(MAX_PROPERTY_BYTES));
    }
  }

  /**
   * The broker keeps the order of messages only within a channel, which is a session. A send does
   * not wait here, so one session is enough.
   */
  @Override
  public int producerSessions() {
    return 1;
  }

  @Override
  public SendQueue.Windows sendWindows() {
    return SendQueue.Windows.PIPELINED;
  }

  @Override
  public boolean carriesText(String text) {
    return RabbitMqLimits.carriesText(text);
  }

  @Override
  public boolean carriesName(String name) {
    return RabbitMqNames.isProperty(name);
  }

  @Override
  public Optional<OneByOne> oneByOne() {
    return Optional.of(new RabbitMqOneByOne(connection));
  }

  @Override
  public String pattern(String neutral) {
    return Patterns.of(Dialect.RABBITMQ, neutral);
  }
}
