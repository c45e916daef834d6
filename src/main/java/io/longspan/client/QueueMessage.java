package io.longspan.client;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * A message of a queue that this client consumes (protocol section 15). It is acknowledged,
 * released or rejected once; the first call counts.
 *
 * <p>The calls may be made on any thread and never block. They complete on the client's executor
 * with whether the broker has taken the outcome, and never fail. {@code false}: the message is no
 * longer this client's, for example after a new session, an outage of the broker or the entry's
 * {@code ackTimeout}. It is then delivered again, to this client or another one.
 */
public final class QueueMessage {
  private final Message message;
  private final Function<Map<String, Object>, CompletableFuture<Boolean>> settle;

  QueueMessage(Message message, Function<Map<String, Object>, CompletableFuture<Boolean>> settle) {
    this.message = message;
    this.settle = settle;
  }

  public Message message() {
    return message;
  }

  /** Returns the body of a text message; see {@link Message#text}. */
  public String text() {
    return message.text();
  }

  /**
   * Returns how often the message was delivered, this time included; 0 if the broker does not say.
   */
  public int deliveryCount() {
    return message.properties().get("JMSXDeliveryCount") instanceof Number count
        ? count.intValue()
        : 0;
  }

  /** Acknowledges the message: it is never delivered again. */
  public CompletableFuture<Boolean> acknowledge() {
    return settle.apply(Deliveries.ACK);
  }

  /** Gives the message back to the queue, for anybody. */
  public CompletableFuture<Boolean> release() {
    return settle.apply(Deliveries.RELEASE);
  }

  /**
   * Gives the message back to the queue.
   *
   * @param delay after which it is delivered again; 0 to 24 h, in whole milliseconds
   * @throws IllegalArgumentException if it is out of range
   */
  public CompletableFuture<Boolean> release(Duration delay) {
    if (delay.isNegative() || delay.compareTo(Duration.ofDays(1)) > 0) {
      throw new IllegalArgumentException("delay: " + delay + "; allowed: 0 to 24 h");
    }
    return delay.toMillis() == 0
        ? release()
        : settle.apply(Map.of("type", "release", "delay", delay.toMillis()));
  }

  /**
   * Moves the message to the dead letters: nobody can process it.
   *
   * @param reason for people, or null
   */
  public CompletableFuture<Boolean> reject(String reason) {
    Map<String, Object> command = new HashMap<>(Map.of("type", "reject"));
    if (reason != null) {
      command.put("reason", reason);
    }
    return settle.apply(command);
  }

  @Override
  public String toString() {
    return "QueueMessage[" + message + "]";
  }
}
