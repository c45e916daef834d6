package io.longspan.server;

import io.longspan.config.LongspanConfig;

/** Starts the demo services. */
@FunctionalInterface
public interface DemoServicesFactory {

  /**
   * Starts the services as clients of a broker, which need not be reachable yet.
   *
   * @param broker configuration of the broker; for the provider {@code EMBEDDED} with the URL of
   *     the running broker
   * @return a handle that stops the services
   * @throws Exception if the services cannot start
   */
  AutoCloseable start(LongspanConfig.Broker broker) throws Exception;
}
