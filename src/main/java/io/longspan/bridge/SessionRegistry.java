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
 * The Bayeux sessions of this bridge, those that are lost and can be taken over included, and how
 * many of each user have joined and are connected.
 */
final class SessionRegistry {
  /** An estimate of the heap that a session uses, in bytes, connected and without messages. */
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

  /** The Bayeux session has ended; what it leaves behind may still be taken over. */
  void left(ClientSession session) {
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

  /** Returns a view of all sessions that may change while it is read. */
  Collection<ClientSession> all() {
    return sessions.values();
  }

  /** Returns a copy: the connected clients, those that are away included. */
  List<ConnectedClient> clients() {
    return List.copyOf(clientsByToken.values());
  }

  /** Returns a copy: the sessions of one user. */
  List<ClientSession> ofUser(String user) {
    return sessions.values().stream().filter(s -> s.identity().user().equals(user)).toList();
  }

  /** Returns the session of a user that has been lost for longest. */
  Optional<ClientSession> oldestLost(String user) {
    return ofUser(user).stream()
        .filter(session -> session.state() == State.LOST)
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

  /** Finds a client by its secret. */
  Optional<ConnectedClient> byToken(String resumeToken) {
    return Optional.ofNullable(clientsByToken.get(resumeToken));
  }

  /** Returns how many sessions a user has, connected or not. */
  int joined(String user) {
    return joined.of(user);
  }

  /** Takes one of a user's connected clients; returns whether there was one left. */
  boolean reserve(String user, int limit) {
    return connected.increment(user, limit);
  }

  /** Gives back what was reserved for a client that could not be connected. */
  void release(String user) {
    connected.decrement(user);
  }

  /** Returns how many clients are connected, those that are away included. */
  int connected() {
    return connected.total();
  }
}
