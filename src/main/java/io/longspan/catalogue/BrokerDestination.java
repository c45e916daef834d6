package io.longspan.catalogue;

/**
 * A destination that the bridge may use: the catalogue has granted it, or the bridge itself names
 * it.
 *
 * @param kind queue or topic
 * @param name the JMS name, or the name of an administered destination ({@link JndiNames}). In a
 *     pattern, a level may be {@code *} (one level) or, at the end, {@code **} (all that follow);
 *     the provider translates both
 * @param pattern whether the name contains wildcards
 * @param broker the name of the broker that has it; {@link #DEFAULT_BROKER} for the default one
 */
public record BrokerDestination(Kind kind, String name, boolean pattern, String broker) {
  /** The name of the default broker. */
  public static final String DEFAULT_BROKER = "";

  /**
   * The name of the broker that stands for services and topics inside this process. No configured
   * broker has this name. A local service is a queue. Names there are logical names.
   */
  public static final String LOCAL_BROKER = "local";

  public enum Kind {
    QUEUE,
    TOPIC
  }

  /** Creates a destination at the default broker. */
  public BrokerDestination(Kind kind, String name, boolean pattern) {
    this(kind, name, pattern, DEFAULT_BROKER);
  }

  /** Returns whether this is a service or a topic inside this process. */
  public boolean isLocal() {
    return broker.equals(LOCAL_BROKER);
  }

  /** Returns a queue at the default broker. */
  public static BrokerDestination queue(String name) {
    return new BrokerDestination(Kind.QUEUE, name, false);
  }

  /** Returns a topic at the default broker. */
  public static BrokerDestination topic(String name) {
    return new BrokerDestination(Kind.TOPIC, name, false);
  }
}
