package io.longspan.server;

import java.time.Duration;
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
import org.apache.activemq.usage.SystemUsage;

/**
 * An ActiveMQ broker inside this process, reachable only from it, which keeps nothing on disk.
 *
 * <p>Queues that nobody reads cannot use up its memory: each has a share ({@link QueueShares}), its
 * senders are refused after a short time, and messages expire. Its advisories stay on: the client
 * library learns by them which temporary topics exist.
 */
final class EmbeddedBroker implements AutoCloseable {

  /** One queue alone has this part of the broker's memory at most. */
  private static final int QUEUE_PART = 6;

  /**
   * How long a sender waits for room before it is refused; less than the bridge waits for the
   * broker.
   */
  static final Duration SEND_TIMEOUT = Duration.ofSeconds(2);

  /** How long a message lives at most, and one without a time to live. */
  static final Duration MAX_TIME_TO_LIVE = Duration.ofMinutes(10);

  /** After how long a destination without messages and consumers is forgotten. */
  private static final Duration INACTIVITY = Duration.ofMinutes(1);

  private final BrokerService broker;

  private EmbeddedBroker(BrokerService broker) {
    this.broker = broker;
  }

  /**
   * Starts a broker and waits until it runs.
   *
   * @param memoryBytes what its messages may take
   */
  static EmbeddedBroker start(long memoryBytes) throws Exception {
    BrokerService broker = new BrokerService();
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
    broker.setPlugins(
        new BrokerPlugin[] {
          boundedLife(), next -> new QueueShares(next, usage.getMemoryUsage(), memoryBytes)
        });
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
    // Else what nobody read would only change its queue.
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

  /** The URL for activemq-client; it never starts another broker. */
  String url() {
    return "vm://" + broker.getBrokerName() + "?create=false";
  }

  @Override
  public void close() throws Exception {
    broker.stop();
    broker.waitUntilStopped();
  }
}
