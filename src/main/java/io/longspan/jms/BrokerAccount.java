package io.longspan.jms;

import io.longspan.config.LongspanConfig.Broker;
import io.longspan.config.SecretFile;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import java.io.IOException;

/** The account with which the bridge connects. Stateless; blocks on the file system. */
final class BrokerAccount {
  private BrokerAccount() {}

  /**
   * Returns the password to use now.
   *
   * @throws BrokerFileException if the file of the password cannot be used now
   */
  static String password(Broker broker) throws BrokerFileException {
    if (broker.passwordFile().isEmpty()) {
      return broker.password();
    }
    try {
      return SecretFile.read(broker.passwordFile().get());
    } catch (IOException unusable) {
      throw new BrokerFileException("broker.passwordFile", unusable);
    }
  }

  /** Connects with an account; without one if the user is empty. */
  static Connection connect(ConnectionFactory factory, String user, String password)
      throws JMSException {
    return user.isEmpty() ? factory.createConnection() : factory.createConnection(user, password);
  }
}
