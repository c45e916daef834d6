package io.longspan.bridge;

import io.longspan.bridge.ClientSession.State;
import io.longspan.budget.Purpose;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The sessions of this bridge, including suspended ones. It also counts, for each user, the Bayeux
 * sessions that are alive and the connected clients.
 *
 * <p>Called on any thread; never blocks.
 */
final class SessionRegistry {
  /** Estimated heap of a connected session without messages, in bytes. */
  static final long SESSION_BYTES = 16 * 1024;

  private final ConcurrentMap<String, ClientSession> sessions = new ConcurrentHashMap<>();
  private final ConcurrentMap<String, ConnectedClient> clientsByToken = new ConcurrentHashMap<>();
  private final PerUserCount joined = new PerUserCount();
  private final PerUserCount connected = new PerUserCount();

  void add(ClientSession session) {
    sessions.put(session.clientId(), session);
    session.account().charge(Purpose.SESSIONS, SESSION_BYTES);
    joined.increment(session.identity().user(), Integer.MAX_VALUE);
  }

  /** Counts the end of a Bayeux session. Its client may still be resumed. */
  void bayeuxSessionEnded(ClientSession session) {
    joined.decrement(session.identity().user());
  }

  void remove(ClientSession session) {
    if (sessions.remove(session.clientId(), session)) {
      session.account().release(Purpose.SESSIONS, SESSION_BYTES);
    }
  }

  Optional<ClientSession> find(String clientId) {
    return Optional.ofNullable(sessions.get(clientId));
  }

  /** Returns a live view of all sessions, including suspended ones. */
  Collection<ClientSession> all() {
    return sessions.values();
  }

  /** Returns a copy: the connected clients, including those of suspended sessions. */
  List<ConnectedClient> clients() {
    return List.copyOf(clientsByToken.values());
  }

  /** Returns a copy: the sessions of one user, including suspended ones. */
  List<ClientSession> ofUser(String user) {
    return sessions.values().stream().filter(s -> s.identity().user().equals(user)).toList();
  }

  /** Returns the suspended session of a user with the oldest handshake. */
  Optional<ClientSession> oldestSuspended(String user) {
    return ofUser(user).stream()
        .filter(session -> session.state() == State.SUSPENDED)
        .min(Comparator.comparing(ClientSession::since));
  }

  void add(ConnectedClient client) {
    clientsByToken.put(client.resumeToken(), client);
  }

  void remove(ConnectedClient client) {
    if (clientsByToken.remove(client.resumeToken(), client)) {
      connected.decrement(client.identity().user());
    }
  }

  /** Returns the client with this secret. */
  Optional<ConnectedClient> byToken(String resumeToken) {
    return Optional.ofNullable(clientsByToken.get(resumeToken));
  }

  /** Returns the number of Bayeux sessions of a user that are alive, connected or not. */
  int joined(String user) {
    return joined.of(user);
  }

  /** Counts a client of a user before it connects. Returns false if the limit is reached. */
  boolean reserve(String user, int limit) {
    return connected.increment(user, limit);
  }

  /** Releases the reservation of a client that could not connect. */
  void release(String user) {
    connected.decrement(user);
  }

  /**
   * Returns the number of connected clients, including those of suspended sessions and
   * reservations.
   */
  int connected() {
    return connected.total();
  }
}
