package io.longspan.chaos;

import io.longspan.chaos.JournalEntry.Broken;
import io.longspan.chaos.JournalEntry.Resumed;
import io.longspan.chaos.JournalEntry.Subscribed;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The topics that a client wants and those that it has; used on its client's strand. */
final class ClientTopics {
  private final ClientRecord record;
  private final ClientInbox inbox;
  private final Set<ChaosTopic> wanted;
  private final Set<ChaosTopic> subscribed = EnumSet.noneOf(ChaosTopic.class);

  ClientTopics(ClientRecord record, ClientInbox inbox, Set<ChaosTopic> wanted) {
    this.record = record;
    this.inbox = inbox;
    this.wanted = wanted;
  }

  boolean complete() {
    return subscribed.containsAll(wanted);
  }

  /** The right to read a topic was taken away. */
  void revoked(ChaosTopic topic) {
    subscribed.remove(topic);
  }

  /** The session was not resumed: what nobody can go on with may have been missed. */
  void lose() {
    subscribed.clear();
    for (ChaosTopic topic : wanted) {
      long now = record.clock().now();
      record.journal(topic).add(inbox.lastId(topic).isEmpty() ? new Broken(now) : new Resumed(now));
    }
  }

  /** Returns the control message by which the rest is subscribed, to go on where it was left. */
  Map<String, Object> request(String correlationId) {
    Map<String, Object> resumeFrom = new LinkedHashMap<>();
    EnumSet<ChaosTopic> rest = EnumSet.copyOf(wanted);
    rest.removeAll(subscribed);
    rest.forEach(
        topic -> inbox.lastId(topic).ifPresent(id -> resumeFrom.put(topic.logicalName(), id)));
    Map<String, Object> request = new LinkedHashMap<>();
    request.put("type", "topicSubscribe");
    request.put("correlationId", correlationId);
    request.put("topics", rest.stream().map(ChaosTopic::logicalName).toList());
    if (!resumeFrom.isEmpty()) {
      request.put("resumeFrom", resumeFrom);
    }
    return request;
  }

  /** Takes the answer to a request; returns whether nothing is left. */
  boolean answered(Map<String, Object> request, Map<String, Object> answer) {
    if (!(answer.get("failedTopics") instanceof List<?> failed)) {
      return false;
    }
    for (Object name : (List<?>) request.get("topics")) {
      if (!failed.contains(name)) {
        ChaosTopic topic = ChaosTopic.of(name).orElseThrow();
        subscribed.add(topic);
        record.journal(topic).add(new Subscribed(record.clock().now()));
      }
    }
    return complete();
  }
}
