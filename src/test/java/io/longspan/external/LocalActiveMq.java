package io.longspan.external;

import io.longspan.config.LongspanConfig.Broker;
import io.longspan.config.LongspanConfig.Dialect;
import io.longspan.config.LongspanConfig.Jndi;
import io.longspan.config.LongspanConfig.Provider;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.activemq.broker.BrokerService;
import org.apache.activemq.broker.TransportConnector;

/** ActiveMQ Classic in this process, over OpenWire and AMQP, with nothing stored. */
public final class LocalActiveMq implements AutoCloseable {
  private final BrokerService service = new BrokerService();
  private final TransportConnector openWire;
  private final TransportConnector amqp;

  /**
   * Starts a broker.
   *
   * @param customizer changes what is to be changed before it starts
   */
  public LocalActiveMq(Consumer<BrokerService> customizer) throws Exception {
    service.setBrokerName("local-" + System.nanoTime());
    service.setPersistent(false);
    service.setUseJmx(false);
    service.setUseShutdownHook(false);
    openWire = service.addConnector("tcp://127.0.0.1:0");
    amqp = service.addConnector("amqp://127.0.0.1:0");
    customizer.accept(service);
    service.start();
    service.waitUntilStarted();
  }

  /** Returns the connector over which clients of ActiveMQ come. */
  public TransportConnector openWire() {
    return openWire;
  }

  /** Returns where clients of ActiveMQ find it. */
  public String url() throws Exception {
    return "tcp://127.0.0.1:" + openWire.getConnectUri().getPort();
  }

  /** Returns the configuration of a bridge to it. */
  public Broker settings(Provider provider, String user, String password) throws Exception {
    String url =
        provider == Provider.AMQP ? "amqp://127.0.0.1:" + amqp.getConnectUri().getPort() : url();
    return new Broker(provider, url, user, password, Dialect.ACTIVEMQ, new Jndi("", Map.of()));
  }

  @Override
  public void close() throws Exception {
    service.stop();
    service.waitUntilStopped();
  }
}
