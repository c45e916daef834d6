package io.longspan.bayeux;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Hears of each request to the Bayeux endpoint, for the access log (protocol section 7). */
@FunctionalInterface
public interface BayeuxRequestLog {

  /**
   * Hears of a request before it is handled; called on a container thread, must not block.
   *
   * @param transport {@code long-polling} or {@code websocket}
   * @param remoteAddress where it came from
   * @param user the authenticated user
   * @param messages the messages as the client sent them; not to be changed
   */
  void received(
      String transport,
      String remoteAddress,
      Optional<String> user,
      List<? extends Map<String, Object>> messages);
}
