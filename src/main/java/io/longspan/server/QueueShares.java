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
 * Divides the embedded broker's memory among its queues. Any number of queues without a reader
 * leaves memory for other queues, topics and replies.
 *
 * <p>A queue may hold half of the queues' part that is still free. So the more queues are full, the
 * less each further queue gets.
 */
final class QueueShares extends BrokerFilter {
  /** Part of the memory for all queues, in percent. */
  private static final int QUEUES_PERCENT = 60;

  /** Part of the memory up to which queues with a consumer may grow, in percent. */
  private static final int READ_QUEUES_PERCENT = 80;

  private final MemoryUsage memory;
  private final long forQueues;
  private final long forReadQueues;

  /**
   * Creates the filter.
   *
   * @param memory memory in use by the broker's messages
   * @param memoryBytes its limit, in bytes
   */
  QueueShares(Broker next, MemoryUsage memory, long memoryBytes) {
    super(next);
    this.memory = memory;
    this.forQueues = memoryBytes / 100 * QUEUES_PERCENT;
    this.forReadQueues = memoryBytes / 100 * READ_QUEUES_PERCENT;
  }

  /**
   * Rejects a message beyond the queue's share.
   *
   * @throws RejectedExecutionException only to the sender, as a JMSException
   */
  @Override
  public void send(ProducerBrokerExchange exchange, Message message) throws Exception {
    ActiveMQDestination name = message.getDestination();
    if (name.isQueue() && !name.isTemporary() && !hasRoom(name, message.getSize())) {
      throw new RejectedExecutionException(
          "the queue %s is full, it uses its share of the broker's memory"
              .formatted(name.getPhysicalName()));
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
