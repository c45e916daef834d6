package io.longspan.bridge;

import io.longspan.bridge.ClientSubscription.Passage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The messages that wait for one client, by ascending number. Those that may be dropped have a
 * queue of their own, so that making room takes constant time, whatever else waits.
 *
 * <p>Not thread-safe: {@link ClientOutbox} guards it.
 */
final class WaitingMessages {
  /** Messages of the same subscription with the same key supersede each other. */
  private record Subject(ClientSubscription subscription, String key) {
    static Subject of(Outgoing message) {
      return new Subject(message.subscription(), message.payload().key());
    }
  }

  /** Dropped messages stay in the queue until they are as many as this and as the others. */
  private static final int COMPACTION = 64;

  private final Deque<Outgoing> lasting = new ArrayDeque<>(4);

  /** May hold messages that are dropped already; null until the first droppable message. */
  private Deque<Outgoing> droppable;

  private int droppedInQueue;

  /** The newest message of each subject while the client lags; null otherwise. */
  private Map<Subject, Outgoing> newest;

  private int size;
  private long bytes;

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

  /**
   * Adds a message with the highest number so far.
   *
   * @param onDrop is called with the message that the new one supersedes, if it does
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

  /** Re-queues a message with a number below that of every other one. */
  void addFirst(Outgoing message) {
    count(message);
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
   * From now on, until messages are taken or re-queued, only the newest message of each subject
   * waits. Takes time in proportion to the queue once, and constant time afterwards.
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

  /** Removes the oldest message that may be dropped; null if there is none. */
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

  /** Returns the message with the lowest number; null if nothing waits. */
  Outgoing first() {
    Outgoing mayDrop = firstDroppable();
    Outgoing stays = lasting.peek();
    if (mayDrop == null || stays == null) {
      return mayDrop == null ? stays : mayDrop;
    }
    return mayDrop.seq() < stays.seq() ? mayDrop : stays;
  }

  /** Removes and returns the message with the lowest number; there must be one. */
  Outgoing removeFirst() {
    Outgoing first = first();
    (first == lasting.peek() ? lasting : droppable).remove();
    uncount(first);
    return first;
  }

  /** Removes and returns everything, by ascending number. */
  List<Outgoing> removeAll() {
    List<Outgoing> all = new ArrayList<>(size);
    while (!isEmpty()) {
      all.add(removeFirst());
    }
    newest = null;
    return all;
  }

  /** Removes and returns the messages that have to be discarded. */
  List<Outgoing> removeDiscarded() {
    List<Outgoing> discarded = new ArrayList<>();
    for (Outgoing message : removeAll()) {
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
