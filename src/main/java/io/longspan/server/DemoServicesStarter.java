package io.longspan.server;

import io.longspan.config.LongspanConfig;
import io.longspan.demo.DemoServices;
import io.longspan.jms.JmsMessageBroker;

/** Starts the demo services, which are further JMS clients of the bridge's broker. */
public final class DemoServicesStarter implements DemoServicesFactory {

  @Override
  public AutoCloseable start(LongspanConfig.Broker broker) throws Exception {
    DemoServices services = new DemoServices(JmsMessageBroker.connectionFactory(broker));
    services.start();
    return services;
  }
}
