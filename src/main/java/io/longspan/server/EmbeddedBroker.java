package io.longspan.server;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.activemq.broker.BrokerPlugin;
import org.apache.activemq.broker.BrokerService;
import org.apache.activemq.broker.region.policy.PolicyEntry;
import org.apache.activemq.broker.region.policy.PolicyMap;
import org.apache.activemq.broker.region.policy.SharedDeadLetterStrategy;
import org.apache.activemq.broker.util.TimeStampingBrokerPlugin;
import org.apache.activemq.command.ActiveMQDestination;
import org.apache.activemq.command.ActiveMQQueue;
import org.apache.activemq.command.ActiveMQTopic;
import org.apache.activemq.security.AuthenticationUser;
import org.apache.activemq.security.SimpleAuthenticationPlugin;
import org.apache.activemq.usage.SystemUsage;

/**
 * An in-process ActiveMQ broker without persistence, reachable only from this process.
 *
 * <p>Queues without a reader cannot use up its memory. Each queue has a memory limit and a share
 * ({@link QueueShares}), senders are rejected after a short time, and messages expire. Advisory
 * messages stay on, because the client library learns from them which temporary topics exist.
 */
final class EmbeddedBroker implements AutoCloseable {

  /** The memory limit of one queue is the broker's memory divided by this. */
  private static final int QUEUE_PART = 6;

  /**
   * How long a sender waits for room before the broker rejects the message. Less than the bridge
   * waits for the broker.
   */
  static final Duration SEND_TIMEOUT = Duration.ofSeconds(2);

  /** Maximum time to live; also applies to messages without a time to live. */
  static final Duration MAX_TIME_TO_LIVE = Duration.ofMinutes(10);

  /** A destination without messages and consumers is deleted after this time. */
  private static final Duration INACTIVITY = Duration.ofMinutes(1);

  private final BrokerService broker;

  private EmbeddedBroker(BrokerService broker) {
    this.broker = broker;
  }

  /**
   * Starts a broker; blocks until it runs.
   *
   * @param memoryBytes memory limit of its messages, in bytes
   */
  static EmbeddedBroker start(long memoryBytes) throws Exception {
    return start(memoryBytes, new BrokerService());
  }

  /**
   * Starts a broker that is reached over a random port of the loopback address; blocks until it
   * runs.
   *
   * @param memoryBytes memory limit of its messages, in bytes
   * @param user the only user that may connect
   */
  static EmbeddedBroker startOverTcp(long memoryBytes, String user, String password)
      throws Exception {
    BrokerService broker = new BrokerService();
    broker.addConnector("tcp://127.0.0.1:0");
    return start(
        memoryBytes,
        broker,
        new SimpleAuthenticationPlugin(List.of(new AuthenticationUser(user, password, ""))));
  }

  private static EmbeddedBroker start(
      long memoryBytes, BrokerService broker, BrokerPlugin... moreNeeded) throws Exception {
    broker.setBrokerName("longspan-" + Long.toHexString(ThreadLocalRandom.current().nextLong()));
    broker.setPersistent(false);
    broker.setUseJmx(false);
    broker.setSchedulerSupport(false);
    broker.setUseShutdownHook(false);
    SystemUsage usage = broker.getSystemUsage();
    usage.getMemoryUsage().setLimit(memoryBytes);
    usage.setSendFailIfNoSpaceAfterTimeout(SEND_TIMEOUT.toMillis());
    broker.setDestinationPolicy(policies(memoryBytes));
    broker.setSchedulePeriodForDestinationPurge(Math.toIntExact(INACTIVITY.toMillis() / 2));
    List<BrokerPlugin> plugins = new ArrayList<>(List.of(moreNeeded));
    plugins.add(boundedLife());
    plugins.add(next -> new QueueShares(next, usage.getMemoryUsage(), memoryBytes));
    broker.setPlugins(plugins.toArray(BrokerPlugin[]::new));
    broker.start();
    broker.waitUntilStarted();
    return new EmbeddedBroker(broker);
  }

  private static TimeStampingBrokerPlugin boundedLife() {
    TimeStampingBrokerPlugin plugin = new TimeStampingBrokerPlugin();
    plugin.setTtlCeiling(MAX_TIME_TO_LIVE.toMillis());
    plugin.setZeroExpirationOverride(MAX_TIME_TO_LIVE.toMillis());
    return plugin;
  }

  private static PolicyMap policies(long memoryBytes) {
    PolicyEntry queues = policy(new ActiveMQQueue(">"));
    queues.setMemoryLimit(memoryBytes / QUEUE_PART);
    SharedDeadLetterStrategy deadLetters = new SharedDeadLetterStrategy();
    // Otherwise expired messages would only move to the dead letter queue.
    deadLetters.setProcessExpired(false);
    queues.setDeadLetterStrategy(deadLetters);
    PolicyMap policies = new PolicyMap();
    policies.setPolicyEntries(List.of(queues, policy(new ActiveMQTopic(">"))));
    return policies;
  }

  private static PolicyEntry policy(ActiveMQDestination destinations) {
    PolicyEntry policy = new PolicyEntry();
    policy.setDestination(destinations);
    policy.setGcInactiveDestinations(true);
    policy.setInactiveTimeoutBeforeGC(INACTIVITY.toMillis());
    return policy;
  }

  /** Returns the URL for activemq-client; it never creates another broker. */
  String url() throws Exception {
    if (!broker.getTransportConnectors().isEmpty()) {
      return broker.getTransportConnectors().get(0).getPublishableConnectString();
    }
    return "vm://" + broker.getBrokerName() + "?create=false";
  }

  @Override
  public void close() throws Exception {
    broker.stop();
    broker.waitUntilStopped();
  }
}
