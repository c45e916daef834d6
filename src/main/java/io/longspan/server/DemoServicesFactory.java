package io.longspan.server;

import io.longspan.config.LongspanConfig;

/** Starts the demo services; the server does not know what they are. */
@FunctionalInterface
public interface DemoServicesFactory {

  /**
   * Starts the services on a broker, which need not be reachable yet.
   *
   * @param broker the broker; its URL is that of the running embedded broker for the provider
   *     {@code EMBEDDED}
   * @return what stops them
   */
  AutoCloseable start(LongspanConfig.Broker broker) throws Exception;
}
