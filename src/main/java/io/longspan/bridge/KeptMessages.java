package io.longspan.bridge;

import io.longspan.protocol.Payload;
import io.longspan.security.TopicPolicy.Keep;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * The last messages of one JMS subscription, for subscribers that go on where they were (protocol
 * section 6, a topic). Bounded by count, bytes and age. Not thread-safe: its owner guards it.
 */
final class KeptMessages {
  private record Kept(String messageId, Payload payload, long at) {}

  private final Keep bounds;
  private final Deque<Kept> messages = new ArrayDeque<>();
  private long bytes;

  /** Of the message that was forgotten last: who has seen it lacks nothing that was forgotten. */
  private String lastForgotten;

  KeptMessages(Keep bounds) {
    this.bounds = bounds;
  }

  /**
   * Adds a message.
   *
   * @param messageId its {@code JMSMessageID}; empty where it has none
   * @param now milliseconds of the bridge's ticker
   */
  void add(String messageId, Payload payload, long now) {
    if (!bounds.isSomething()) {
      return;
    }
    messages.add(new Kept(messageId, payload, now));
    bytes += payload.size();
    forgetOld(now);
  }

  private void forgetOld(long now) {
    while (!messages.isEmpty()
        && (messages.size() > bounds.messages()
            || bytes > bounds.bytes()
            || now - messages.peek().at() > bounds.age().toMillis())) {
      Kept oldest = messages.remove();
      bytes -= oldest.payload().size();
      lastForgotten = oldest.messageId();
    }
  }

  /**
   * Returns what followed a message; nothing where that cannot be known.
   *
   * @param now milliseconds of the bridge's ticker
   */
  Optional<List<Payload>> after(String messageId, long now) {
    if (messageId.isEmpty()) {
      return Optional.empty();
    }
    forgetOld(now);
    boolean found = messageId.equals(lastForgotten);
    List<Payload> following = new ArrayList<>();
    for (Kept kept : messages) {
      if (found) {
        if (kept.payload().isDeliverable()) {
          following.add(kept.payload());
        }
      } else {
        found = kept.messageId().equals(messageId);
      }
    }
    return found ? Optional.of(following) : Optional.empty();
  }

  /** Discards what may no longer be delivered to anybody. */
  void discardUndeliverable() {
    messages.removeIf(kept -> !kept.payload().isDeliverable());
    bytes = messages.stream().mapToLong(kept -> kept.payload().size()).sum();
  }

  /** Forgets everything: messages may have been missed since. */
  void clear() {
    messages.clear();
    bytes = 0;
    lastForgotten = null;
  }
}
