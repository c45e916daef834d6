package io.longspan.client;

import io.longspan.client.ClientListener.MissedTopic;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the bridge sends on the user channel, decoded. */
sealed interface Incoming {

  /** The failure of a control message or of a send. */
  record Refusal(String errorCode, String errorMessage, boolean temporary) {
    static final Refusal NONE = new Refusal("", "", false);

    LongspanException.Refused toException() {
      return new LongspanException.Refused(errorCode, errorMessage, temporary);
    }
  }

  /**
   * The answer to a control message.
   *
   * @param data all of it, for what only some answers have
   */
  record Answer(
      String correlationId,
      boolean ok,
      Refusal refusal,
      List<String> failedTopics,
      List<String> topicErrors,
      List<?> topicTemporary,
      List<String> failedDeliveries,
      ConnectInfo info,
      Optional<Boolean> resumed,
      Map<String, Object> data)
      implements Incoming {}

  /** The outcome of a message to {@code /anzo/bridge}. */
  record Outcome(String correlationId, boolean ok, Refusal refusal) implements Incoming {}

  record TopicsRevoked(List<String> topics, String reason) implements Incoming {}

  record QueuesRevoked(List<String> queues, String reason) implements Incoming {}

  record BridgeStatus(String status, Optional<String> broker) implements Incoming {}

  record Gap(List<MissedTopic> topics, String reason) implements Incoming {}

  record Delivered(Message message) implements Incoming {}

  /** Data that this version does not understand. */
  record Unknown(Object data) implements Incoming {}
}
