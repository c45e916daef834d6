package io.longspan.external;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.apache.activemq.broker.BrokerPlugin;
import org.apache.activemq.broker.BrokerService;
import org.apache.activemq.broker.TransportConnector;
import org.apache.activemq.broker.region.policy.PolicyEntry;
import org.apache.activemq.broker.region.policy.PolicyMap;
import org.apache.activemq.broker.region.policy.VMPendingQueueMessageStoragePolicy;
import org.apache.activemq.filter.DestinationMapEntry;
import org.apache.activemq.security.AuthenticationUser;
import org.apache.activemq.security.AuthorizationEntry;
import org.apache.activemq.security.AuthorizationPlugin;
import org.apache.activemq.security.DefaultAuthorizationMap;
import org.apache.activemq.security.SimpleAuthenticationPlugin;
import org.apache.activemq.security.TempDestinationAuthorizationEntry;

/**
 * ActiveMQ Classic as a program: OpenWire, STOMP, AMQP and MQTT on free ports, or on those it is
 * given, with accounts and with the rights that {@code docs/security.md} recommends. Its first line
 * names the ports.
 */
public final class ActiveMqBrokerMain {
  private static final long SOAK_QUEUE_BYTES = 4 << 20;

  private ActiveMqBrokerMain() {}

  public static void main(String[] arguments) throws Exception {
    BrokerService broker = new BrokerService();
    broker.setBrokerName("external");
    broker.setPersistent(false);
    broker.setUseJmx(false);
    broker.setPlugins(
        new BrokerPlugin[] {authentication(), authorization(), new RefusedConsumers()});
    broker.setDestinationPolicy(fullQueues());
    StringBuilder line = new StringBuilder("ready");
    List<TransportConnector> connectors = new ArrayList<>();
    List<String> schemes = List.of("tcp", "stomp", "amqp", "mqtt");
    for (int i = 0; i < schemes.size(); i++) {
      String scheme = schemes.get(i);
      String port = i < arguments.length ? arguments[i] : "0";
      // Else what comes over AMQP stays AMQP, which clients of OpenWire and STOMP cannot read.
      String options = scheme.equals("amqp") ? "?transport.transformer=jms" : "";
      connectors.add(broker.addConnector(scheme + "://127.0.0.1:" + port + options));
    }
    broker.start();
    broker.waitUntilStarted();
    for (TransportConnector connector : connectors) {
      URI uri = connector.getConnectUri();
      line.append(' ').append(uri.getScheme()).append('=').append(uri.getPort());
    }
    System.out.println(line);
    broker.waitUntilStopped();
  }

  static PolicyMap fullQueues() {
    PolicyMap policies = new PolicyMap();
    policies.setPolicyEntries(
        List.of(
            limited(FullQueues.ACTIVEMQ_BLOCKING, FullQueues.BYTES, false),
            limited(FullQueues.ACTIVEMQ_FAILING, FullQueues.BYTES, true),
            limited(FullQueues.HELD, FullQueues.BYTES, false),
            limited(FullQueues.FILLED.get(0), FullQueues.BYTES, false),
            limited(FullQueues.FILLED.get(1), FullQueues.BYTES, true),
            // As an operator does it: each queue of the soak test is bounded, its producers fail.
            limited("soak.>", SOAK_QUEUE_BYTES, true)));
    return policies;
  }

  private static PolicyEntry limited(String queue, long bytes, boolean fails) {
    PolicyEntry entry = new PolicyEntry();
    entry.setQueue(queue);
    entry.setMemoryLimit(bytes);
    entry.setPendingQueuePolicy(new VMPendingQueueMessageStoragePolicy());
    entry.setSendFailIfNoSpace(fails);
    return entry;
  }

  private static BrokerPlugin authentication() {
    return new SimpleAuthenticationPlugin(
        List.of(
            new AuthenticationUser(
                ExternalBroker.BRIDGE_USER, ExternalBroker.BRIDGE_PASSWORD, "bridges"),
            new AuthenticationUser(
                ExternalBroker.SERVICE_USER, ExternalBroker.SERVICE_PASSWORD, "services")));
  }

  /**
   * The groups stand for the accounts. The rights of all entries that match add up, so the tests,
   * which use any topic, also have more rights on those of the bridge than an operator gives.
   */
  static BrokerPlugin authorization() throws Exception {
    @SuppressWarnings("rawtypes")
    List<DestinationMapEntry> entries = new ArrayList<>();
    entries.add(entry(true, ">", "services", "bridges,services", "bridges,services"));
    entries.add(entry(false, ">", "bridges,services", "bridges,services", "bridges,services"));
    entries.add(
        entry(
            false,
            "ActiveMQ.Advisory.>",
            "bridges,services",
            "bridges,services",
            "bridges,services"));
    entries.add(entry(false, "bridge/clients", "services", "bridges", "bridges,services"));
    entries.add(entry(false, "bridge/push", "bridges", "services", "bridges,services"));
    entries.add(
        entry(false, "bridge/authorization-events", "bridges", "services", "bridges,services"));
    entries.add(entry(false, "bridge/commands", "bridges", "services", "bridges,services"));
    for (boolean queue : new boolean[] {true, false}) {
      entries.add(
          entry(queue, "longspan.reply.>", "bridges", "bridges,services", "bridges,services"));
    }
    // From here bridges pass messages on to another broker.
    entries.add(
        entry(true, "forward.>", "bridges,services", "bridges,services", "bridges,services"));
    // The queues that web clients may consume.
    entries.add(entry(true, "work.>", "bridges,services", "bridges,services", "bridges,services"));
    DefaultAuthorizationMap map = new DefaultAuthorizationMap();
    map.setAuthorizationEntries(entries);
    TempDestinationAuthorizationEntry temporary = new TempDestinationAuthorizationEntry();
    temporary.setAdmin("bridges,services");
    temporary.setRead("bridges,services");
    temporary.setWrite("bridges,services");
    map.setTempDestinationAuthorizationEntry(temporary);
    return new AuthorizationPlugin(map);
  }

  private static AuthorizationEntry entry(
      boolean queue, String name, String read, String write, String admin) throws Exception {
    AuthorizationEntry entry = new AuthorizationEntry();
    if (queue) {
      entry.setQueue(name);
    } else {
      entry.setTopic(name);
    }
    entry.setRead(read);
    entry.setWrite(write);
    entry.setAdmin(admin);
    return entry;
  }
}
