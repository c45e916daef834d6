package io.longspan.jms;

import com.rabbitmq.jms.admin.RMQConnectionFactory;
import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.catalogue.JndiNames;
import io.longspan.config.LongspanConfig.Broker;
import io.longspan.config.LongspanConfig.Dialect;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.Destination;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import java.util.Hashtable;
import java.util.List;
import java.util.Optional;
import javax.naming.Context;
import javax.naming.InitialContext;
import javax.naming.NameNotFoundException;
import javax.naming.NamingException;
import org.apache.activemq.artemis.jms.client.ActiveMQSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A {@code ConnectionFactory} from JNDI, and destinations from JNDI whose names the catalogue marks
 * by {@code jndi:}. Their options are set in their JNDI definition, not by the bridge.
 *
 * <p>All names and the context are the operator's settings; no input of a client reaches JNDI.
 */
final class JndiProvider implements JmsProvider {
  /** The JMS error code of a destination that JNDI does not give. */
  static final String ERROR_CODE = "JNDI";

  private static final Logger LOG = LoggerFactory.getLogger(JndiProvider.class);

  private final Broker broker;

  JndiProvider(Broker broker) {
    this.broker = broker;
  }

  @Override
  public ConnectionFactory connectionFactory() throws JMSException {
    ConnectionFactory factory = lookUp(broker.jndi().connectionFactory(), ConnectionFactory.class);
    if (factory instanceof RMQConnectionFactory) {
      throw new JMSException(
          "the JNDI entry %s belongs to RabbitMQ; use broker.provider rabbitmq"
              .formatted(broker.jndi().connectionFactory()));
    }
    ArtemisPackets.protect(factory);
    return factory;
  }

  @Override
  public Queue queue(Session session, String name) throws JMSException {
    return JndiNames.isJndi(name) ? administered(name, Queue.class) : session.createQueue(name);
  }

  @Override
  public Topic topic(Session session, String name) throws JMSException {
    return JndiNames.isJndi(name) ? administered(name, Topic.class) : session.createTopic(name);
  }

  /** The client of Artemis learns in a transaction only by its commit that it may not send. */
  @Override
  public void tryToSend(Session transaction, Destination destination, long timeToLive)
      throws JMSException {
    if (destination instanceof org.apache.activemq.artemis.jms.client.ActiveMQDestination) {
      throw new UnsupportedOperationException("only with broker.provider artemis");
    }
    JmsProvider.super.tryToSend(transaction, destination, timeToLive);
  }

  private <T> T administered(String name, Class<T> type) throws JMSException {
    try {
      return lookUp(JndiNames.lookupName(name), type);
    } catch (JMSException x) {
      LOG.warn("destination not found in JNDI name={} error={}", name, JmsErrors.text(x));
      throw x;
    }
  }

  /**
   * Looks all destinations up, and logs those that do not exist. Blocks.
   *
   * @param destinations destinations whose names are {@linkplain JndiNames JNDI names}
   */
  void check(List<BrokerDestination> destinations) {
    for (BrokerDestination destination : destinations) {
      problem(destination)
          .ifPresent(
              problem ->
                  LOG.warn(
                      "catalogue names a destination that JNDI does not have name={} error={}",
                      destination.name(),
                      problem));
    }
  }

  private Optional<String> problem(BrokerDestination destination) {
    try {
      Class<? extends Destination> type =
          destination.kind() == Kind.QUEUE ? Queue.class : Topic.class;
      lookUp(JndiNames.lookupName(destination.name()), type);
      return Optional.empty();
    } catch (JMSException x) {
      return Optional.of(JmsErrors.text(x));
    }
  }

  /**
   * Looks a name up.
   *
   * @throws InvalidDestinationException if it does not exist or has another type; the message names
   *     it
   * @throws JMSException if JNDI cannot be asked
   */
  @SuppressWarnings("BanJNDI")
  private <T> T lookUp(String name, Class<T> type) throws JMSException {
    Object found;
    try {
      Context context = new InitialContext(new Hashtable<>(broker.jndi().environment()));
      try {
        found = context.lookup(name);
      } finally {
        context.close();
      }
    } catch (NameNotFoundException x) {
      throw caused(
          new InvalidDestinationException("the JNDI entry " + name + " does not exist", ERROR_CODE),
          x);
    } catch (NamingException x) {
      throw caused(
          new JMSException("the JNDI entry " + name + " cannot be read: " + x, ERROR_CODE), x);
    }
    if (type.isInstance(found)) {
      return type.cast(found);
    }
    throw new InvalidDestinationException(
        "the JNDI entry " + name + " is not a jakarta.jms." + type.getSimpleName(), ERROR_CODE);
  }

  private static JMSException caused(JMSException failure, Exception cause) {
    failure.initCause(cause);
    return failure;
  }

  /** The factory may belong to any JMS client, so the broker's dialect decides. */
  @Override
  public boolean carriesText(String text) {
    return OpenWire.carries(broker.dialect(), text);
  }

  @Override
  public boolean carriesName(String name) {
    return OpenWire.isWithinBmp(name) && carriesText(name);
  }

  @Override
  public Destination replyTo(Session session, BrokerDestination destination) throws JMSException {
    return session instanceof ActiveMQSession
        ? ArtemisProvider.localDestination(destination)
        : JmsProvider.super.replyTo(session, destination);
  }

  /**
   * Creates a consumer. In IBM MQ, a session with a listener allows no call of another thread, so
   * each consumer has its own session.
   */
  @Override
  public MessageConsumer createConsumer(
      Connection connection, Session session, Destination destination, String selector)
      throws JMSException {
    if (broker.dialect() == Dialect.IBMMQ) {
      return SessionConsumer.open(connection, topicAcknowledgeMode(), destination, selector);
    }
    return session instanceof ActiveMQSession
        ? ArtemisProvider.consume(session, destination, selector)
        : session.createConsumer(destination, selector);
  }

  @Override
  public String pattern(String neutral) {
    return Patterns.of(broker.dialect(), neutral);
  }
}
