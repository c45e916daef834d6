package io.longspan.envelope;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.envelope.ActionMessages.GoalStatus;
import io.longspan.protocol.BrokerMessage;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ActionMessagesTest {
  private static BrokerMessage message(String body) {
    return new BrokerMessage("x", Map.of(), body, null, Optional.empty());
  }

  @Test
  void requestsHaveTheFieldsOfCommlib() {
    assertThat(ActionMessages.sendGoal("{\"steps\":3}"))
        .isEqualTo("{\"description\":\"\",\"goal_data\":{\"steps\":3}}");
    assertThat(ActionMessages.ofGoal("a\"b", 7))
        .isEqualTo("{\"goal_id\":\"a\\\"b\",\"timestamp\":7}");
  }

  @Test
  void anAcceptedGoalHasAnId() {
    assertThat(ActionMessages.goalAnswer(message("{\"status\":1,\"goal_id\":\"g\"}")))
        .contains(new ActionMessages.GoalAnswer(Optional.of("g")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"status\":0,\"goal_id\":\"g\"}",
        "{\"status\":1,\"goal_id\":\"\"}",
        "{\"status\":1}"
      })
  void anotherAnswerRejectsTheGoal(String body) {
    assertThat(ActionMessages.goalAnswer(message(body)))
        .contains(new ActionMessages.GoalAnswer(Optional.empty()));
  }

  @Test
  void statesAndFeedbackNameTheirGoal() {
    assertThat(
            ActionMessages.event(
                ActionMessages.STATUS, message("{\"goal_id\":\"g\",\"status\":6}")))
        .contains(
            new ActionMessages.GoalEvent("g", Optional.of(GoalStatus.CANCELED), Optional.empty()));
    assertThat(
            ActionMessages.event(
                ActionMessages.FEEDBACK,
                message("{\"goal_id\":\"g\",\"feedback_data\":{\"x\":1.50}}")))
        .contains(new ActionMessages.GoalEvent("g", Optional.empty(), Optional.of("{\"x\":1.50}")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "rubbish",
        "[]",
        "null",
        "{}",
        "{\"goal_id\":1}",
        "{\"goal_id\":\"g\",\"status\":7}"
      })
  void rubbishIsNothing(String body) {
    assertThat(ActionMessages.event(ActionMessages.STATUS, message(body))).isEmpty();
    assertThat(ActionMessages.event(ActionMessages.FEEDBACK, message(body))).isEmpty();
    assertThat(ActionMessages.result(message(body))).isEmpty();
  }

  @Test
  void onlyTheLastStatesAreFinal() {
    assertThat(GoalStatus.values())
        .filteredOn(GoalStatus::isFinal)
        .containsExactly(GoalStatus.SUCCEEDED, GoalStatus.ABORTED, GoalStatus.CANCELED);
  }
}
