package io.longspan.protocol;

import com.fasterxml.jackson.databind.util.RawValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A message of the bridge itself on a user channel (protocol sections 2, 3, 5, 12, 17 and 18). Some
 * notices answer a command; the others are unsolicited.
 */
public sealed interface Notice {

  /** Returns the members of the JSON object, in the order in which they are written. */
  Map<String, Object> toMembers();

  /**
   * The answer to a successful {@code connect}.
   *
   * @param userRoles the roles, separated by newlines
   * @param limits the limits that the client can observe itself, by name
   * @param resumeToken the secret with which the client can resume
   * @param resumed whether the session was resumed; empty if the client did not ask for it
   */
  record Connected(
      String correlationId,
      String userRoles,
      boolean isSysadmin,
      String bridgeId,
      Map<String, Object> limits,
      String resumeToken,
      Optional<Boolean> resumed)
      implements Notice {
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

  /**
   * The answer to a part of a message that several answers share the correlation id of.
   *
   * @param type the part, for example {@code topicSubscribe}
   */
  record Typed(String type, Notice answer) implements Notice {
    @Override
    public Map<String, Object> toMembers() {
      Map<String, Object> members = new LinkedHashMap<>(answer.toMembers());
      members.put("type", type);
      return members;
    }
  }

  /** The answer to {@code disconnect}. */
  record Disconnected(String correlationId) implements Notice {
    @Override
    public Map<String, Object> toMembers() {
      return members(correlationId, "disconnected");
    }
  }

  /**
   * The answer to {@code topicSubscribe} and {@code topicUnsubscribe}.
   *
   * @param failures the failed topics as the client named them, in its order, with the reason
   * @param whole the common failure, if one failure of the bridge or one limit prevented all
   *     topics; the answer then carries its {@code errorCode}
   * @param recovered the topics that were resumed after the message that the client named
   */
  record Topics(
      String correlationId,
      Map<String, BridgeException> failures,
      Optional<BridgeException> whole,
      List<String> recovered)
      implements Notice {
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
   * The answer to {@code history}.
   *
   * @param messages retained messages, the oldest first
   * @param complete whether nothing else is retained in the direction that was asked for
   */
  record History(String correlationId, List<Payload> messages, boolean complete) implements Notice {
    @Override
    public Map<String, Object> toMembers() {
      Map<String, Object> members = members(correlationId, "success");
      members.put(
          "messages", messages.stream().map(m -> new RawValue('{' + m.members() + '}')).toList());
      members.put("complete", complete);
      return members;
    }
  }

  /**
   * The answer to {@code presence}.
   *
   * @param topics who is present on the topics that did not fail
   * @param failures the failed topics as the client named them, in its order, with the reason
   */
  record Presence(
      String correlationId, List<TopicPresence> topics, Map<String, BridgeException> failures)
      implements Notice {
    @Override
    public Map<String, Object> toMembers() {
      Map<String, Object> members =
          new Topics(correlationId, failures, Optional.empty(), List.of()).toMembers();
      members.put("topics", topics.stream().map(TopicPresence::toMembers).toList());
      return members;
    }
  }

  /**
   * Who is present on a topic.
   *
   * @param clients the number of clients
   * @param more the number of users beyond those that are named
   */
  record TopicPresence(String topic, long clients, List<String> users, int more) {
    private Map<String, Object> toMembers() {
      Map<String, Object> members = new LinkedHashMap<>();
      members.put("topic", topic);
      members.put("clients", clients);
      members.put("users", users);
      if (more > 0) {
        members.put("more", more);
      }
      return members;
    }
  }

  /** Users have become present on a topic, or are not any more. */
  record PresenceChanged(String topic, List<String> joined, List<String> left) implements Notice {
    @Override
    public Map<String, Object> toMembers() {
      Map<String, Object> members = new LinkedHashMap<>();
      members.put("type", "presence");
      members.put("topic", topic);
      members.put("joined", joined);
      members.put("left", left);
      return members;
    }
  }

  /** The client has lost the right to see who is present, but not the right to the topic. */
  record PresenceEnded(String topic) implements Notice {
    @Override
    public Map<String, Object> toMembers() {
      Map<String, Object> members = new LinkedHashMap<>();
      members.put("type", "presenceEnded");
      members.put("topics", List.of(topic));
      members.put("reason", "accessRevoked");
      return members;
    }
  }

  /**
   * The answer to {@code describe}.
   *
   * @param destinations JSON objects
   * @param complete whether nothing is left out for its size
   */
  record Described(
      String correlationId, List<? extends Map<String, ?>> destinations, boolean complete)
      implements Notice {
    @Override
    public Map<String, Object> toMembers() {
      Map<String, Object> members = members(correlationId, "success");
      members.put("destinations", destinations);
      members.put("complete", complete);
      return members;
    }
  }

  /**
   * The failure of a whole control message.
   *
   * @param correlationId the client's correlation id, if the message had a valid one
   */
  record ControlFailed(Optional<String> correlationId, BridgeException failure) implements Notice {
    @Override
    public Map<String, Object> toMembers() {
      Map<String, Object> members = new LinkedHashMap<>();
      correlationId.ifPresent(id -> members.put("correlationId", id));
      putFailure(members, failure);
      return members;
    }
  }

  /** The broker has accepted a message to a topic. */
  record Sent(Optional<String> correlationId) implements Notice {
    @Override
    public Map<String, Object> toMembers() {
      Map<String, Object> members = new LinkedHashMap<>();
      members.put("status", "success");
      members.put("properties", correlationProperties(correlationId));
      return members;
    }
  }

  /** A message was not sent, or its answer can no longer be delivered. */
  record SendFailed(Optional<String> correlationId, BridgeException failure) implements Notice {
    @Override
    public Map<String, Object> toMembers() {
      Map<String, Object> members = new LinkedHashMap<>();
      putFailure(members, failure);
      members.put("properties", correlationProperties(correlationId));
      return members;
    }
  }

  /**
   * The status of the bridge or of this client's broker connection has changed.
   *
   * @param status {@code suspended}, {@code resumed} or {@code draining}
   * @param broker the further broker that the status is about (protocol section 13); empty for the
   *     default one, and for the bridge itself
   */
  record BridgeStatus(String status, Optional<String> broker) implements Notice {
    @Override
    public Map<String, Object> toMembers() {
      Map<String, Object> members = new LinkedHashMap<>();
      members.put("type", "bridgeStatus");
      members.put("status", status);
      broker.ifPresent(name -> members.put("broker", name));
      return members;
    }
  }

  /**
   * The client does not receive topics any more. No message of these topics follows.
   *
   * @param topics the logical names, as the client subscribed to them
   */
  record TopicUnsubscribed(List<String> topics, Reason reason) implements Notice {
    /** Why a client does not receive topics any more. */
    public enum Reason {
      ACCESS_REVOKED("accessRevoked"),
      /** Another session has the durable subscription now (protocol section 16). */
      TAKEN_OVER("takenOver");

      private final String wireName;

      Reason(String wireName) {
        this.wireName = wireName;
      }
    }

    /** Creates the notice of a right that was taken away. */
    public TopicUnsubscribed(List<String> topics) {
      this(topics, Reason.ACCESS_REVOKED);
    }

    @Override
    public Map<String, Object> toMembers() {
      Map<String, Object> members = new LinkedHashMap<>();
      members.put("type", "topicUnsubscribed");
      members.put("topics", topics);
      members.put("reason", reason.wireName);
      return members;
    }
  }

  /** The answer to {@code queueSubscribe} and {@code queueUnsubscribe}. */
  record QueueAnswer(String correlationId) implements Notice {
    @Override
    public Map<String, Object> toMembers() {
      return members(correlationId, "success");
    }
  }

  /**
   * The answer to {@code ack}, {@code release} and {@code reject}.
   *
   * @param failed the handles that were not valid, as the client sent them
   */
  record Settled(String correlationId, List<String> failed) implements Notice {
    @Override
    public Map<String, Object> toMembers() {
      Map<String, Object> members = members(correlationId, failed.isEmpty() ? "success" : "failed");
      if (!failed.isEmpty()) {
        members.put("temporary", false);
      }
      members.put("failedDeliveries", failed);
      return members;
    }
  }

  /**
   * The client has lost the right to consume queues. No message of these queues follows.
   *
   * @param queues the logical names, as the client subscribed to them
   */
  record QueueUnsubscribed(List<String> queues) implements Notice {
    @Override
    public Map<String, Object> toMembers() {
      Map<String, Object> members = new LinkedHashMap<>();
      members.put("type", "queueUnsubscribed");
      members.put("queues", queues);
      members.put("reason", "accessRevoked");
      return members;
    }
  }

  /**
   * Messages were missed, or may have been missed.
   *
   * @param lost the number of missed messages by logical name, as the client subscribed to it; null
   *     if the number is unknown. The map is empty if one message to this client alone was missed
   */
  record Gap(Map<String, Long> lost, GapReason reason) implements Notice {

    /** Creates a notice that messages of these topics may have been missed, in unknown number. */
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
    /** The connection to the broker, or the consumer of the topic, was lost. */
    BROKER_OUTAGE("brokerOutage"),
    /** The client was too slow: messages were discarded or have expired. */
    SLOW_CONSUMER("slowConsumer"),
    /**
     * The missed messages cannot be delivered: the bridge does not have them, or the right to them
     * was in doubt.
     */
    NOT_RECOVERABLE("notRecoverable"),
    /** The message alone is larger than the limit of a client's queue. */
    TOO_LARGE("tooLarge");

    private final String wireName;

    GapReason(String wireName) {
      this.wireName = wireName;
    }

    /** Returns the reason as messages contain it. */
    public String wireName() {
      return wireName;
    }
  }

  /** The bridge terminates the session. No message follows. */
  record SessionEnded(SessionEnd reason) implements Notice {
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
