package io.longspan.bridge;

import io.longspan.budget.Account;
import io.longspan.budget.Purpose;
import io.longspan.protocol.BrokerMessage.ReplyAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The single-use handles with which a client replies to unsolicited messages (protocol section 4).
 * They are bounded by number and by the user's memory account. The lock is held for map operations
 * and charges only.
 */
final class ReplyHandles {
  static final int CAPACITY = 1000;

  /** Estimated heap of a handle and its address, in bytes. */
  static final int HANDLE_BYTES = 512;

  private final Account account;
  private final Map<String, Address> addresses = new LinkedHashMap<>(2);
  private boolean closed;

  /**
   * What a handle stands for.
   *
   * @param broker the name of the broker that the message came from
   */
  record Address(String broker, ReplyAddress replyTo) {}

  /**
   * Creates an empty set.
   *
   * @param account the user's account, which the handles are charged to
   */
  ReplyHandles(Account account) {
    this.account = account;
  }

  /**
   * Creates a handle for a reply address. If the set is full or the user's memory is used up, the
   * client's oldest handle is evicted. A client without a handle always gets one.
   *
   * @param broker the name of the broker that the message came from
   */
  synchronized String register(String broker, ReplyAddress address) {
    String handle = RandomText.next();
    if (closed) {
      return handle;
    }
    if (addresses.size() >= CAPACITY || !account.tryCharge(Purpose.REPLY_HANDLES, HANDLE_BYTES)) {
      if (addresses.isEmpty()) {
        account.charge(Purpose.REPLY_HANDLES, HANDLE_BYTES);
      } else {
        addresses.remove(addresses.keySet().iterator().next());
      }
    }
    addresses.put(handle, new Address(broker, address));
    return handle;
  }

  /** Removes a handle and returns its address; empty if the handle is unknown or was used. */
  synchronized Optional<Address> take(String handle) {
    Address address = addresses.remove(handle);
    if (address != null) {
      account.release(Purpose.REPLY_HANDLES, HANDLE_BYTES);
    }
    return Optional.ofNullable(address);
  }

  /** Discards the handles of a broker: their addresses belong to a lost connection. */
  void clear(String broker) {
    removeIf(broker::equals);
  }

  private synchronized void removeIf(Predicate<String> broker) {
    int before = addresses.size();
    addresses.values().removeIf(address -> broker.test(address.broker()));
    account.release(Purpose.REPLY_HANDLES, (long) HANDLE_BYTES * (before - addresses.size()));
  }

  /** Discards every handle and stores no new one: the client has ended. */
  synchronized void close() {
    closed = true;
    removeIf(broker -> true);
  }
}
