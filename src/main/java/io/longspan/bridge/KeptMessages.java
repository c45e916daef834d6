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
  /** The objects of one message beside its payload, its id included, in bytes of heap. */
  private static final int OVERHEAD = 160;

  private record Kept(String messageId, Payload payload, long at) {
    long bytesOfHeap() {
      return heapBytes(payload);
    }
  }

  private final Keep bounds;
  private final RetainedBytes.Charge charge;
  private final Deque<Kept> messages = new ArrayDeque<>();
  private long bytes;

  /** Of the message that was forgotten last: who has seen it lacks nothing that was forgotten. */
  private String lastForgotten;

  KeptMessages(Keep bounds, RetainedBytes.Charge charge) {
    this.bounds = bounds;
    this.charge = charge;
  }

  /** Returns about how many bytes of heap it takes to retain a payload. */
  static long heapBytes(Payload payload) {
    return OVERHEAD + payload.heapBytes();
  }

  /**
   * Adds a message. If there is no memory for it, nothing is retained but the knowledge that it was
   * the last one.
   *
   * @param messageId its {@code JMSMessageID}; empty where it has none
   * @param now milliseconds of the bridge's ticker
   * @return the bytes of heap that were freed for want of memory; 0 normally
   */
  long add(String messageId, Payload payload, long now) {
    if (!bounds.isSomething()) {
      return 0;
    }
    Kept added = new Kept(messageId, payload, now);
    if (!charge.tryAdd(added.bytesOfHeap())) {
      long freed = evict();
      lastForgotten = messageId;
      return freed;
    }
    messages.add(added);
    bytes += payload.size();
    forgetOld(now);
    return 0;
  }

  private void forgetOld(long now) {
    while (!messages.isEmpty()
        && (messages.size() > bounds.messages()
            || bytes > bounds.bytes()
            || now - messages.peek().at() > bounds.age().toMillis())) {
      forgetOldest();
    }
  }

  private void forgetOldest() {
    Kept oldest = messages.remove();
    bytes -= oldest.payload().size();
    charge.remove(oldest.bytesOfHeap());
    lastForgotten = oldest.messageId();
  }

  /** Discards every message; returns the bytes of heap that were freed. */
  long evict() {
    long freed = charge.bytes();
    while (!messages.isEmpty()) {
      forgetOldest();
    }
    return freed;
  }

  /**
   * Returns the messages that followed another one; empty if they are not known, or if one of them
   * came in before the reader had the right to read it.
   *
   * @param now milliseconds of the bridge's ticker
   * @param heldSince since when the reader has had the right, in milliseconds of the same clock
   */
  Optional<List<Payload>> after(String messageId, long now, long heldSince) {
    if (messageId.isEmpty()) {
      return Optional.empty();
    }
    forgetOld(now);
    boolean found = messageId.equals(lastForgotten);
    List<Payload> following = new ArrayList<>();
    for (Kept kept : messages) {
      if (found) {
        if (kept.at() <= heldSince) {
          return Optional.empty();
        }
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
    messages.removeIf(
        kept -> {
          boolean discarded = !kept.payload().isDeliverable();
          if (discarded) {
            bytes -= kept.payload().size();
            charge.remove(kept.bytesOfHeap());
          }
          return discarded;
        });
  }

  /** Forgets everything: messages may have been missed since. */
  void clear() {
    evict();
    lastForgotten = null;
  }
}
