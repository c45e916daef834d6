package io.longspan.local;

/** Publishes to local topics. May be used on any thread; never blocks. */
@FunctionalInterface
public interface LocalTopics {
  /**
   * Publishes a message. Every message is delivered in the order of the calls, to the clients that
   * are subscribed when it is delivered.
   *
   * @param topic the logical name of the topic, such as {@code prices/eu/ABC}
   * @throws IllegalArgumentException if the name is not a logical name, or if the bridge reserves
   *     it
   * @throws IllegalStateException if too many messages wait to be delivered, or if the bridge has
   *     stopped; the message is not published
   */
  void publish(String topic, LocalMessage message);
}
