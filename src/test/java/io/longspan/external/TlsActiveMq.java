package io.longspan.external;

import io.longspan.external.TlsBroker.Door;
import jakarta.jms.ConnectionFactory;
import java.security.cert.X509Certificate;
import java.util.EnumMap;
import java.util.Map;
import org.apache.activemq.ActiveMQConnectionFactory;
import org.apache.activemq.broker.Broker;
import org.apache.activemq.broker.BrokerFilter;
import org.apache.activemq.broker.BrokerPlugin;
import org.apache.activemq.broker.BrokerService;
import org.apache.activemq.broker.ConnectionContext;
import org.apache.activemq.broker.SslContext;
import org.apache.activemq.broker.TransportConnector;
import org.apache.activemq.command.ConnectionInfo;

/** ActiveMQ Classic in this process, with TLS connectors for OpenWire and AMQP. */
public final class TlsActiveMq implements TlsBroker {
  private final TlsFiles files;
  private final Map<Door, Integer> ports = new EnumMap<>(Door.class);
  private final Map<Door, Integer> amqpPorts = new EnumMap<>(Door.class);
  private int plainPort;
  private volatile String password = ExternalBroker.BRIDGE_PASSWORD;
  private BrokerService service;

  /** Starts a broker. */
  public TlsActiveMq(TlsFiles files) {
    this.files = files;
    restart();
  }

  @Override
  public void restart() {
    try {
      service = new BrokerService();
      service.setBrokerName("tls-" + System.nanoTime());
      service.setPersistent(false);
      service.setUseJmx(false);
      service.setUseShutdownHook(false);
      service.setPlugins(new BrokerPlugin[] {next -> new Accounts(next, password)});
      plainPort = connector("tcp", plainPort, "");
      for (Door door : Door.values()) {
        SslContext context = new SslContext();
        context.setSSLContext(files.serverContext(door));
        service.setSslContext(context);
        String options = door == Door.CLIENT ? "&transport.needClientAuth=true" : "";
        ports.put(door, connector("ssl", ports.getOrDefault(door, 0), options));
        amqpPorts.put(door, connector("amqp+ssl", amqpPorts.getOrDefault(door, 0), options));
      }
      service.start();
      service.waitUntilStarted();
    } catch (Exception x) {
      throw new IllegalStateException(x);
    }
  }

  private int connector(String scheme, int port, String options) throws Exception {
    // Else what comes over AMQP stays AMQP, which clients of OpenWire cannot read.
    String transformer = scheme.startsWith("amqp") ? "&transport.transformer=jms" : "";
    TransportConnector connector =
        service.addConnector(
            "%s://127.0.0.1:%d?maximumConnections=100%s%s"
                .formatted(scheme, port, transformer, options));
    return connector.getServer().getSocketAddress().getPort();
  }

  /** Accepts a certificate, as JAAS would, or else the password. */
  private static final class Accounts extends BrokerFilter {
    private final String password;

    Accounts(Broker next, String password) {
      super(next);
      this.password = password;
    }

    @Override
    public void addConnection(ConnectionContext context, ConnectionInfo info) throws Exception {
      boolean certified =
          info.getTransportContext() instanceof X509Certificate[] chain
              && chain.length > 0
              && chain[0].getSubjectX500Principal().getName().equals("CN=bridge");
      boolean service = ExternalBroker.SERVICE_PASSWORD.equals(info.getPassword());
      if (!certified && !service && !password.equals(info.getPassword())) {
        throw new SecurityException("User name or password is invalid.");
      }
      super.addConnection(context, info);
    }
  }

  @Override
  public int port(Door door) {
    return ports.get(door);
  }

  @Override
  public int amqpPort(Door door) {
    return amqpPorts.get(door);
  }

  @Override
  public int plainPort() {
    return plainPort;
  }

  @Override
  public ConnectionFactory connectionFactory() {
    return new ActiveMQConnectionFactory(
        ExternalBroker.SERVICE_USER,
        ExternalBroker.SERVICE_PASSWORD,
        "tcp://127.0.0.1:" + plainPort + "?jms.watchTopicAdvisories=false");
  }

  @Override
  public void setPassword(String next) {
    password = next;
  }

  @Override
  public void kill() {
    try {
      service.stop();
      service.waitUntilStopped();
    } catch (Exception x) {
      throw new IllegalStateException(x);
    }
  }

  @Override
  public void close() {
    kill();
  }
}
