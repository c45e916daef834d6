package io.longspan.external;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import java.util.List;

/**
 * Connects to the first of several addresses that accepts a connection. Unlike the providers' own
 * fail-over, it shows its user the end of a connection, and sends nothing again.
 */
final class FirstReachable implements ConnectionFactory {
  private final List<? extends ConnectionFactory> addresses;

  /**
   * Makes a factory.
   *
   * @param addresses one factory for each address, at least one
   */
  FirstReachable(List<? extends ConnectionFactory> addresses) {
    this.addresses = addresses;
  }

  @FunctionalInterface
  private interface Attempt {
    Connection at(ConnectionFactory address) throws JMSException;
  }

  @Override
  public Connection createConnection() throws JMSException {
    return first(ConnectionFactory::createConnection);
  }

  @Override
  public Connection createConnection(String user, String password) throws JMSException {
    return first(address -> address.createConnection(user, password));
  }

  private Connection first(Attempt attempt) throws JMSException {
    JMSException last = null;
    for (ConnectionFactory address : addresses) {
      try {
        return attempt.at(address);
      } catch (JMSException x) {
        last = x;
      }
    }
    throw last;
  }

  @Override
  public JMSContext createContext() {
    throw new UnsupportedOperationException();
  }

  @Override
  public JMSContext createContext(String user, String password) {
    throw new UnsupportedOperationException();
  }

  @Override
  public JMSContext createContext(String user, String password, int sessionMode) {
    throw new UnsupportedOperationException();
  }

  @Override
  public JMSContext createContext(int sessionMode) {
    throw new UnsupportedOperationException();
  }
}
