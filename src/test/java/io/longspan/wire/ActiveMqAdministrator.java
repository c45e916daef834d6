package io.longspan.wire;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.activemq.broker.Broker;
import org.apache.activemq.broker.BrokerFilter;
import org.apache.activemq.broker.BrokerPlugin;
import org.apache.activemq.broker.ConnectionContext;
import org.apache.activemq.broker.region.Subscription;
import org.apache.activemq.command.ConsumerControl;
import org.apache.activemq.command.ConsumerId;
import org.apache.activemq.command.ConsumerInfo;

/**
 * Refuses consumers as the authorisation plug-in does, and ends them as the strategy against slow
 * consumers does.
 */
final class ActiveMqAdministrator implements BrokerPlugin {
  private record Consuming(ConnectionContext context, ConsumerInfo info) {}

  private final Set<String> refused = ConcurrentHashMap.newKeySet();
  private volatile boolean refusesTemporary;
  private final Map<ConsumerId, Consuming> consumers = new ConcurrentHashMap<>();

  @Override
  public Broker installPlugin(Broker next) {
    return new BrokerFilter(next) {
      @Override
      public Subscription addConsumer(ConnectionContext context, ConsumerInfo info)
          throws Exception {
        if (refused.contains(info.getDestination().getPhysicalName())
            || (refusesTemporary && info.getDestination().isTemporary())) {
          throw new SecurityException("not authorized to read from: " + info.getDestination());
        }
        Subscription subscription = super.addConsumer(context, info);
        consumers.put(info.getConsumerId(), new Consuming(context, info));
        return subscription;
      }

      @Override
      public void removeConsumer(ConnectionContext context, ConsumerInfo info) throws Exception {
        consumers.remove(info.getConsumerId());
        super.removeConsumer(context, info);
      }
    };
  }

  void refuseConsumers(String topic) {
    refused.add(topic);
  }

  void allowConsumers(String topic) {
    refused.remove(topic);
  }

  /** Refuses consumers of temporary destinations from now on, or allows them again. */
  void refuseTemporary(boolean refuses) {
    refusesTemporary = refuses;
  }

  void endConsumers(String topic) {
    for (Consuming consumer : consumers.values()) {
      if (consumer.info().getDestination().getPhysicalName().equals(topic)) {
        ConsumerControl end = new ConsumerControl();
        end.setConsumerId(consumer.info().getConsumerId());
        end.setClose(true);
        consumer.context().getConnection().dispatchAsync(end);
      }
    }
  }
}
