package io.longspan.bayeux;

import io.longspan.protocol.SessionEnd;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Why sessions have ended, for clients that were not listening at that moment. Remembers the last
 * ones only, and tells nobody but their user.
 */
final class EndedSessions {
  private static final int MOST = 10_000;

  private record Ended(String user, SessionEnd reason) {}

  /** Guarded by itself. */
  private final Map<String, Ended> sessions =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Ended> eldest) {
          return size() > MOST;
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
