package io.longspan.wire;

import jakarta.jms.ConnectionFactory;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.apache.activemq.ActiveMQConnectionFactory;
import org.apache.activemq.advisory.AdvisorySupport;
import org.apache.activemq.broker.Broker;
import org.apache.activemq.broker.BrokerFilter;
import org.apache.activemq.broker.BrokerPlugin;
import org.apache.activemq.broker.BrokerService;
import org.apache.activemq.broker.ConnectionContext;
import org.apache.activemq.broker.region.Destination;
import org.apache.activemq.broker.region.Region;
import org.apache.activemq.broker.region.RegionBroker;
import org.apache.activemq.broker.region.policy.PolicyEntry;
import org.apache.activemq.broker.region.policy.PolicyMap;
import org.apache.activemq.broker.region.policy.VMPendingQueueMessageStoragePolicy;
import org.apache.activemq.command.ActiveMQDestination;
import org.apache.activemq.command.ActiveMQTopic;
import org.apache.activemq.command.SessionInfo;

/** ActiveMQ Classic in this JVM, reached over TCP; it can be stopped and started again. */
final class ActiveMqTestBroker implements AdministeredBroker {
  /** A queue that is soon full: the broker then answers nobody who sends to it. */
  static final String SMALL_QUEUE = "services/small";

  private static final long SMALL_QUEUE_BYTES = 16 << 10;

  private final AtomicInteger sessions = new AtomicInteger();
  private final ActiveMqAdministrator administrator = new ActiveMqAdministrator();
  private BrokerService broker;
  private String url;
  private int amqp;

  ActiveMqTestBroker() {
    start("tcp://127.0.0.1:0");
  }

  private void start(String address) {
    try {
      broker = new BrokerService();
      broker.setBrokerName("wire-" + System.nanoTime());
      broker.setPersistent(false);
      broker.setUseJmx(false);
      broker.setUseShutdownHook(false);
      broker.setPlugins(new BrokerPlugin[] {this::countingSessions, administrator});
      broker.setDestinationPolicy(smallQueue());
      broker.addConnector(address);
      // Else what comes over AMQP stays AMQP, which clients of OpenWire cannot read.
      broker.addConnector("amqp://127.0.0.1:" + amqp + "?transport.transformer=jms");
      broker.start();
      broker.waitUntilStarted();
      url = broker.getTransportConnectors().get(0).getPublishableConnectString();
      amqp = broker.getTransportConnectors().get(1).getConnectUri().getPort();
    } catch (Exception x) {
      throw new IllegalStateException(x);
    }
  }

  private static PolicyMap smallQueue() {
    PolicyEntry small = new PolicyEntry();
    small.setQueue(SMALL_QUEUE);
    small.setMemoryLimit(SMALL_QUEUE_BYTES);
    small.setPendingQueuePolicy(new VMPendingQueueMessageStoragePolicy());
    PolicyMap policies = new PolicyMap();
    policies.setPolicyEntries(List.of(small));
    return policies;
  }

  private Broker countingSessions(Broker next) {
    return new BrokerFilter(next) {
      @Override
      public void addSession(ConnectionContext context, SessionInfo session) throws Exception {
        sessions.incrementAndGet();
        super.addSession(context, session);
      }

      @Override
      public void removeSession(ConnectionContext context, SessionInfo session) throws Exception {
        sessions.decrementAndGet();
        super.removeSession(context, session);
      }
    };
  }

  @Override
  public Map<String, String> settings() {
    return Map.of("broker.provider", "activemq", "broker.url", url);
  }

  @Override
  public Map<String, String> amqpSettings() {
    return Map.of(
        "broker.provider",
        "amqp",
        "broker.dialect",
        "activemq",
        "broker.url",
        "amqp://127.0.0.1:" + amqp);
  }

  @Override
  public void refuseConsumers(String topic) {
    administrator.refuseConsumers(topic);
  }

  @Override
  public void allowConsumers(String topic) {
    administrator.allowConsumers(topic);
  }

  @Override
  public void endConsumers(String topic) {
    administrator.endConsumers(topic);
  }

  void refuseTemporary(boolean refuses) {
    administrator.refuseTemporary(refuses);
  }

  /** Removes a topic as the web console does. */
  void remove(String topic) {
    try {
      broker
          .getBroker()
          .removeDestination(broker.getAdminConnectionContext(), new ActiveMQTopic(topic), 1000);
    } catch (Exception x) {
      throw new IllegalStateException(x);
    }
  }

  @Override
  public ConnectionFactory connectionFactory() {
    return new ActiveMQConnectionFactory(url + "?jms.watchTopicAdvisories=false");
  }

  /** Stops the broker without a word to its clients. */
  void kill() {
    try {
      broker.stop();
      broker.waitUntilStopped();
    } catch (Exception x) {
      throw new IllegalStateException(x);
    }
  }

  /** Starts it again, empty, on the same address. */
  void restart() {
    start(url);
  }

  @Override
  public Set<String> temporaryTopics() {
    return ((RegionBroker) broker.getRegionBroker())
        .getTempTopicRegion().getDestinationMap().keySet().stream()
            .map(ActiveMQDestination::getPhysicalName)
            .collect(Collectors.toSet());
  }

  /** Returns how many consumers a topic has. */
  int consumersOf(String topic) {
    Destination destination = destinations().get(new ActiveMQTopic(topic));
    return destination == null ? 0 : destination.getConsumers().size();
  }

  /** Returns how many consumers topics have, the broker's own advisories left out. */
  int consumers() {
    return destinations().entrySet().stream()
        .filter(entry -> entry.getKey().isTopic())
        .filter(entry -> !AdvisorySupport.isAdvisoryTopic(entry.getKey()))
        .mapToInt(entry -> entry.getValue().getConsumers().size())
        .sum();
  }

  /** Returns how many JMS sessions its clients have opened. */
  int sessions() {
    return sessions.get();
  }

  /** Returns how many connections the broker has. */
  int connections() {
    return broker.getTransportConnectors().get(0).getConnections().size();
  }

  /** Returns every destination with its traffic; the traffic of advisories is left out. */
  Map<String, String> allDestinations() {
    RegionBroker regions = (RegionBroker) broker.getRegionBroker();
    Map<String, String> all = new TreeMap<>();
    for (Region region :
        List.of(
            regions.getQueueRegion(),
            regions.getTopicRegion(),
            regions.getTempQueueRegion(),
            regions.getTempTopicRegion())) {
      region
          .getDestinationMap()
          .forEach(
              (name, destination) ->
                  all.put(
                      name.getQualifiedName(),
                      AdvisorySupport.isAdvisoryTopic(name)
                          ? ""
                          : "messages="
                              + destination.getDestinationStatistics().getEnqueues().getCount()));
    }
    return all;
  }

  private Map<ActiveMQDestination, Destination> destinations() {
    try {
      return broker.getBroker().getDestinationMap();
    } catch (Exception x) {
      throw new IllegalStateException(x);
    }
  }

  @Override
  public void close() {
    kill();
  }
}
