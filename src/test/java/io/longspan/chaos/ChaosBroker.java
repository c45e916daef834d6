package io.longspan.chaos;

import io.longspan.external.ExternalActiveMq;
import io.longspan.external.ExternalArtemis;
import io.longspan.external.ExternalBroker;
import java.util.function.Supplier;

/** The brokers of a run, as {@code -Dchaos.broker} names them. */
enum ChaosBroker {
  ACTIVEMQ(ExternalActiveMq::new),
  ARTEMIS(ExternalArtemis::new);

  private final Supplier<ExternalBroker> starter;

  ChaosBroker(Supplier<ExternalBroker> starter) {
    this.starter = starter;
  }

  /** Starts one and waits until it can be used. */
  ExternalBroker start() {
    return starter.get();
  }
}
