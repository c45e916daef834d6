package io.longspan.external;

import jakarta.jms.ConnectionFactory;

/** A broker with several TLS connectors, each with another certificate. */
public interface TlsBroker extends AutoCloseable {
  String USER = ExternalBroker.BRIDGE_USER;

  /** A connector, named after its certificate. */
  enum Door {
    /** A good certificate for {@code localhost}. */
    RIGHT,
    EXPIRED,
    OTHER_HOST,
    UNKNOWN_CA,
    /** A good certificate; clients must have one too. It is enough to authenticate them. */
    CLIENT
  }

  /** Returns the port of the broker's own protocol. */
  int port(Door door);

  /** Returns the port of AMQP. */
  int amqpPort(Door door);

  /** Returns the port without TLS of the broker's own protocol. */
  int plainPort();

  /** Returns a factory for services, which connect without TLS. */
  ConnectionFactory connectionFactory();

  /** Sets the password of {@link #USER}; in effect after a restart. */
  void setPassword(String password);

  /** Ends the broker without a word to its clients. */
  void kill();

  /** Starts it again with the present certificates, on the same ports. */
  void restart();

  @Override
  void close();
}
