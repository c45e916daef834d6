package io.longspan.bridge;

import io.longspan.bridge.MessageRight.Passage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The messages that wait for one client, by ascending {@code seq}. Droppable messages have a queue
 * of their own, so that the oldest one is found in constant time.
 *
 * <p>Not thread-safe: {@link ClientOutbox} guards it.
 */
final class WaitingMessages {
  /** Identifies messages that supersede each other: same subscription, same key. */
  private record Subject(MessageRight right, String key) {
    static Subject of(Outgoing message) {
      return new Subject(message.right(), message.payload().key());
    }
  }

  /**
   * Discarded messages stay in the queue until there are this many, and more than half of the
   * queue.
   */
  private static final int COMPACTION = 64;

  private final Deque<Outgoing> lasting = new ArrayDeque<>(4);

  /** Null until the first droppable message. May contain discarded messages. */
  private Deque<Outgoing> droppable;

  private int droppedInQueue;

  /** The newest message of each subject while the outbox conflates; null otherwise. */
  private Map<Subject, Outgoing> newest;

  private int size;
  private long bytes;

  /** Messages that do not count against the limits, also if they were removed since. */
  private int exempted;

  private long exemptedBytes;

  int size() {
    return size;
  }

  /** Returns the bytes that count against {@code limits.queueBytes}. */
  long bytes() {
    return bytes;
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** Exempts a message that was added from the limits. */
  void exempt(Outgoing message) {
    exempted++;
    exemptedBytes += message.size();
  }

  /**
   * Returns how many messages were exempted or re-queued since all were removed. They do not count
   * against the limits. If some of them are removed singly, their room stays.
   */
  int exempted() {
    return exempted;
  }

  /** Returns the bytes of the messages that were exempted or re-queued since all were removed. */
  long exemptedBytes() {
    return exemptedBytes;
  }

  /**
   * Adds a message with the highest {@code seq} so far.
   *
   * @param onDrop called with the message that the new one supersedes, if there is one
   */
  void add(Outgoing message, Consumer<Outgoing> onDrop) {
    count(message);
    if (!message.isDroppable()) {
      lasting.add(message);
      return;
    }
    if (droppable == null) {
      droppable = new ArrayDeque<>(4);
    }
    droppable.add(message);
    if (newest != null && message.isConflatable()) {
      supersede(message, onDrop);
    }
  }

  /**
   * Re-queues a message with the lowest {@code seq} so far, which ends conflation. It is exempted
   * from the limits.
   */
  void addFirst(Outgoing message) {
    count(message);
    exempt(message);
    newest = null;
    if (!message.isDroppable()) {
      lasting.addFirst(message);
      return;
    }
    if (droppable == null) {
      droppable = new ArrayDeque<>(4);
    }
    droppable.addFirst(message);
  }

  private void count(Outgoing message) {
    size++;
    bytes += message.size();
  }

  private void uncount(Outgoing message) {
    size--;
    bytes -= message.size();
  }

  /**
   * Starts conflation: only the newest message of each subject waits, until messages are re-queued
   * or all are removed. The first call takes time in proportion to the queue, later additions take
   * constant time.
   *
   * @param onDrop called with each superseded message
   */
  void conflate(Consumer<Outgoing> onDrop) {
    if (newest != null || droppable == null) {
      return;
    }
    newest = new HashMap<>();
    for (Outgoing message : List.copyOf(droppable)) {
      if (!message.isDropped() && message.isConflatable()) {
        supersede(message, onDrop);
      }
    }
  }

  private void supersede(Outgoing message, Consumer<Outgoing> onDrop) {
    Outgoing older = newest.put(Subject.of(message), message);
    if (older != null && !older.isDropped()) {
      older.markDropped();
      droppedInQueue++;
      uncount(older);
      onDrop.accept(older);
      if (droppedInQueue >= COMPACTION && 2 * droppedInQueue > droppable.size()) {
        droppable.removeIf(Outgoing::isDropped);
        droppedInQueue = 0;
      }
    }
  }

  /** Removes the oldest droppable message; returns null if there is none. */
  Outgoing dropOldest() {
    Outgoing oldest = firstDroppable();
    if (oldest != null) {
      droppable.remove();
      oldest.markDropped();
      uncount(oldest);
    }
    return oldest;
  }

  private Outgoing firstDroppable() {
    if (droppable == null) {
      return null;
    }
    while (!droppable.isEmpty() && droppable.peek().isDropped()) {
      droppable.remove();
      droppedInQueue--;
    }
    return droppable.peek();
  }

  /** Returns the message with the lowest {@code seq}; null if none waits. */
  Outgoing first() {
    Outgoing mayDrop = firstDroppable();
    Outgoing stays = lasting.peek();
    if (mayDrop == null || stays == null) {
      return mayDrop == null ? stays : mayDrop;
    }
    return mayDrop.seq() < stays.seq() ? mayDrop : stays;
  }

  /** Removes and returns the message with the lowest {@code seq}; must not be called if empty. */
  Outgoing removeFirst() {
    Outgoing first = first();
    (first == lasting.peek() ? lasting : droppable).remove();
    uncount(first);
    return first;
  }

  /** Removes and returns all messages, by ascending {@code seq}. Ends conflation. */
  List<Outgoing> removeAll() {
    exempted = 0;
    exemptedBytes = 0;
    return removeEach();
  }

  private List<Outgoing> removeEach() {
    List<Outgoing> all = new ArrayList<>(size);
    while (!isEmpty()) {
      all.add(removeFirst());
    }
    newest = null;
    return all;
  }

  /** Removes and returns the messages that must be discarded. Ends conflation. */
  List<Outgoing> removeDiscarded() {
    List<Outgoing> discarded = new ArrayList<>();
    for (Outgoing message : removeEach()) {
      if (message.passage() == Passage.DISCARD) {
        discarded.add(message);
      } else {
        add(message, nothing -> {});
      }
    }
    return discarded;
  }

  /** Calls an action with each message, in no order. */
  void forEach(Consumer<Outgoing> action) {
    lasting.forEach(action);
    if (droppable != null) {
      droppable.stream().filter(message -> !message.isDropped()).forEach(action);
    }
  }
}
