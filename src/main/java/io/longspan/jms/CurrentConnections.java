package io.longspan.jms;

import io.longspan.config.LongspanConfig.Broker;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import java.util.function.Function;

/**
 * Creates connections of other JMS clients than the bridge. Each connection uses the present
 * content of the files with the password, certificates and key. The addresses of the broker are
 * tried in turn. {@link JMSContext}s are not supported.
 */
final class CurrentConnections implements ConnectionFactory {
  private final Broker broker;
  private final Function<Broker, JmsProvider> providers;

  CurrentConnections(Broker broker, Function<Broker, JmsProvider> providers) {
    this.broker = broker;
    this.providers = providers;
  }

  @Override
  public Connection createConnection() throws JMSException {
    return createConnection(broker.user(), BrokerAccount.password(broker));
  }

  @Override
  public Connection createConnection(String user, String password) throws JMSException {
    JMSException failure = null;
    for (BrokerAddresses.Address address : new BrokerAddresses(broker).round()) {
      try {
        return BrokerAccount.connect(
            providers.apply(broker.withUrl(address.url())).connectionFactory(), user, password);
      } catch (JMSException x) {
        failure = x;
      }
    }
    throw failure == null ? new JMSException("no address of the broker is configured") : failure;
  }

  @Override
  public JMSContext createContext() {
    throw unsupported();
  }

  @Override
  public JMSContext createContext(String user, String password) {
    throw unsupported();
  }

  @Override
  public JMSContext createContext(String user, String password, int sessionMode) {
    throw unsupported();
  }

  @Override
  public JMSContext createContext(int sessionMode) {
    throw unsupported();
  }

  private static JMSRuntimeException unsupported() {
    return new JMSRuntimeException("use createConnection");
  }
}
