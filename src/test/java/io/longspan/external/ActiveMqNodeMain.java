package io.longspan.external;

import java.io.File;
import java.net.URI;
import java.util.List;
import org.apache.activemq.broker.BrokerPlugin;
import org.apache.activemq.broker.BrokerService;
import org.apache.activemq.network.DiscoveryNetworkConnector;
import org.apache.activemq.network.NetworkConnector;
import org.apache.activemq.security.AuthenticationUser;
import org.apache.activemq.security.SimpleAuthenticationPlugin;
import org.apache.activemq.store.SharedFileLocker;
import org.apache.activemq.store.kahadb.KahaDBPersistenceAdapter;

/**
 * ActiveMQ Classic as one of two nodes: with a KahaDB that another process may hold, or with a
 * network connector to another node. Arguments: its name, the ports of OpenWire and AMQP, and
 * {@code store=<folder>}, or the URL of the other node after {@code answers=}, or after {@code
 * requests=} if no message to a temporary destination is to go there. It prints {@code asks for its
 * store}, and {@code ready} when it serves.
 */
public final class ActiveMqNodeMain {
  private static final String NETWORK_USER = "network";
  private static final String NETWORK_PASSWORD = "network's own";

  /** How often a node in reserve tries to get the store; ActiveMQ's default is 10 s. */
  private static final long LOCK_PERIOD_MILLIS = 1_000;

  private ActiveMqNodeMain() {}

  public static void main(String[] arguments) throws Exception {
    BrokerService broker = new BrokerService();
    broker.setBrokerName(arguments[0]);
    broker.setUseJmx(false);
    broker.setPersistent(false);
    broker.setPlugins(
        new BrokerPlugin[] {
          authentication(), ActiveMqBrokerMain.authorization(), new RefusedConsumers()
        });
    broker.setDestinationPolicy(ActiveMqBrokerMain.fullQueues());
    broker.addConnector("tcp://127.0.0.1:" + arguments[1]);
    broker.addConnector("amqp://127.0.0.1:" + arguments[2] + "?transport.transformer=jms");
    for (int i = 3; i < arguments.length; i++) {
      String[] option = arguments[i].split("=", 2);
      switch (option[0]) {
        case "store" -> {
          broker.setPersistent(true);
          broker.setPersistenceAdapter(store(option[1]));
        }
        case "answers" -> broker.addNetworkConnector(network(option[1], true));
        case "requests" -> broker.addNetworkConnector(network(option[1], false));
        default -> throw new IllegalArgumentException(arguments[i]);
      }
    }
    System.out.println("asks for its store");
    // Returns when it has got the store.
    broker.start();
    broker.waitUntilStarted();
    System.out.println("ready");
    broker.waitUntilStopped();
  }

  private static KahaDBPersistenceAdapter store(String folder) throws Exception {
    SharedFileLocker lock = new SharedFileLocker();
    lock.setLockAcquireSleepInterval(LOCK_PERIOD_MILLIS);
    KahaDBPersistenceAdapter store = new KahaDBPersistenceAdapter();
    store.setDirectory(new File(folder));
    store.setLocker(lock);
    return store;
  }

  /**
   * Makes a connector that passes messages on to another broker.
   *
   * @param answers whether messages to temporary destinations are among them
   */
  private static NetworkConnector network(String url, boolean answers) throws Exception {
    NetworkConnector network = new DiscoveryNetworkConnector(new URI("static:(" + url + ")"));
    network.setName("pair");
    network.setBridgeTempDestinations(answers);
    network.setUserName(NETWORK_USER);
    network.setPassword(NETWORK_PASSWORD);
    return network;
  }

  /** What passes between two nodes needs the rights of all who send and receive it. */
  private static BrokerPlugin authentication() {
    return new SimpleAuthenticationPlugin(
        List.of(
            new AuthenticationUser(
                ExternalBroker.BRIDGE_USER, ExternalBroker.BRIDGE_PASSWORD, "bridges"),
            new AuthenticationUser(
                ExternalBroker.SERVICE_USER, ExternalBroker.SERVICE_PASSWORD, "services"),
            new AuthenticationUser(NETWORK_USER, NETWORK_PASSWORD, "bridges,services")));
  }
}
