package io.longspan.client;

/**
 * What is subscribed, beside the names of the topics.
 *
 * @param selector a JMS selector, or null
 * @param durable the name of the durable subscription, or null
 */
record TopicOptions(String selector, String durable) {
  static final TopicOptions NONE = new TopicOptions(null, null);
}
