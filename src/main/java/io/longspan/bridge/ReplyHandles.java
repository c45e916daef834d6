package io.longspan.bridge;

import io.longspan.budget.Account;
import io.longspan.budget.Purpose;
import io.longspan.protocol.BrokerMessage.ReplyAddress;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The single-use handles by which a client can answer unsolicited messages (protocol section 4).
 * Bounded by count and by the user's memory account: the oldest handle makes room. The lock is held
 * for map operations only.
 */
final class ReplyHandles {
  static final int CAPACITY = 1000;

  /** Estimated heap of a handle and its address. */
  static final int HANDLE_BYTES = 512;

  private static final SecureRandom RANDOM = new SecureRandom();

  private final Account account;
  private final Map<String, ReplyAddress> addresses = new LinkedHashMap<>(2);
  private boolean closed;

  /**
   * Creates an empty set.
   *
   * @param account pays for the handles
   */
  ReplyHandles(Account account) {
    this.account = account;
  }

  /**
   * Makes a handle for an address. Where the user's memory is used up, the oldest handle of this
   * client ends; a client without another handle always gets one.
   */
  synchronized String register(ReplyAddress address) {
    byte[] random = new byte[16];
    RANDOM.nextBytes(random);
    String handle = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
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
    addresses.put(handle, address);
    return handle;
  }

  /** Uses a handle up; empty where it is unknown or was used. */
  synchronized Optional<ReplyAddress> take(String handle) {
    ReplyAddress address = addresses.remove(handle);
    if (address != null) {
      account.release(Purpose.REPLY_HANDLES, HANDLE_BYTES);
    }
    return Optional.ofNullable(address);
  }

  /** Forgets every handle: the addresses belong to a connection that is lost. */
  synchronized void clear() {
    account.release(Purpose.REPLY_HANDLES, (long) HANDLE_BYTES * addresses.size());
    addresses.clear();
  }

  /** Forgets every handle, and keeps no further one: the client has ended. */
  synchronized void close() {
    closed = true;
    clear();
  }
}
