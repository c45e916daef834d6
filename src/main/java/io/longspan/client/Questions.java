package io.longspan.client;

import io.longspan.client.Codec.BayeuxError;
import io.longspan.client.Description.Destination;
import io.longspan.client.Incoming.Answer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Control messages that ask and change nothing. Used on the loop only. */
final class Questions {
  private Questions() {}

  static CompletableFuture<Presence> presence(Session session, String topic) {
    return session
        .control(Map.of("type", "presence", "topics", List.of(topic)))
        .thenApply(
            answer -> {
              if (!answer.topicErrors().isEmpty()) {
                BayeuxError error = BayeuxError.of(answer.topicErrors().get(0));
                throw new LongspanException.Refused(
                    error.code(), error.text(), answer.topicTemporary().contains(true));
              }
              Map<String, Object> first =
                  objects(answer.data(), "topics").stream().findFirst().orElse(Map.of());
              return new Presence(
                  topic,
                  number(first, "clients"),
                  Json.texts(first, "users"),
                  number(first, "more"));
            });
  }

  static CompletableFuture<History> history(
      Session session, String topic, int limit, String before, String after) {
    Map<String, Object> command = new LinkedHashMap<>();
    command.put("type", "history");
    command.put("topic", topic);
    command.put("limit", limit);
    if (before != null) {
      command.put("before", before);
    }
    if (after != null) {
      command.put("after", after);
    }
    return session
        .control(command)
        .thenApply(
            answer -> {
              List<Message> messages =
                  objects(answer.data(), "messages").stream()
                      .map(each -> Codec.message(each, Json.object(each, "properties")))
                      .toList();
              return new History(messages, Boolean.TRUE.equals(answer.data().get("complete")));
            });
  }

  static CompletableFuture<Description> describe(Session session) {
    return session.control(Map.of("type", "describe")).thenApply(Questions::description);
  }

  private static Description description(Answer answer) {
    List<Destination> destinations =
        objects(answer.data(), "destinations").stream()
            .map(
                each ->
                    new Destination(
                        Json.text(each, "name"),
                        Json.text(each, "kind"),
                        Json.texts(each, "may"),
                        Boolean.TRUE.equals(each.get("wildcards")),
                        Boolean.TRUE.equals(each.get("durable")),
                        Optional.ofNullable(Json.text(each, "title")),
                        Json.object(each, "schema")))
            .toList();
    return new Description(destinations, !Boolean.FALSE.equals(answer.data().get("complete")));
  }

  private static List<Map<String, Object>> objects(Map<String, Object> data, String name) {
    List<Map<String, Object>> objects = new ArrayList<>();
    for (Object each : Json.list(data, name)) {
      if (each instanceof Map<?, ?>) {
        objects.add(Json.object(Map.of("each", each), "each"));
      }
    }
    return objects;
  }

  private static int number(Map<String, Object> data, String name) {
    return data.get(name) instanceof Number number ? number.intValue() : 0;
  }
}
