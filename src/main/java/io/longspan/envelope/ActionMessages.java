package io.longspan.envelope;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.longspan.protocol.BrokerMessage;
import java.util.Optional;

/**
 * The messages of an action of commlib: the data of its requests and answers, and its topics. What
 * cannot be read is empty. Stateless.
 */
public final class ActionMessages {
  /** The request that starts a goal; the names of an action's requests and topics end so. */
  public static final String SEND_GOAL = ".send_goal";

  /** The request that cancels a goal. */
  public static final String CANCEL_GOAL = ".cancel_goal";

  /** The request for the result of a goal that has ended. */
  public static final String GET_RESULT = ".get_result";

  /** The topic of the progress of goals. */
  public static final String FEEDBACK = ".feedback";

  /** The topic of the states of goals. */
  public static final String STATUS = ".status";

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private ActionMessages() {}

  /** The state of a goal; {@link #word} is what clients see. */
  public enum GoalStatus {
    ACCEPTED(1, "accepted"),
    RUNNING(2, "running"),
    CANCELING(3, "canceling"),
    SUCCEEDED(4, "succeeded"),
    ABORTED(5, "aborted"),
    CANCELED(6, "canceled");

    private final int code;
    private final String word;

    GoalStatus(int code, String word) {
      this.code = code;
      this.word = word;
    }

    public String word() {
      return word;
    }

    /** Returns whether the goal has ended. */
    public boolean isFinal() {
      return code >= SUCCEEDED.code;
    }

    private static Optional<GoalStatus> of(JsonNode code) {
      for (GoalStatus status : values()) {
        if (code.isInt() && code.asInt() == status.code) {
          return Optional.of(status);
        }
      }
      return Optional.empty();
    }
  }

  /**
   * The answer to {@code send_goal}.
   *
   * @param goalId the id of the goal; empty if the service has rejected it
   */
  public record GoalAnswer(Optional<String> goalId) {}

  /**
   * A message of one of the action's topics.
   *
   * @param status the new state, on the topic {@code status}
   * @param feedback JSON, on the topic {@code feedback}
   */
  public record GoalEvent(String goalId, Optional<GoalStatus> status, Optional<String> feedback) {}

  /** Returns the data of {@code send_goal}. */
  public static String sendGoal(String goal) {
    return "{\"description\":\"\",\"goal_data\":" + goal + "}";
  }

  /**
   * Returns the data of {@code cancel_goal} and {@code get_result}.
   *
   * @param nanoseconds the present time since 1970
   */
  public static String ofGoal(String goalId, long nanoseconds) {
    ObjectNode data = JsonNodeFactory.instance.objectNode();
    return data.put("goal_id", goalId).put("timestamp", nanoseconds).toString();
  }

  /** Reads the answer to {@code send_goal}. */
  public static Optional<GoalAnswer> goalAnswer(BrokerMessage message) {
    return object(message)
        .filter(data -> data.path("status").isInt())
        .map(
            data ->
                new GoalAnswer(
                    Optional.of(data.path("goal_id").asText(""))
                        .filter(id -> !id.isEmpty() && data.path("status").asInt() == 1)));
  }

  /** Reads the result in the answer to {@code get_result}, as JSON. */
  public static Optional<String> result(BrokerMessage message) {
    return object(message).filter(data -> data.has("result")).map(data -> text(data.get("result")));
  }

  /**
   * Reads a message of one of the action's topics.
   *
   * @param topic the end of the topic's name: {@link #STATUS} or {@link #FEEDBACK}
   */
  public static Optional<GoalEvent> event(String topic, BrokerMessage message) {
    Optional<JsonNode> data = object(message).filter(node -> node.path("goal_id").isTextual());
    return data.flatMap(
        node -> {
          String goalId = node.get("goal_id").asText();
          if (topic.equals(FEEDBACK)) {
            JsonNode feedback = node.path("feedback_data");
            return feedback.isMissingNode()
                ? Optional.empty()
                : Optional.of(new GoalEvent(goalId, Optional.empty(), Optional.of(text(feedback))));
          }
          return GoalStatus.of(node.path("status"))
              .map(status -> new GoalEvent(goalId, Optional.of(status), Optional.empty()));
        });
  }

  private static Optional<JsonNode> object(BrokerMessage message) {
    if (!(message.body() instanceof String text)) {
      return Optional.empty();
    }
    try {
      return Optional.ofNullable(JSON.readTree(text)).filter(JsonNode::isObject);
    } catch (JsonProcessingException x) {
      return Optional.empty();
    }
  }

  private static String text(JsonNode node) {
    try {
      return JSON.writeValueAsString(node);
    } catch (JsonProcessingException x) {
      throw new IllegalStateException("a JSON tree can be written", x);
    }
  }
}
