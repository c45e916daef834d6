package io.longspan.external;

import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.activemq.broker.Broker;
import org.apache.activemq.broker.BrokerFilter;
import org.apache.activemq.broker.BrokerPlugin;
import org.apache.activemq.broker.ConnectionContext;
import org.apache.activemq.broker.region.Subscription;
import org.apache.activemq.command.ConsumerInfo;

/**
 * Refuses the bridge consumers of the destinations that a file names, one a line, as the
 * authorization plug-in does; the file may change while the broker runs.
 */
final class RefusedConsumers implements BrokerPlugin {
  /** The system property that names the file. */
  static final String FILE = "refused.consumers";

  private final Path file = Path.of(System.getProperty(FILE));

  @Override
  public Broker installPlugin(Broker next) {
    return new BrokerFilter(next) {
      @Override
      public Subscription addConsumer(ConnectionContext context, ConsumerInfo info)
          throws Exception {
        if (ExternalBroker.BRIDGE_USER.equals(context.getUserName())
            && Files.readAllLines(file).contains(info.getDestination().getPhysicalName())) {
          throw new SecurityException("not authorized to read from: " + info.getDestination());
        }
        return super.addConsumer(context, info);
      }
    };
  }
}
