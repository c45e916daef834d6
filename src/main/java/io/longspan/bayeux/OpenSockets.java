package io.longspan.bayeux;

import io.longspan.budget.Account;
import io.longspan.budget.MemoryBudget;
import io.longspan.budget.OldestFirst;
import io.longspan.budget.RemoteNetwork;
import io.longspan.concurrent.PartialSweep;
import io.longspan.config.LongspanConfig.Limits;
import io.longspan.identity.Identity;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All open WebSockets of a bridge. A user has at most {@code limits.connectionsPerUser}.
 * Connections without a user share a bounded number of places, and one address gets at most a
 * quarter of them. Beyond a bound the oldest of these connections is closed.
 *
 * <p>May be used on any thread; never blocks.
 */
public final class OpenSockets {
  /** Maximum time without a user, in milliseconds. */
  static final long STRANGER_MILLIS = 5_000;

  /** Maximum size of a message without a user, in bytes: a handshake with a large token. */
  private static final int STRANGER_MESSAGE_BYTES = 16 << 10;

  /** Heap of a connection without a user, in bytes. Received text is charged in addition. */
  private static final long STRANGER_BYTES = 16 << 10;

  private static final int MIN_STRANGERS = 16;
  private static final int ADDRESS_PART = 4;

  /**
   * Time that every client has for a message. A large message gets more time, see {@link
   * #messageMillis}.
   */
  private static final long MESSAGE_MILLIS = 30_000;

  /** In so many calls of the periodic checks each of many clients is checked: about a second. */
  static final int SWEEP_PARTS = 4;

  private static final int BYTES_PER_MILLI = 16;
  private static final long REPORT_MILLIS = 10_000;

  private static final Logger LOG = LoggerFactory.getLogger(OpenSockets.class);

  private final MemoryBudget memory;
  private final int perUser;
  private final int maxMessageBytes;
  private final OldestFirst<OpenSocket> strangers;
  private final ConcurrentMap<String, Integer> users = new ConcurrentHashMap<>();
  private final Set<OpenSocket> all = ConcurrentHashMap.newKeySet();
  private final PartialSweep<OpenSocket> sweep = new PartialSweep<>(() -> all, SWEEP_PARTS);
  private final Map<SocketEnd, LongAdder> ended = new EnumMap<>(SocketEnd.class);

  private final LongAdder strangersEnded = new LongAdder();

  /** Owned by the thread of the sweep, like {@code reportedAt}. */
  private long strangersReported;

  private long reportedAt = Long.MIN_VALUE / 2;

  /**
   * Creates an empty set.
   *
   * @param limits the limits of connections and messages
   * @param memory is charged for received text until it is handled
   */
  public OpenSockets(Limits limits, MemoryBudget memory) {
    this.memory = memory;
    this.perUser = limits.connectionsPerUser();
    this.maxMessageBytes = TransportLimits.requestBytes(limits);
    long strangerBytes = Math.max(MIN_STRANGERS * STRANGER_BYTES, memory.strangers().limit());
    this.strangers = new OldestFirst<>(strangerBytes, strangerBytes / ADDRESS_PART);
    for (SocketEnd reason : SocketEnd.values()) {
      ended.put(reason, new LongAdder());
    }
  }

  /**
   * Returns whether a user may open another connection. A rejection is counted and logged. The HTTP
   * upgrade calls this method, so that it can still send an HTTP status.
   */
  public boolean hasRoomFor(Identity user) {
    if (users.getOrDefault(user.user(), 0) < perUser) {
      return true;
    }
    ended.get(SocketEnd.USER_LIMIT).increment();
    LOG.info("WebSocket rejected reason={} user={}", SocketEnd.USER_LIMIT.label(), user.loggable());
    return false;
  }

  /**
   * Registers an opened connection.
   *
   * @param user the user; empty for a stranger, which may displace the oldest one
   * @param address the remote address
   * @param closer closes the connection
   * @param now the time of the bridge's ticker, in milliseconds
   * @return empty if the user has too many connections; the rejection is counted and logged
   */
  Optional<OpenSocket> open(
      Optional<Identity> user, String address, OpenSocket.Closer closer, long now) {
    String network = RemoteNetwork.of(address);
    OpenSocket socket = new OpenSocket(this, network, memory.stranger(network), closer, now);
    if (user.isPresent()) {
      if (!socket.assignTo(user.get())) {
        return Optional.empty();
      }
    } else {
      strangers
          .add(network, socket, STRANGER_BYTES)
          .forEach(oldest -> oldest.end(SocketEnd.DISPLACED));
    }
    all.add(socket);
    return Optional.of(socket);
  }

  boolean countUser(String user) {
    boolean[] counted = new boolean[1];
    users.compute(
        user,
        (name, count) -> {
          int now = count == null ? 0 : count;
          counted[0] = now < perUser;
          return counted[0] ? Integer.valueOf(now + 1) : count;
        });
    return counted[0];
  }

  void noStranger(OpenSocket socket) {
    strangers.remove(socket);
  }

  Account accountOf(String user) {
    return memory.user(user);
  }

  void remove(OpenSocket socket, Optional<Identity> user) {
    all.remove(socket);
    if (user.isPresent()) {
      users.computeIfPresent(user.get().user(), (name, count) -> count == 1 ? null : count - 1);
    } else {
      strangers.remove(socket);
    }
  }

  void ended(SocketEnd reason, OpenSocket socket) {
    ended.get(reason).increment();
    if (socket.isStranger()) {
      strangersEnded.increment();
      LOG.debug("WebSocket closed reason={} {}", reason.label(), socket);
    } else {
      LOG.info("WebSocket closed reason={} {}", reason.label(), socket);
    }
  }

  /** Logs one line for many strangers' connections, because each of them could cause a line. */
  private void report(long now) {
    long ends = strangersEnded.sum();
    if (ends != strangersReported && now - reportedAt >= REPORT_MILLIS) {
      LOG.info("WebSockets without a user closed count={}", ends - strangersReported);
      strangersReported = ends;
      reportedAt = now;
    }
  }

  /**
   * Ends connections without a user in time, and connections with a message that is incomplete for
   * too long. If there are many connections, each call checks a part of them.
   *
   * @param now the time of the bridge's ticker, in milliseconds
   */
  void sweep(long now) {
    sweep.next(socket -> socket.sweep(now));
    report(now);
  }

  int maxMessageBytes() {
    return maxMessageBytes;
  }

  int maxStrangerBytes() {
    return Math.min(STRANGER_MESSAGE_BYTES, maxMessageBytes);
  }

  /**
   * Returns the maximum time from the first byte of a message to its last, in milliseconds. It
   * grows with the maximum message size.
   */
  long messageMillis() {
    return MESSAGE_MILLIS + maxMessageBytes / BYTES_PER_MILLI;
  }

  /** Returns the number of connections with a user. */
  public int userCount() {
    return all.size() - strangerCount();
  }

  /** Returns the number of connections without a user. */
  public int strangerCount() {
    return strangers.size();
  }

  /** Returns the number of connections that were rejected or closed for a reason. */
  public long ended(SocketEnd reason) {
    return ended.get(reason).sum();
  }
}
