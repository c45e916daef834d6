package io.longspan.bayeux;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Receives each request to the Bayeux endpoint, for the access log (protocol section 7). */
@FunctionalInterface
public interface BayeuxRequestLog {

  /**
   * Logs a request before it is handled. Called on a thread of the container or of CometD; must not
   * block.
   *
   * @param transport {@code long-polling} or {@code websocket}
   * @param remoteAddress returns the remote address as {@code address:port}; costs more than a look
   *     into a field, so it is called only for a line that is written
   * @param user the authenticated user; empty if there is none
   * @param messages the client's messages, without their tokens; must not be modified
   */
  void received(
      String transport,
      Supplier<String> remoteAddress,
      Optional<String> user,
      List<? extends Map<String, Object>> messages);
}
