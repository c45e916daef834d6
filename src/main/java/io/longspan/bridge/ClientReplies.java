package io.longspan.bridge;

import io.longspan.bridge.MessageBroker.ReplyDestination;
import io.longspan.config.LongspanConfig.ReplyMode;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The reply destinations of one client at one broker. A client is connected with the main one of
 * the default broker, which has the broker's own mode. Any other is opened when a message first
 * needs it.
 *
 * <p>Called on any thread; the lock is held for map operations only.
 */
final class ClientReplies {
  private final Map<ReplyMode, ReplyDestination> open = new EnumMap<>(ReplyMode.class);

  synchronized boolean isOpen(ReplyMode mode) {
    return open.containsKey(mode);
  }

  synchronized Optional<ReplyDestination> get(ReplyMode mode) {
    return Optional.ofNullable(open.get(mode));
  }

  synchronized void add(ReplyMode mode, ReplyDestination destination) {
    open.put(mode, destination);
  }

  /** Returns whether a destination is one of the present ones. */
  synchronized boolean contains(ReplyDestination destination) {
    return open.containsValue(destination);
  }

  /** Removes all destinations and returns them; the caller closes them. */
  synchronized List<ReplyDestination> removeAll() {
    List<ReplyDestination> all = List.copyOf(open.values());
    open.clear();
    return all;
  }
}
