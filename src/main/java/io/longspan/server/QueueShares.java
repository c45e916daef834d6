package io.longspan.server;

import java.util.concurrent.RejectedExecutionException;
import org.apache.activemq.broker.Broker;
import org.apache.activemq.broker.BrokerFilter;
import org.apache.activemq.broker.ProducerBrokerExchange;
import org.apache.activemq.broker.region.Destination;
import org.apache.activemq.command.ActiveMQDestination;
import org.apache.activemq.command.Message;
import org.apache.activemq.usage.MemoryUsage;

/**
 * Divides the embedded broker's memory among its queues, so that any number of queues that nobody
 * reads leaves room: for queues that are read, and for topics and replies, which everybody needs.
 *
 * <p>A queue may hold half as much as is still free of the queues' part. So one queue alone gets a
 * third of that part, and the more queues are full, the less each further one gets, without an end.
 */
final class QueueShares extends BrokerFilter {
  /** The queues' part of the memory, in percent. */
  private static final int QUEUES_PERCENT = 60;

  /** Queues that have a consumer may use up to this part of the memory. */
  private static final int READ_QUEUES_PERCENT = 80;

  private final MemoryUsage memory;
  private final long forQueues;
  private final long forReadQueues;

  /**
   * Creates the filter.
   *
   * @param memory what the broker's messages take
   * @param memoryBytes its limit
   */
  QueueShares(Broker next, MemoryUsage memory, long memoryBytes) {
    super(next);
    this.memory = memory;
    this.forQueues = memoryBytes / 100 * QUEUES_PERCENT;
    this.forReadQueues = memoryBytes / 100 * READ_QUEUES_PERCENT;
  }

  /**
   * Refuses what goes beyond the queue's share.
   *
   * @throws RejectedExecutionException to its sender only, as a JMSException
   */
  @Override
  public void send(ProducerBrokerExchange exchange, Message message) throws Exception {
    ActiveMQDestination name = message.getDestination();
    if (name.isQueue() && !name.isTemporary() && !hasRoom(name, message.getSize())) {
      throw new RejectedExecutionException(
          "the queue %s holds its share of the broker's memory".formatted(name.getPhysicalName()));
    }
    super.send(exchange, message);
  }

  private boolean hasRoom(ActiveMQDestination name, long size) {
    Destination queue = getDestinationMap(name).get(name);
    long held = queue == null ? 0 : queue.getMemoryUsage().getUsage();
    return fits(held + size, forQueues)
        || (queue != null && fits(held + size, forReadQueues) && !queue.getConsumers().isEmpty());
  }

  private boolean fits(long bytes, long part) {
    return bytes <= (part - memory.getUsage()) / 2;
  }
}
