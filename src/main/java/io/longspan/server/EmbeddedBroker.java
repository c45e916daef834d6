package io.longspan.server;

import java.util.concurrent.ThreadLocalRandom;
import org.apache.activemq.broker.BrokerService;

/**
 * An ActiveMQ broker inside this process, reachable only from it, which keeps nothing on disk.
 *
 * <p>Its advisories stay on: the client library learns by them which temporary topics exist.
 */
final class EmbeddedBroker implements AutoCloseable {

  private static final int HEAP_PERCENT = 40;

  private final BrokerService broker;

  private EmbeddedBroker(BrokerService broker) {
    this.broker = broker;
  }

  /** Starts a broker and waits until it runs. */
  static EmbeddedBroker start() throws Exception {
    BrokerService broker = new BrokerService();
    broker.setBrokerName("longspan-" + Long.toHexString(ThreadLocalRandom.current().nextLong()));
    broker.setPersistent(false);
    broker.setUseJmx(false);
    broker.setSchedulerSupport(false);
    broker.setUseShutdownHook(false);
    broker.getSystemUsage().getMemoryUsage().setPercentOfJvmHeap(HEAP_PERCENT);
    broker.start();
    broker.waitUntilStarted();
    return new EmbeddedBroker(broker);
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
