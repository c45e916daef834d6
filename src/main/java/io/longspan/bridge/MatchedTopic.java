package io.longspan.bridge;

import io.longspan.access.TopicGrant.TopicNames;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * A JMS topic that a pattern has matched, and its logical name for clients. Its messages may be
 * delivered only while the catalogue in force gives the topic this name. That is decided once for
 * each catalogue.
 *
 * <p>Safe for use by many threads.
 */
final class MatchedTopic implements BooleanSupplier {
  private record Decision(Object revision, Optional<String> logicalName) {}

  private final TopicNames names;
  private final String jmsName;
  private final Optional<String> logicalName;
  private volatile Decision decision;

  /** Decides the logical name by the catalogue in force. */
  MatchedTopic(TopicNames names, String jmsName) {
    this.names = names;
    this.jmsName = jmsName;
    this.decision = decide();
    this.logicalName = decision.logicalName();
  }

  private Decision decide() {
    // Read the revision first: if the catalogue changes in between, the next call decides again.
    Object revision = names.revision();
    return new Decision(revision, names.logicalNameOf(jmsName));
  }

  /**
   * Returns the logical name at the time of creation; empty if the pattern does not cover the
   * topic.
   */
  Optional<String> logicalName() {
    return logicalName;
  }

  /** Returns whether the catalogue in force decides the same as at the time of creation. */
  boolean isCurrent() {
    Decision last = decision;
    if (last.revision() != names.revision()) {
      last = decide();
      decision = last;
    }
    return last.logicalName().equals(logicalName);
  }

  /** Returns whether messages with this logical name may be delivered now. */
  @Override
  public boolean getAsBoolean() {
    return logicalName.isPresent() && isCurrent();
  }
}
