package io.longspan.jms;

import io.longspan.catalogue.BrokerDestination;
import io.longspan.config.LongspanConfig.Broker;
import io.longspan.config.LongspanConfig.Dialect;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.util.Hashtable;
import javax.naming.Context;
import javax.naming.InitialContext;
import javax.naming.NamingException;
import org.apache.activemq.artemis.jms.client.ActiveMQSession;

/**
 * A {@code ConnectionFactory} from JNDI. Its options are set in its JNDI definition, not by the
 * bridge.
 */
final class JndiProvider implements JmsProvider {
  private final Broker broker;

  JndiProvider(Broker broker) {
    this.broker = broker;
  }

  /**
   * Looks the factory up. Its name and the context are the operator's settings; no input of a
   * client reaches JNDI.
   */
  @Override
  @SuppressWarnings("BanJNDI")
  public ConnectionFactory connectionFactory() throws JMSException {
    String name = broker.jndi().connectionFactory();
    try {
      Context context = new InitialContext(new Hashtable<>(broker.jndi().environment()));
      try {
        if (context.lookup(name) instanceof ConnectionFactory factory) {
          ArtemisPackets.protect(factory);
          return factory;
        }
      } finally {
        context.close();
      }
    } catch (NamingException x) {
      JMSException failure = new JMSException("the JNDI entry " + name + " cannot be read: " + x);
      failure.initCause(x);
      throw failure;
    }
    throw new JMSException("the JNDI entry " + name + " is not a jakarta.jms.ConnectionFactory");
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

  @Override
  public MessageConsumer createConsumer(Session session, Destination destination, String selector)
      throws JMSException {
    return session instanceof ActiveMQSession
        ? ArtemisProvider.consume(session, destination, selector)
        : session.createConsumer(destination, selector);
  }

  @Override
  public String pattern(String neutral) {
    return Patterns.replaceRest(neutral, broker.dialect() == Dialect.ACTIVEMQ ? ">" : "#");
  }
}
