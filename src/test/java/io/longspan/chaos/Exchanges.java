package io.longspan.chaos;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** Bayeux messages that wait for their replies; used on its client's strand. */
final class Exchanges {
  private record Pending(long since, String channel, Consumer<Map<String, Object>> onReply) {}

  private final Map<Object, Pending> pending = new HashMap<>();
  private long lastId;

  /** Sends a message with an id of its own. */
  void send(
      BayeuxLink link,
      Map<String, Object> message,
      long now,
      Consumer<Map<String, Object>> onReply) {
    String id = String.valueOf(++lastId);
    Map<String, Object> complete = new LinkedHashMap<>(message);
    complete.put("id", id);
    pending.put(id, new Pending(now, (String) message.get("channel"), onReply));
    link.send(complete);
  }

  /** Hands a reply over; returns whether it was one. */
  boolean reply(Map<String, Object> message) {
    Pending waiting = message.containsKey("data") ? null : pending.remove(message.get("id"));
    if (waiting == null) {
      return false;
    }
    waiting.onReply.accept(message);
    return true;
  }

  /** Lets all wait from now on. */
  void refresh(long now) {
    pending.replaceAll((id, waiting) -> new Pending(now, waiting.channel, waiting.onReply));
  }

  /** Returns the channel of a message that has waited since before a time; null: none has. */
  String unansweredSince(long time) {
    return pending.values().stream()
        .filter(waiting -> waiting.since < time)
        .map(Pending::channel)
        .findFirst()
        .orElse(null);
  }

  void clear() {
    pending.clear();
  }
}
