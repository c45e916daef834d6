package io.longspan.bridge;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** The web clients of this bridge, and how many of each user have joined and are connected. */
final class SessionRegistry {
  private final ConcurrentMap<String, ClientSession> sessions = new ConcurrentHashMap<>();
  private final PerUserCount joined = new PerUserCount();
  private final PerUserCount connected = new PerUserCount();

  void add(ClientSession session) {
    sessions.put(session.clientId(), session);
    joined.increment(session.identity().user(), Integer.MAX_VALUE);
  }

  void remove(ClientSession session) {
    if (sessions.remove(session.clientId(), session)) {
      joined.decrement(session.identity().user());
    }
  }

  Optional<ClientSession> find(String clientId) {
    return Optional.ofNullable(sessions.get(clientId));
  }

  /** Returns a view of all clients that may change while it is read. */
  Collection<ClientSession> all() {
    return sessions.values();
  }

  /** Returns a copy: the clients of one user. */
  List<ClientSession> ofUser(String user) {
    return sessions.values().stream().filter(s -> s.identity().user().equals(user)).toList();
  }

  /** Returns how many sessions a user has, connected or not. */
  int joined(String user) {
    return joined.of(user);
  }

  /** Takes one of a user's connected sessions; returns whether there was one left. */
  boolean reserve(String user, int limit) {
    return connected.increment(user, limit);
  }

  void release(String user) {
    connected.decrement(user);
  }

  /** Returns how many clients are connected. */
  int connected() {
    return connected.total();
  }
}
