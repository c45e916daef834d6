package io.longspan.jms;

import jakarta.jms.JMSException;

/**
 * Thrown before a connection is attempted, if a file with the password, certificates or a key of
 * the bridge cannot be used. A later attempt reads the file again.
 */
final class BrokerFileException extends JMSException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param key the configuration's key of the file
   * @param cause why the file cannot be used; its message names the file
   */
  BrokerFileException(String key, Exception cause) {
    super(key + ": " + cause.getMessage());
    initCause(cause);
  }
}
