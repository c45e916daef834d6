package io.longspan.client;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Carries Bayeux messages to the bridge and back. Used on the loop only. */
interface Transport {
  String WEB_SOCKET = "websocket";
  String LONG_POLLING = "long-polling";

  /** A member of replies whose request was sent twice: the bridge may have processed it before. */
  String REPEATED = "repeated";

  /** The header by which a load balancer keeps a session on its bridge. */
  String BRIDGE_ID = "X-Bridge-Id";

  /**
   * Why messages have no reply.
   *
   * @param written whether the bridge may have received them
   * @param status of the bridge's HTTP response; 0 without one
   */
  record Failure(String reason, boolean written, int status) {}

  /** Receives what arrives. */
  interface Listener {
    void received(List<Map<String, Object>> messages);

    /** A connection was lost: what was written on it gets no reply. */
    void lost(Failure failure);
  }

  String name();

  /**
   * Sends messages.
   *
   * @param millis deadline
   * @param done called once on the loop: with null when they were written (WebSocket) or answered
   *     (long polling)
   */
  void send(List<Map<String, Object>> messages, long millis, Consumer<Failure> done);

  /** Aborts what is open; a later send may open it again. */
  void close();

  /**
   * Parses a response.
   *
   * @throws IOException if it is not Bayeux
   */
  static List<Map<String, Object>> parse(String text) throws IOException {
    Object parsed = Json.parse(text);
    List<Map<String, Object>> messages = new ArrayList<>();
    for (Object each : parsed instanceof List<?> list ? list : List.of(parsed)) {
      if (!(each instanceof Map<?, ?> map) || !(map.get("channel") instanceof String)) {
        throw new IOException("The response is not Bayeux");
      }
      @SuppressWarnings("unchecked")
      Map<String, Object> message = (Map<String, Object>) map;
      messages.add(message);
    }
    return messages;
  }

  /** Whether it answers a message of this client, and was not published. */
  static boolean isReply(Map<String, Object> message) {
    return !message.containsKey("data") || message.get("channel").toString().startsWith("/meta/");
  }

  static String reason(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null
        && (cause instanceof java.util.concurrent.CompletionException
            || cause.getMessage() == null)) {
      cause = cause.getCause();
    }
    return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
  }
}
