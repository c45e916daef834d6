package io.longspan.bridge;

import java.util.List;

/**
 * The messages that one client may request again (protocol section 6): those that were taken last,
 * as far as the limits allow, and that the client has not acknowledged.
 *
 * <p>Not thread-safe: {@link ClientOutbox} guards it.
 */
final class ResumeWindow {
  /** The window may use the limits of waiting messages divided by this. */
  private static final int PART = 4;

  private final int maxMessages;
  private final long maxBytes;
  private final OutboxMemory memory;
  private final TakenMessages taken = new TakenMessages();
  private long lastTaken;

  /** The highest {@code seq} that was discarded; a client older than that cannot resume. */
  private long discarded;

  /** The highest {@code seq} that the client has acknowledged. */
  private long acknowledged;

  /**
   * Creates an empty window.
   *
   * @param maxMessages the maximum number of messages that wait for the client
   * @param maxBytes the maximum bytes of payload that wait for the client
   * @param memory holds the messages; they are released when the window discards them
   */
  ResumeWindow(int maxMessages, long maxBytes, OutboxMemory memory) {
    this.maxMessages = maxMessages / PART;
    this.maxBytes = maxBytes / PART;
    this.memory = memory;
  }

  /**
   * Adds the messages that were just taken, and discards older ones beyond the limits. It discards
   * all older ones if memory is scarce: what waits for clients needs it more.
   */
  void add(List<Outgoing> messages) {
    for (int i = 0; i < messages.size(); i++) {
      taken.add(messages.get(i));
    }
    while (taken.size() > messages.size()
        && (taken.size() > maxMessages || taken.bytes() > maxBytes || memory.isScarce())) {
      discardOldest();
    }
  }

  /** Discards all messages. A client that has not received the last one can no longer resume. */
  void discardAll() {
    while (!taken.isEmpty()) {
      discardOldest();
    }
  }

  /** Notes the {@code seq} of the last message that was taken. */
  void moveTo(long seq) {
    lastTaken = seq;
  }

  /** Returns the {@code seq} of the last message that was taken; 0 if none was. */
  long lastTaken() {
    return lastTaken;
  }

  /**
   * Discards the messages that the client has received.
   *
   * @param seq the last message that the client has received
   */
  void acknowledge(long seq) {
    acknowledged = Math.max(acknowledged, Math.min(seq, lastTaken));
    while (!taken.isEmpty() && taken.firstNumber() <= seq) {
      discardOldest();
    }
  }

  /** Returns the highest {@code seq} that the client has acknowledged; 0 if none. */
  long acknowledged() {
    return acknowledged;
  }

  /** Returns whether all messages after a {@code seq} can be requested again. */
  boolean covers(long seq) {
    return seq >= discarded && seq <= lastTaken;
  }

  /** Notes that a message which was removed from this window is discarded. */
  void discarded(long seq) {
    discarded = seq;
  }

  /** Returns whether the window has a message after a {@code seq}. */
  boolean hasAfter(long seq) {
    return !taken.isEmpty() && taken.lastNumber() > seq;
  }

  /** Removes and returns the newest message; must not be called if there is none. */
  Outgoing removeNewest() {
    return taken.removeLast();
  }

  private void discardOldest() {
    discarded = taken.firstNumber();
    memory.release(taken.removeFirst());
  }

  /** Releases the memory of the messages without removing them. */
  void release() {
    taken.forEach(memory::release);
  }

  /** Removes all messages without releasing their memory. */
  void clear() {
    while (!taken.isEmpty()) {
      taken.removeFirst();
    }
  }

  int size() {
    return taken.size();
  }
}
