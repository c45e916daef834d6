package io.longspan.protocol;

/**
 * A JMS destination that the catalogue has granted.
 *
 * @param kind queue or topic
 * @param name the JMS name; in a pattern, whole dot-separated tokens may be {@code *} (one token)
 *     or, at the end, {@code **} (the rest), which the provider translates
 * @param pattern whether the name holds wildcards
 */
public record BrokerDestination(Kind kind, String name, boolean pattern) {

  /** The two kinds of JMS destination. */
  public enum Kind {
    QUEUE,
    TOPIC
  }

  /** Returns the queue of that name. */
  public static BrokerDestination queue(String name) {
    return new BrokerDestination(Kind.QUEUE, name, false);
  }

  /** Returns the topic of that name. */
  public static BrokerDestination topic(String name) {
    return new BrokerDestination(Kind.TOPIC, name, false);
  }
}
