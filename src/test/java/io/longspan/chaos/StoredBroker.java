package io.longspan.chaos;

import io.longspan.external.BreakableBroker;
import io.longspan.external.ExternalArtemis;
import io.longspan.external.StoredActiveMq;
import java.util.function.Supplier;

/** A broker that keeps messages on disk, so that it can be killed and started on them. */
enum StoredBroker {
  ACTIVEMQ(StoredActiveMq::new, "ActiveMQ.DLQ"),
  ARTEMIS(ExternalArtemis::withJournal, "DLQ");

  private final Supplier<BreakableBroker> starter;
  private final String deadLetters;

  StoredBroker(Supplier<BreakableBroker> starter, String deadLetters) {
    this.starter = starter;
    this.deadLetters = deadLetters;
  }

  BreakableBroker start() {
    return starter.get();
  }

  /** Returns the queue of messages that were delivered too often. */
  String deadLetters() {
    return deadLetters;
  }

  /** Returns whether {@code -Dchaos.broker} leaves this one out. */
  boolean isLeftOut() {
    String wanted = System.getProperty("chaos.broker");
    return wanted != null && !name().equalsIgnoreCase(wanted);
  }
}
