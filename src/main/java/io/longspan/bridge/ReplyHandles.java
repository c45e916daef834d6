package io.longspan.bridge;

import io.longspan.protocol.BrokerMessage.ReplyAddress;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The single-use handles by which a session can answer unsolicited messages (protocol section 4).
 * Bounded: the oldest handle makes room.
 */
final class ReplyHandles {
  static final int CAPACITY = 1000;

  private static final SecureRandom RANDOM = new SecureRandom();

  private final Map<String, ReplyAddress> addresses = new LinkedHashMap<>(2);

  /** Makes a handle for an address. */
  synchronized String register(ReplyAddress address) {
    if (addresses.size() >= CAPACITY) {
      addresses.remove(addresses.keySet().iterator().next());
    }
    byte[] random = new byte[16];
    RANDOM.nextBytes(random);
    String handle = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    addresses.put(handle, address);
    return handle;
  }

  /** Uses a handle up; empty where it is unknown or was used. */
  synchronized Optional<ReplyAddress> take(String handle) {
    return Optional.ofNullable(addresses.remove(handle));
  }

  /** Forgets every handle: the addresses belong to a connection that is lost. */
  synchronized void clear() {
    addresses.clear();
  }
}
