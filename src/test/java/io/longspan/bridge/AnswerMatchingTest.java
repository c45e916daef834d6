package io.longspan.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.budget.Account;
import io.longspan.budget.MemoryBudget;
import io.longspan.catalogue.SendPolicy.ByProperty;
import io.longspan.catalogue.SendPolicy.Correlation;
import io.longspan.protocol.BrokerMessage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class AnswerMatchingTest {
  private static final Correlation BY_TICKET = new ByProperty("ticket");

  private final Account account = new MemoryBudget(2 << 20, 2 << 20).user("alice");
  private final RequestsInFlight requests = new RequestsInFlight(2_000, account);
  private final AnswerMatching answers = new AnswerMatching(requests, account);
  private final List<String> routed = new ArrayList<>();

  private void request(String id, Correlation correlation) {
    requests.add(id, 0, 0);
    answers.sending(id, correlation);
  }

  private static BrokerMessage message(String... properties) {
    Map<String, Object> named = new HashMap<>();
    for (int i = 0; i < properties.length; i += 2) {
      named.put(properties[i], properties[i + 1]);
    }
    return new BrokerMessage("", named, "", "text", Optional.empty());
  }

  private static BrokerMessage answer(String correlationId) {
    return message("JMSCorrelationID", correlationId);
  }

  /** Routes a message as the bridge does. */
  private void arrive(BrokerMessage message) {
    if (!answers.hold(message, () -> route(message))) {
      route(message);
    }
  }

  private void route(BrokerMessage message) {
    routed.add(answers.requestOf(message).orElse("none"));
  }

  @Test
  void anAnswerRepeatsTheCorrelationId() {
    request("a", Correlation.BY_CORRELATION_ID);
    arrive(answer("a"));
    arrive(answer("b"));
    arrive(message());
    assertThat(routed).containsExactly("a", "none", "none");
  }

  @Test
  void anAnswerRepeatsTheMessageId() {
    request("a", Correlation.BY_MESSAGE_ID);
    answers.sent("a", Correlation.BY_MESSAGE_ID, "ID:1");
    arrive(answer("ID:1"));
    arrive(answer("a"));
    arrive(answer("ID:2"));
    assertThat(routed).containsExactly("a", "a", "none");
  }

  @Test
  void anAnswerRepeatsAProperty() {
    request("a", BY_TICKET);
    answers.sent("a", BY_TICKET, "ID:1");
    arrive(message("ticket", "a"));
    arrive(message("ticket", "a", "JMSCorrelationID", "ID:1"));
    arrive(message("ticket", "b"));
    arrive(message("other", "a"));
    assertThat(routed).containsExactly("a", "a", "none", "none");
  }

  @Test
  void answersThatComeBeforeTheMessageIdWaitForIt() {
    request("a", Correlation.BY_MESSAGE_ID);
    request("b", Correlation.BY_MESSAGE_ID);
    arrive(answer("ID:b"));
    arrive(answer("ID:b"));
    arrive(answer("ID:a"));
    arrive(message());
    assertThat(routed).isEmpty();
    answers.sent("b", Correlation.BY_MESSAGE_ID, "ID:b");
    assertThat(routed).containsExactly("b", "b");
    answers.sent("a", Correlation.BY_MESSAGE_ID, "ID:a");
    assertThat(routed).containsExactly("b", "b", "a", "none");
  }

  @Test
  void othersDoNotWait() {
    request("a", Correlation.BY_CORRELATION_ID);
    request("b", Correlation.BY_MESSAGE_ID);
    arrive(answer("a"));
    arrive(message());
    assertThat(routed).containsExactly("a", "none");
  }

  @Test
  void nothingWaitsForARequestThatFailed() {
    request("a", Correlation.BY_MESSAGE_ID);
    arrive(answer("ID:late"));
    requests.remove("a");
    answers.sent("a", Correlation.BY_MESSAGE_ID, null);
    assertThat(routed).containsExactly("none");
    arrive(answer("ID:later"));
    assertThat(routed).containsExactly("none", "none");
  }

  @Test
  void noMoreThanABoundedNumberWaits() {
    request("a", Correlation.BY_MESSAGE_ID);
    for (int i = 0; i < EarlyAnswers.MAX_HELD; i++) {
      arrive(answer("ID:unknown"));
    }
    assertThat(routed).isEmpty();
    arrive(answer("ID:unknown"));
    assertThat(routed).containsExactly("none");
    answers.sent("a", Correlation.BY_MESSAGE_ID, "ID:a");
    assertThat(routed).hasSize(EarlyAnswers.MAX_HELD + 1);
  }

  @Test
  void answersThatWaitAreChargedToTheUser() {
    request("a", Correlation.BY_MESSAGE_ID);
    long before = account.used();
    BrokerMessage large =
        new BrokerMessage(
            "", Map.of("JMSCorrelationID", "ID:a"), "x".repeat(600_000), "text", Optional.empty());
    arrive(large);
    assertThat(account.used()).isGreaterThan(before + 1_200_000);
    arrive(large);
    assertThat(routed).as("the second one does not fit").containsExactly("none");
    answers.sent("a", Correlation.BY_MESSAGE_ID, "ID:a");
    assertThat(routed).containsExactly("none", "a");
    assertThat(account.used()).isLessThan(before + 1_000);
  }

  @Test
  void aMessageIdIsForgottenWithItsRequest() {
    request("a", Correlation.BY_MESSAGE_ID);
    answers.sent("a", Correlation.BY_MESSAGE_ID, "ID:1");
    request("a", Correlation.BY_MESSAGE_ID);
    answers.sent("a", Correlation.BY_MESSAGE_ID, "ID:2");
    arrive(answer("ID:1"));
    arrive(answer("ID:2"));
    requests.remove("a");
    arrive(answer("ID:2"));
    assertThat(routed).containsExactly("none", "a", "none");
  }

  @Test
  void aRequestThatHasEndedGetsNoMessageId() {
    request("a", Correlation.BY_MESSAGE_ID);
    requests.remove("a");
    answers.sent("a", Correlation.BY_MESSAGE_ID, "ID:1");
    arrive(answer("ID:1"));
    assertThat(routed).containsExactly("none");
  }
}
