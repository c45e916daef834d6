package io.longspan.bayeux;

import io.longspan.budget.Account;
import io.longspan.budget.MemoryBudget;
import io.longspan.budget.OldestFirst;
import io.longspan.budget.RemoteNetwork;
import io.longspan.config.LongspanConfig.Limits;
import io.longspan.security.Identity;
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
 * All open WebSockets of a bridge. A user has at most {@code limits.connectionsPerUser}. Those
 * without a user share few places, a quarter of them for one address: beyond that the oldest is
 * closed.
 *
 * <p>Called on any thread; never blocks.
 */
public final class OpenSockets {
  /** How long a connection may have no user, in milliseconds. */
  static final long STRANGER_MILLIS = 5_000;

  /** What a connection without a user may send in one message: a handshake with a large token. */
  private static final int STRANGER_MESSAGE_BYTES = 16 << 10;

  /** What a connection without a user costs; what it sends is charged in addition. */
  private static final long STRANGER_BYTES = 16 << 10;

  private static final int MIN_STRANGERS = 16;
  private static final int ADDRESS_PART = 4;

  /** How long the slowest honest client needs for a message: this, and a rate beyond it. */
  private static final long MESSAGE_MILLIS = 30_000;

  private static final int BYTES_PER_MILLI = 16;
  private static final long REPORT_MILLIS = 10_000;

  private static final Logger LOG = LoggerFactory.getLogger(OpenSockets.class);

  private final MemoryBudget memory;
  private final int perUser;
  private final int maxMessageBytes;
  private final OldestFirst<OpenSocket> strangers;
  private final ConcurrentMap<String, Integer> users = new ConcurrentHashMap<>();
  private final Set<OpenSocket> all = ConcurrentHashMap.newKeySet();
  private final Map<SocketEnd, LongAdder> ended = new EnumMap<>(SocketEnd.class);

  private final LongAdder strangersEnded = new LongAdder();

  /** Owned by the sweep, like the other field. */
  private long strangersReported;

  private long reportedAt = Long.MIN_VALUE / 2;

  /**
   * Creates an empty set.
   *
   * @param limits {@code connectionsPerUser}, and the largest message
   * @param memory is charged for what is received and not handled
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
   * Returns whether a user may open one more connection; a refusal is counted and logged. The
   * upgrade asks it, for an answer that HTTP can give.
   */
  public boolean hasRoomFor(Identity user) {
    if (users.getOrDefault(user.user(), 0) < perUser) {
      return true;
    }
    ended.get(SocketEnd.USER_LIMIT).increment();
    LOG.info("WebSocket refused reason={} user={}", SocketEnd.USER_LIMIT.label(), user.loggable());
    return false;
  }

  /**
   * Counts a connection that was opened.
   *
   * @param user its user; empty for a stranger, which may displace an older one
   * @param address the remote address
   * @param now milliseconds of the ticker that {@link #sweep} gets
   * @return empty if the user has too many, which was counted and logged
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
      LOG.debug("WebSocket ended reason={} {}", reason.label(), socket);
    } else {
      LOG.info("WebSocket ended reason={} {}", reason.label(), socket);
    }
  }

  /** Logs one line for the strangers' connections of some time: they could write many. */
  private void report(long now) {
    long ends = strangersEnded.sum();
    if (ends != strangersReported && now - reportedAt >= REPORT_MILLIS) {
      LOG.info("WebSockets without a user ended count={}", ends - strangersReported);
      strangersReported = ends;
      reportedAt = now;
    }
  }

  /**
   * Ends the connections that have no user in time, and those whose message stays incomplete.
   *
   * @param now milliseconds
   */
  void sweep(long now) {
    for (OpenSocket socket : all) {
      socket.sweep(now);
    }
    report(now);
  }

  int maxMessageBytes() {
    return maxMessageBytes;
  }

  int maxStrangerBytes() {
    return Math.min(STRANGER_MESSAGE_BYTES, maxMessageBytes);
  }

  /** Returns how long a message may take from its first byte to its last, in milliseconds. */
  long messageMillis() {
    return MESSAGE_MILLIS + maxMessageBytes / BYTES_PER_MILLI;
  }

  /** Returns how many connections have a user. */
  public int userCount() {
    return all.size() - strangerCount();
  }

  /** Returns how many connections have no user. */
  public int strangerCount() {
    return strangers.size();
  }

  /** Returns how many connections were refused or closed for a reason. */
  public long ended(SocketEnd reason) {
    return ended.get(reason).sum();
  }
}
