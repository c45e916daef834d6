package io.longspan.bayeux;

import io.longspan.config.LongspanConfig.Session;
import java.util.List;
import java.util.Map;
import org.cometd.bayeux.Message;
import org.cometd.bayeux.server.ServerMessage;

/**
 * Limits the advice that clients send with {@code /meta/connect}. CometD would hold a request as
 * long as the client's {@code timeout}. It would also keep a session until the client's {@code
 * interval} has passed, even a year.
 */
final class ClientAdvice {
  private final long timeout;
  private final long interval;

  ClientAdvice(Session session) {
    this.timeout = session.timeout().toMillis();
    this.interval = session.maxInterval().toMillis();
  }

  /**
   * Reduces each {@code timeout} and {@code interval} to the configured maximum.
   *
   * @param messages the well-formed messages of one request; modified in place
   */
  void bound(List<ServerMessage.Mutable> messages) {
    for (ServerMessage.Mutable message : messages) {
      Map<String, Object> advice = message.getAdvice();
      if (advice != null) {
        bound(advice, Message.TIMEOUT_FIELD, timeout);
        bound(advice, Message.INTERVAL_FIELD, interval);
      }
    }
  }

  private static void bound(Map<String, Object> advice, String field, long most) {
    if (advice.get(field) instanceof Number wish && wish.longValue() > most) {
      advice.put(field, most);
    }
  }
}
