package io.longspan.chaos;

import io.longspan.external.FullQueues;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The topics of a run, one of each kind that the catalogue knows. */
enum ChaosTopic {
  KEPT("kept/orders", "keep: {messages: 1000, bytes: 1MiB, age: 5m}"),
  ALSO_KEPT("kept/news", "keep: {messages: 1000, bytes: 1MiB, age: 5m}"),
  BARELY_KEPT("barely/kept", "keep: {messages: 25, bytes: 64KiB, age: 20s}"),
  NOT_KEPT("plain/ticks", ""),
  OLDEST_DROPPED("oldest/dropped", "slowConsumer: dropOldest, keep: {messages: 200}"),
  LATEST("latest/prices", "slowConsumer: latest");

  /** Where the service reads. */
  static final String SERVICE = "services/numbered";

  private final String logicalName;
  private final String options;

  ChaosTopic(String logicalName, String options) {
    this.logicalName = logicalName;
    this.options = options;
  }

  /** Returns the logical name, which is the JMS name as well. */
  String logicalName() {
    return logicalName;
  }

  static Optional<ChaosTopic> of(Object logicalName) {
    return Stream.of(values()).filter(t -> t.logicalName.equals(logicalName)).findFirst();
  }

  /** Returns the catalogue of the bridges. */
  static String catalogue() {
    return catalogue(Set.of());
  }

  /**
   * Returns the catalogue of the bridges.
   *
   * @param withdrawn what nobody may read
   */
  static String catalogue(Set<ChaosTopic> withdrawn) {
    StringBuilder yaml = new StringBuilder("destinations:\n");
    for (String queue :
        List.of(SERVICE, FullQueues.HELD, FullQueues.FILLED.get(0), FullQueues.FILLED.get(1))) {
      yaml.append("  - {name: ").append(queue).append(", kind: queue, send: [\"*\"]}\n");
    }
    for (ChaosTopic topic : values()) {
      yaml.append("  - {name: ")
          .append(topic.logicalName)
          .append(", kind: topic, subscribe: [")
          .append(withdrawn.contains(topic) ? "" : "\"*\"")
          .append("]")
          .append(topic.options.isEmpty() ? "" : ", " + topic.options)
          .append("}\n");
    }
    return yaml.toString();
  }
}
