package io.longspan.catalogue;

/**
 * A JMS destination that the bridge may use: the catalogue has granted it, or the bridge itself
 * names it.
 *
 * @param kind queue or topic
 * @param name the JMS name, or the name of an administered destination ({@link JndiNames}). In a
 *     pattern, a level may be {@code *} (one level) or, at the end, {@code **} (all that follow);
 *     the provider translates both
 * @param pattern whether the name contains wildcards
 */
public record BrokerDestination(Kind kind, String name, boolean pattern) {

  public enum Kind {
    QUEUE,
    TOPIC
  }

  public static BrokerDestination queue(String name) {
    return new BrokerDestination(Kind.QUEUE, name, false);
  }

  public static BrokerDestination topic(String name) {
    return new BrokerDestination(Kind.TOPIC, name, false);
  }
}
