package io.longspan.bridge;

import io.longspan.bridge.MessageBroker.ReplyDestination;
import io.longspan.config.LongspanConfig.ReplyMode;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The reply destinations of one client. The client is connected with the main one, of the broker's
 * own mode. A destination of another mode is opened when a message first needs it.
 *
 * <p>Called on any thread; the lock is held for map operations only.
 */
final class ClientReplies {
  private final ReplyMode mainMode;
  private final Map<ReplyMode, ReplyDestination> open = new EnumMap<>(ReplyMode.class);

  /** Creates a set without destinations. */
  ClientReplies(ReplyMode mainMode) {
    this.mainMode = mainMode;
  }

  /** Returns whether the main destination is open. */
  synchronized boolean isOpen() {
    return open.containsKey(mainMode);
  }

  synchronized Optional<ReplyDestination> get(ReplyMode mode) {
    return Optional.ofNullable(open.get(mode));
  }

  /**
   * Returns the destination for messages that are no requests. Empty if the main one is not open,
   * or if it takes only answers to requests.
   */
  synchronized Optional<ReplyDestination> forEveryMessage() {
    return mainMode == ReplyMode.QUEUE ? Optional.empty() : get(mainMode);
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
