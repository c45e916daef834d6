package io.longspan.protocol;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the bridge itself says on a user channel (protocol sections 2, 3 and 5). */
public sealed interface Answer {

  /** Returns the answer as JSON members, in the order in which they are written. */
  Map<String, Object> toMembers();

  /**
   * The answer to {@code connect}.
   *
   * @param userRoles the roles, separated by newlines
   * @param limits the limits that a client can respect by itself
   * @param resumed whether a lost session was taken over; empty where the client did not ask
   */
  record Connected(
      String correlationId,
      String userRoles,
      boolean isSysadmin,
      String bridgeId,
      Map<String, Object> limits,
      String resumeToken,
      Optional<Boolean> resumed)
      implements Answer {
    @Override
    public Map<String, Object> toMembers() {
      Map<String, Object> members = members(correlationId, "connected");
      members.put("userRoles", userRoles);
      members.put("isSysadmin", isSysadmin);
      members.put("bridgeId", bridgeId);
      members.put("limits", limits);
      members.put("resumeToken", resumeToken);
      resumed.ifPresent(value -> members.put("resumed", value));
      return members;
    }
  }

  /** The answer to {@code disconnect}. */
  record Disconnected(String correlationId) implements Answer {
    @Override
    public Map<String, Object> toMembers() {
      return members(correlationId, "disconnected");
    }
  }

  /**
   * The answer to {@code topicSubscribe} and {@code topicUnsubscribe}.
   *
   * @param failures what failed, by the topic as the client named it, in its order
   * @param whole the failure of the whole message, where no topic was subscribed for one reason of
   *     the bridge's; its code then stands in the answer too
   * @param recovered the topics that went on after the message that the client named
   */
  record Topics(
      String correlationId,
      Map<String, BridgeException> failures,
      Optional<BridgeException> whole,
      List<String> recovered)
      implements Answer {
    @Override
    public Map<String, Object> toMembers() {
      Map<String, Object> members = members(correlationId, "success");
      if (!failures.isEmpty()) {
        members.put("status", "failed");
        whole.ifPresent(failure -> putFailure(members, failure));
        members.put("temporary", temporary().contains(true));
      }
      members.put("failedTopics", List.copyOf(failures.keySet()));
      members.put(
          "topicErrors", failures.values().stream().map(BridgeException::toBayeuxError).toList());
      if (!failures.isEmpty()) {
        members.put("topicTemporary", temporary());
      }
      if (!recovered.isEmpty()) {
        members.put("recoveredTopics", recovered);
      }
      return members;
    }

    private List<Boolean> temporary() {
      return failures.values().stream().map(failure -> failure.code().isTemporary()).toList();
    }
  }

  /**
   * The failure of a whole control message.
   *
   * @param correlationId what the client sent, if it sent one
   */
  record ControlFailed(Optional<String> correlationId, BridgeException failure) implements Answer {
    @Override
    public Map<String, Object> toMembers() {
      Map<String, Object> members = new LinkedHashMap<>();
      correlationId.ifPresent(id -> members.put("correlationId", id));
      putFailure(members, failure);
      return members;
    }
  }

  /** The broker has taken a message to a topic. */
  record Sent(Optional<String> correlationId) implements Answer {
    @Override
    public Map<String, Object> toMembers() {
      Map<String, Object> members = new LinkedHashMap<>();
      members.put("status", "success");
      members.put("properties", correlationProperties(correlationId));
      return members;
    }
  }

  /** A message was not sent, or its answer can no longer come. */
  record SendFailed(Optional<String> correlationId, BridgeException failure) implements Answer {
    @Override
    public Map<String, Object> toMembers() {
      Map<String, Object> members = new LinkedHashMap<>();
      putFailure(members, failure);
      members.put("properties", correlationProperties(correlationId));
      return members;
    }
  }

  /** The state of the bridge changed: {@code suspended}, {@code resumed} or {@code draining}. */
  record BridgeStatus(String status) implements Answer {
    @Override
    public Map<String, Object> toMembers() {
      Map<String, Object> members = new LinkedHashMap<>();
      members.put("type", "bridgeStatus");
      members.put("status", status);
      return members;
    }
  }

  /**
   * The right to read topics was taken away; no message of them follows.
   *
   * @param topics the logical names as the client subscribed to them
   */
  record TopicUnsubscribed(List<String> topics) implements Answer {
    @Override
    public Map<String, Object> toMembers() {
      Map<String, Object> members = new LinkedHashMap<>();
      members.put("type", "topicUnsubscribed");
      members.put("topics", topics);
      members.put("reason", "accessRevoked");
      return members;
    }
  }

  /**
   * Messages of topics were, or may have been, missed.
   *
   * @param lost how many of each topic, by the logical name as the client subscribed to it; a null
   *     where it cannot be known. Empty where it was one message to this client alone
   */
  record Gap(Map<String, Long> lost, GapReason reason) implements Answer {

    /** Messages of these topics may have been missed, how many cannot be known. */
    public static Gap unknown(List<String> topics, GapReason reason) {
      Map<String, Long> lost = new LinkedHashMap<>();
      topics.forEach(topic -> lost.put(topic, null));
      return new Gap(lost, reason);
    }

    @Override
    public Map<String, Object> toMembers() {
      Map<String, Object> members = new LinkedHashMap<>();
      members.put("type", "gap");
      members.put("topics", lost.entrySet().stream().map(Gap::entry).toList());
      members.put("reason", reason.wireName());
      return members;
    }

    private static Map<String, Object> entry(Map.Entry<String, Long> given) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("topic", given.getKey());
      entry.put("lost", given.getValue());
      return entry;
    }
  }

  /** Why messages were missed. */
  enum GapReason {
    /** The connection to the broker was lost. */
    BROKER_OUTAGE("brokerOutage"),
    /** The client did not keep up. */
    SLOW_CONSUMER("slowConsumer"),
    /** The message after which the client wanted to go on is not known here. */
    NOT_RECOVERABLE("notRecoverable"),
    /** The message alone is larger than what may wait for a client. */
    TOO_LARGE("tooLarge");

    private final String wireName;

    GapReason(String wireName) {
      this.wireName = wireName;
    }

    /** Returns the reason as it is written in messages. */
    public String wireName() {
      return wireName;
    }
  }

  /** The bridge ends the session; nothing follows. */
  record SessionEnded(SessionEnd reason) implements Answer {
    @Override
    public Map<String, Object> toMembers() {
      Map<String, Object> members = new LinkedHashMap<>();
      members.put("type", "sessionEnded");
      members.put("reason", reason.wireName());
      return members;
    }
  }

  private static Map<String, Object> members(String correlationId, String status) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("correlationId", correlationId);
    members.put("status", status);
    return members;
  }

  private static void putFailure(Map<String, Object> members, BridgeException failure) {
    members.put("status", "failed");
    members.put("errorCode", failure.code().wireName());
    members.put("errorMessage", failure.getMessage());
    members.put("temporary", failure.code().isTemporary());
  }

  private static Map<String, Object> correlationProperties(Optional<String> correlationId) {
    return correlationId
        .<Map<String, Object>>map(id -> Map.of("JMSCorrelationID", id))
        .orElse(Map.of());
  }
}
