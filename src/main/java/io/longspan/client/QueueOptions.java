package io.longspan.client;

/**
 * How a queue is consumed (protocol section 15). Start with {@link #NONE}.
 *
 * @param prefetch messages at this client that are not settled, at most: 1 to 100
 * @param selector a JMS selector, or null
 */
public record QueueOptions(int prefetch, String selector) {
  private static final int MAX_PREFETCH = 100;

  /** One message at a time, without a selector. */
  public static final QueueOptions NONE = new QueueOptions(1, null);

  public QueueOptions {
    if (prefetch < 1 || prefetch > MAX_PREFETCH) {
      throw new IllegalArgumentException(
          "prefetch: " + prefetch + "; allowed: 1 to " + MAX_PREFETCH);
    }
  }

  public QueueOptions withPrefetch(int messages) {
    return new QueueOptions(messages, selector);
  }

  public QueueOptions withSelector(String jmsSelector) {
    return new QueueOptions(prefetch, jmsSelector);
  }
}
