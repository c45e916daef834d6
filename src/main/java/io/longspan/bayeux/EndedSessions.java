package io.longspan.bayeux;

import io.longspan.protocol.SessionEnd;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Remembers why the bridge terminated sessions, for clients that were not connected at that moment.
 * It holds the last {@code MAX_SIZE} sessions. {@link SessionOwnership} reveals a reason only to
 * the user of the session. Thread-safe; never blocks.
 */
final class EndedSessions {
  private static final int MAX_SIZE = 10_000;

  private record Ended(String user, SessionEnd reason) {}

  /** The oldest first. Guarded by itself. */
  private final Map<String, Ended> sessions =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Ended> eldest) {
          return size() > MAX_SIZE;
        }
      };

  void add(String clientId, String user, SessionEnd reason) {
    synchronized (sessions) {
      sessions.putIfAbsent(clientId, new Ended(user, reason));
    }
  }

  boolean isOf(String clientId, String user) {
    synchronized (sessions) {
      Ended ended = sessions.get(clientId);
      return ended != null && ended.user().equals(user);
    }
  }

  Optional<SessionEnd> reason(String clientId) {
    synchronized (sessions) {
      return Optional.ofNullable(sessions.get(clientId)).map(Ended::reason);
    }
  }
}
