package io.longspan.external;

import io.longspan.external.TlsBroker.Door;
import jakarta.jms.ConnectionFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.EnumMap;
import java.util.Map;

/** Artemis in a process of its own, with TLS acceptors for its own protocol and AMQP. */
public final class TlsArtemis implements TlsBroker {
  private final Map<Door, Integer> ports = new EnumMap<>(Door.class);
  private final ExternalArtemis broker;

  /** Starts a broker. */
  public TlsArtemis(TlsFiles files) {
    StringBuilder acceptors = new StringBuilder();
    for (Door door : Door.values()) {
      int port = FreePort.find();
      ports.put(door, port);
      acceptors.append(
          """
          <acceptor name="%s">tcp://127.0.0.1:%d?protocols=CORE,AMQP;sslEnabled=true;\
          keyStorePath=%s;keyStorePassword=%s;keyStoreType=PKCS12;trustStorePath=%s;\
          trustStorePassword=%s;trustStoreType=PKCS12;needClientAuth=%s</acceptor>
          """
              .formatted(
                  door,
                  port,
                  files.keyStore(door),
                  TlsFiles.PASSWORD,
                  files.trustPkcs12(),
                  TlsFiles.PASSWORD,
                  door == Door.CLIENT));
    }
    try {
      Files.writeString(files.folder().resolve("cert-users.properties"), USER + "=CN=bridge\n");
      Files.writeString(files.folder().resolve("cert-roles.properties"), "bridges=" + USER + "\n");
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
    String login =
        """
        org.apache.activemq.artemis.spi.core.security.jaas.TextFileCertificateLoginModule sufficient
          baseDir="%s"
          org.apache.activemq.jaas.textfiledn.user="cert-users.properties"
          org.apache.activemq.jaas.textfiledn.role="cert-roles.properties";
        """
            .formatted(files.folder());
    broker = new ExternalArtemis(acceptors.toString(), login);
  }

  @Override
  public int port(Door door) {
    return ports.get(door);
  }

  @Override
  public int amqpPort(Door door) {
    return ports.get(door);
  }

  @Override
  public int plainPort() {
    return broker.port();
  }

  @Override
  public ConnectionFactory connectionFactory() {
    return broker.connectionFactory();
  }

  @Override
  public void setPassword(String password) {
    broker.setBridgePassword(password);
  }

  @Override
  public void kill() {
    broker.kill();
  }

  @Override
  public void restart() {
    broker.restart();
  }

  @Override
  public void close() {
    broker.close();
  }
}
