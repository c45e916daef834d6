package io.longspan.catalogue;

import io.longspan.catalogue.BrokerDestination.Kind;

/**
 * Messages that the bridge itself passes from one broker to another ({@code forward} in the
 * catalogue file).
 *
 * @param source where the bridge takes messages: a queue, a topic, or all topics under a prefix
 * @param toBroker the name of the broker that gets them
 * @param as the JMS name there; with {@code **} at the end if the source has it
 * @param answers whether answers to the messages are brought back; queues only
 */
public record Forward(BrokerDestination source, String toBroker, String as, boolean answers) {
  static final String REST = "**";

  /**
   * Returns the destination for a message.
   *
   * @param name the JMS name of the destination that the message was sent to; used if the source is
   *     a pattern
   * @return null if the pattern does not cover the name
   */
  public BrokerDestination target(String name) {
    if (!source.pattern()) {
      return destination(as);
    }
    String prefix = withoutRest(source.name());
    return name.startsWith(prefix)
        ? destination(withoutRest(as) + name.substring(prefix.length()))
        : null;
  }

  private BrokerDestination destination(String name) {
    return new BrokerDestination(source.kind(), name, false, toBroker);
  }

  private static String withoutRest(String pattern) {
    return pattern.substring(0, pattern.length() - REST.length());
  }

  /** Returns a name for logs, threads and the detection of loops. */
  @Override
  public String toString() {
    return "%s:%s>%s:%s".formatted(label(source.broker()), source.name(), label(toBroker), as);
  }

  private static String label(String broker) {
    return broker.equals(BrokerDestination.DEFAULT_BROKER) ? "default" : broker;
  }

  /** Returns whether messages are taken from a queue. */
  public boolean isQueue() {
    return source.kind() == Kind.QUEUE;
  }
}
