package io.longspan.chaos;

import io.longspan.chaos.JournalEntry.Delivered;
import io.longspan.chaos.JournalEntry.Gap;
import io.longspan.chaos.JournalEntry.Revoked;
import io.longspan.chaos.JournalEntry.Unconfirmed;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * What comes on the user channel, in the order of its numbers. Between a new connection and the
 * answer to {@code connect} it holds everything back, because numbers may come before the replay
 * and again in it. Used on its client's strand.
 */
final class ClientInbox {
  private final ClientRecord record;
  private final BiConsumer<String, Map<String, Object>> onControl;
  private final Consumer<ChaosTopic> onRevoked;
  private final Map<ChaosTopic, String> lastIds = new EnumMap<>(ChaosTopic.class);
  private final TreeMap<Long, Map<String, Object>> held = new TreeMap<>();
  private boolean holding = true;
  private long lastSeq;

  /**
   * Makes an inbox that holds back.
   *
   * @param onControl hears of answers to control messages by correlation id, and of the bridge's
   *     status with the id {@code bridgeStatus}
   * @param onRevoked hears of topics that the client may not read any more
   */
  ClientInbox(
      ClientRecord record,
      BiConsumer<String, Map<String, Object>> onControl,
      Consumer<ChaosTopic> onRevoked) {
    this.record = record;
    this.onControl = onControl;
    this.onRevoked = onRevoked;
  }

  /** Returns the number up to which the application has everything. */
  long lastSeq() {
    return lastSeq;
  }

  /** Returns the JMSMessageID of the last message of a topic. */
  Optional<String> lastId(ChaosTopic topic) {
    return Optional.ofNullable(lastIds.get(topic));
  }

  /** Begins to hold back; forgets what was held back before, which a replay brings again. */
  void hold() {
    holding = true;
    held.clear();
  }

  /** Takes the data of a message. */
  void receive(Map<String, Object> data) {
    long seq = ((Number) data.get("seq")).longValue();
    if (holding) {
      held.put(seq, data);
    } else {
      apply(seq, data);
    }
  }

  /** The numbers go on: lets go what was held back. */
  void resume() {
    holding = false;
    noteUnconfirmed();
    held.forEach(
        (seq, data) -> {
          if (seq > lastSeq) {
            apply(seq, data);
          }
        });
    held.clear();
  }

  private void noteUnconfirmed() {
    Map<ChaosTopic, Integer> unconfirmed = new EnumMap<>(ChaosTopic.class);
    held.tailMap(lastSeq, false)
        .values()
        .forEach(data -> topicOf(data).ifPresent(t -> unconfirmed.merge(t, 1, Integer::sum)));
    unconfirmed.forEach(
        (topic, messages) ->
            record.journal(topic).add(new Unconfirmed(record.clock().now(), messages)));
  }

  private static Optional<ChaosTopic> topicOf(Map<String, Object> data) {
    return data.get("properties") instanceof Map<?, ?> properties
        ? ChaosTopic.of(properties.get("topic"))
        : Optional.empty();
  }

  /**
   * The numbers of a new session begin. What was held back may be of the old one, after a hole: its
   * topics begin again where the application is.
   *
   * @param answer the answer to {@code connect}
   */
  void restart(Map<String, Object> answer) {
    holding = false;
    lastSeq = ((Number) answer.get("seq")).longValue();
    held.clear();
  }

  private void apply(long seq, Map<String, Object> data) {
    if (seq <= lastSeq) {
      record.find(
          Finding.Kind.SEQ_WENT_BACK,
          "seq",
          "seq %d came after %d, outside a replay: %s".formatted(seq, lastSeq, data));
      return;
    }
    lastSeq = seq;
    Map<?, ?> properties = data.get("properties") instanceof Map<?, ?> given ? given : Map.of();
    if (data.get("type") instanceof String type) {
      notice(type, data);
    } else if (data.get("correlationId") instanceof String correlationId) {
      onControl.accept(correlationId, data);
    } else if ("topicMessage".equals(properties.get("type"))) {
      topicMessage(seq, properties, NumberedPublisher.BODY.equals(data.get("body")));
    } else if (properties.get("JMSCorrelationID") instanceof String request) {
      request(request, data);
    } else {
      unexpected(data);
    }
  }

  private void notice(String type, Map<String, Object> data) {
    record.session().add("told " + data);
    switch (type) {
      case "gap" -> gap(data);
      case "topicUnsubscribed" -> revoked(data);
      case "bridgeStatus" -> onControl.accept(type, data);
      case "sessionEnded" -> {}
      default -> unexpected(data);
    }
  }

  private void gap(Map<String, Object> data) {
    for (Object entry : (List<?>) data.get("topics")) {
      Map<?, ?> gap = (Map<?, ?>) entry;
      OptionalLong lost =
          gap.get("lost") instanceof Number count
              ? OptionalLong.of(count.longValue())
              : OptionalLong.empty();
      journal(gap.get("topic"), data)
          .ifPresent(
              journal ->
                  journal.add(
                      new Gap(record.clock().now(), String.valueOf(data.get("reason")), lost)));
    }
  }

  private void revoked(Map<String, Object> data) {
    for (Object topic : (List<?>) data.get("topics")) {
      journal(topic, data).ifPresent(journal -> journal.add(new Revoked(record.clock().now())));
      ChaosTopic.of(topic).ifPresent(onRevoked);
    }
  }

  private void topicMessage(long seq, Map<?, ?> properties, boolean whole) {
    int number = ((Number) properties.get("number")).intValue();
    Optional<ChaosTopic> topic = ChaosTopic.of(properties.get("topic"));
    if (topic.isEmpty()) {
      unexpected(Map.of("properties", properties));
      return;
    }
    lastIds.put(topic.get(), (String) properties.get("JMSMessageID"));
    record.journal(topic.get()).add(new Delivered(record.clock().now(), number, seq, whole));
  }

  private void request(String id, Map<String, Object> data) {
    long now = record.clock().now();
    if ("failed".equals(data.get("status"))) {
      record.requests().failed(id, data.get("errorCode") + ":" + data.get("errorMessage"), now);
    } else {
      record.requests().answered(id, String.valueOf(data.get("body")), now);
    }
  }

  private Optional<Journal> journal(Object topic, Map<String, Object> data) {
    Optional<ChaosTopic> known = ChaosTopic.of(topic);
    if (known.isEmpty()) {
      unexpected(data);
    }
    return known.map(record::journal);
  }

  private void unexpected(Map<String, Object> data) {
    record.find(Finding.Kind.UNEXPECTED_MESSAGE, "message", "nobody expects " + data);
  }
}
