package io.longspan.bridge;

import io.longspan.bridge.MessageRight.Passage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The messages to one client whose right is in doubt, by subscription (protocol section 11). They
 * are delivered if the right is confirmed, and discarded if it is refused.
 *
 * <p>Not thread-safe: {@link ClientOutbox} guards it.
 */
final class WithheldMessages {
  private static final Comparator<Outgoing> BY_NUMBER = Comparator.comparingLong(Outgoing::seq);

  /** Null while there are none. */
  private Map<MessageRight, List<Outgoing>> messages;

  private int size;
  private long bytes;

  int size() {
    return size;
  }

  /** Returns the bytes that count against {@code limits.queueBytes}. */
  long bytes() {
    return bytes;
  }

  void add(Outgoing message) {
    if (messages == null) {
      messages = new HashMap<>(4);
    }
    messages.computeIfAbsent(message.right(), s -> new ArrayList<>()).add(message);
    size++;
    bytes += message.size();
  }

  /** Removes and returns the messages of a subscription, by ascending {@code seq}. */
  List<Outgoing> remove(MessageRight right) {
    List<Outgoing> removed = messages == null ? null : messages.remove(right);
    if (removed == null) {
      return List.of();
    }
    removed.forEach(this::uncount);
    removed.sort(BY_NUMBER);
    return removed;
  }

  /** Removes and returns the messages that must be discarded. */
  List<Outgoing> removeDiscarded() {
    List<Outgoing> discarded = new ArrayList<>();
    if (messages != null) {
      for (List<Outgoing> ofOne : messages.values()) {
        List<Outgoing> kept = new ArrayList<>();
        ofOne.forEach(m -> (m.passage() == Passage.DISCARD ? discarded : kept).add(m));
        ofOne.clear();
        ofOne.addAll(kept);
      }
      messages.values().removeIf(List::isEmpty);
      discarded.forEach(this::uncount);
    }
    return discarded;
  }

  /** Removes and returns all messages, in no order. */
  List<Outgoing> removeAll() {
    List<Outgoing> all = new ArrayList<>(size);
    forEach(all::add);
    messages = null;
    size = 0;
    bytes = 0;
    return all;
  }

  private void uncount(Outgoing message) {
    size--;
    bytes -= message.size();
  }

  /** Calls an action with each message, in no order. */
  void forEach(Consumer<Outgoing> action) {
    if (messages != null) {
      messages.values().forEach(ofOne -> ofOne.forEach(action));
    }
  }
}
