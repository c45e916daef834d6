package io.longspan.bridge;

import io.longspan.catalogue.TopicPolicy.Keep;
import io.longspan.protocol.ControlCommand.History;
import io.longspan.protocol.Payload;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * The retained messages of one JMS subscription, for subscribers that resume (protocol section 6,
 * "a topic"). They are bounded by number, bytes and age. Not thread-safe: {@link
 * SharedSubscription} guards it.
 */
final class KeptMessages {
  /** Estimated heap of a retained message without its payload, in bytes. */
  private static final int OVERHEAD = 160;

  private static final class Kept {
    private final String messageId;
    private final Payload payload;
    private final long at;

    /** Null until a new subscriber gets the message; then shared by all of them. */
    private Payload forNewSubscribers;

    Kept(String messageId, Payload payload, long at) {
      this.messageId = messageId;
      this.payload = payload;
      this.at = at;
    }

    String messageId() {
      return messageId;
    }

    Payload payload() {
      return payload;
    }

    long at() {
      return at;
    }

    Payload forNewSubscribers() {
      if (forNewSubscribers == null) {
        forNewSubscribers = payload.asKept();
      }
      return forNewSubscribers;
    }

    /** Returns whether a client may get the message now, which has the right since a time. */
    boolean isFor(long heldSince, long now) {
      return at > heldSince && payload.isDeliverable() && !payload.isExpired(now);
    }

    long bytesOfHeap() {
      return heapBytes(payload);
    }
  }

  /**
   * Retained messages, the oldest first.
   *
   * @param complete whether nothing else is retained in the direction that was asked for
   */
  record Page(List<Payload> messages, boolean complete) {}

  private final Keep bounds;
  private final RetainedBytes.Charge charge;
  private final Deque<Kept> messages = new ArrayDeque<>();
  private long bytes;

  /**
   * The id of the last message that was discarded. A client that has seen this one can still
   * resume. Null if unknown.
   */
  private String lastForgotten;

  KeptMessages(Keep bounds, RetainedBytes.Charge charge) {
    this.bounds = bounds;
    this.charge = charge;
  }

  /** Returns the estimated heap of a retained message, in bytes. */
  static long heapBytes(Payload payload) {
    return OVERHEAD + payload.heapBytes();
  }

  /**
   * Retains a message. Without memory for it, all messages are evicted, and only its id is
   * remembered.
   *
   * @param messageId the {@code JMSMessageID}; empty if there is none
   * @param now in milliseconds of the bridge's ticker
   * @return the bytes of heap that were freed for want of memory; usually 0
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
   * Returns the messages after another one. Empty if they are not all retained, or if one of them
   * arrived before the client had the right to read it.
   *
   * @param messageId the {@code JMSMessageID} of the last message that the client has seen
   * @param now in milliseconds of the bridge's ticker
   * @param heldSince since when the client has had the right, in milliseconds of the bridge's
   *     ticker
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

  /**
   * Returns the newest messages for a client that subscribes, the oldest first. Messages that
   * arrived before the client had the right to read them are left out.
   *
   * @param count the maximum number
   * @param now in milliseconds of the bridge's ticker
   * @param heldSince since when the client has had the right, in milliseconds of the bridge's
   *     ticker
   */
  List<Payload> last(int count, long now, long heldSince) {
    if (count == 0) {
      return List.of();
    }
    forgetOld(now);
    List<Payload> newest = new ArrayList<>();
    Iterator<Kept> newestFirst = messages.descendingIterator();
    while (newest.size() < count && newestFirst.hasNext()) {
      Kept kept = newestFirst.next();
      if (kept.isFor(heldSince, now)) {
        newest.add(kept.forNewSubscribers());
      }
    }
    Collections.reverse(newest);
    return newest;
  }

  /**
   * Returns a part of the messages. Empty if the message that the client names is not retained.
   *
   * @param maxBytes the maximum size of the messages together, in bytes; one is given regardless
   * @param now in milliseconds of the bridge's ticker
   * @param heldSince since when the client has had the right, in milliseconds of the bridge's
   *     ticker
   */
  Optional<Page> page(History wanted, long maxBytes, long now, long heldSince) {
    forgetOld(now);
    List<Kept> before = new ArrayList<>();
    List<Kept> after = new ArrayList<>();
    String id = wanted.before().or(wanted::after).orElse("");
    boolean found = id.isEmpty() || (wanted.after().isPresent() && id.equals(lastForgotten));
    boolean passed = found;
    for (Kept kept : messages) {
      if (!id.isEmpty() && kept.messageId().equals(id)) {
        found = true;
        passed = true;
      } else if (kept.isFor(heldSince, now)) {
        (passed ? after : before).add(kept);
      }
    }
    if (!found) {
      return Optional.empty();
    }
    List<Kept> range = wanted.before().isPresent() ? before : after;
    boolean oldestFirst = wanted.after().isPresent();
    if (!oldestFirst) {
      Collections.reverse(range);
    }
    List<Payload> page = new ArrayList<>();
    long size = 0;
    for (Kept kept : range) {
      size += kept.payload().size();
      if (page.size() == wanted.limit() || (size > maxBytes && !page.isEmpty())) {
        break;
      }
      page.add(kept.payload());
    }
    boolean complete = page.size() == range.size();
    if (!oldestFirst) {
      Collections.reverse(page);
    }
    return Optional.of(new Page(page, complete));
  }

  /** Discards messages that may not be delivered to anybody any more. */
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

  /**
   * Discards everything, because messages may have been missed: no client can resume after an
   * earlier one.
   */
  void clear() {
    evict();
    lastForgotten = null;
  }
}
