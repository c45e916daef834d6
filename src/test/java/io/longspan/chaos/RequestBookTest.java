package io.longspan.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** A request with another number of outcomes than one is found, and so is a wrong answer. */
final class RequestBookTest {
  private static final String BRIDGE = "bridge-1";
  private static final long LATE = ChaosClient.REQUEST_TIMEOUT + 100;

  private final Outages outages = new Outages();
  private final RequestBook book = new RequestBook(outages);

  private List<Finding.Kind> kinds() {
    return book.findings().stream().map(Finding::kind).toList();
  }

  private void sent() {
    book.sent("a-1", BRIDGE, 10);
  }

  @Test
  void oneAnswerIsRight() {
    sent();
    book.taken("a-1");
    book.answered("a-1", "a-1", 20);
    assertThat(kinds()).isEmpty();
    assertThat(book.outcomes()).containsExactly(java.util.Map.entry(Request.Outcome.ANSWERED, 1));
  }

  @Test
  void noOutcomeIsFound() {
    sent();
    assertThat(kinds()).containsExactly(Finding.Kind.NO_OUTCOME);
  }

  @Test
  void anAnswerToAnotherClientIsFound() {
    book.answered("b-1", "b-1", 20);
    assertThat(kinds()).containsExactly(Finding.Kind.WRONG_ANSWER);
  }

  @Test
  void anAnswerToAnotherRequestIsFound() {
    sent();
    book.answered("a-1", "a-2", 20);
    assertThat(kinds()).contains(Finding.Kind.WRONG_ANSWER);
  }

  @Test
  void aSecondAnswerIsFound() {
    sent();
    book.answered("a-1", "a-1", 20);
    book.answered("a-1", "a-1", 30);
    assertThat(kinds()).containsExactly(Finding.Kind.SECOND_OUTCOME);
  }

  @Test
  void anAnswerAfterARefusalIsFound() {
    sent();
    book.failed("a-1", "brokerUnavailable", 20);
    book.answered("a-1", "a-1", 30);
    assertThat(kinds()).containsExactly(Finding.Kind.SECOND_OUTCOME);
  }

  @Test
  void aRefusalInTheReceiptAndOnTheChannelIsOneOutcome() {
    sent();
    book.refused("a-1", "sendFailed", 20);
    book.failed("a-1", "sendFailed", 30);
    assertThat(kinds()).isEmpty();
    book.failed("a-1", "sendFailed", 40);
    assertThat(kinds()).containsExactly(Finding.Kind.SECOND_OUTCOME);
  }

  @Test
  void aRefusalAfterAnAnswerIsFound() {
    sent();
    book.answered("a-1", "a-1", 20);
    book.refused("a-1", "sendFailed", 30);
    assertThat(kinds()).containsExactly(Finding.Kind.SECOND_OUTCOME);
  }

  @Test
  void whatComesAfterAVoidIsOnlyCounted() {
    sent();
    book.voidAll(20);
    book.answered("a-1", "a-1", 30);
    assertThat(kinds()).isEmpty();
    assertThat(book.late()).isEqualTo(1);
  }

  @Test
  void aTimeOutIsFound() {
    sent();
    book.taken("a-1");
    book.expire(0, LATE);
    assertThat(kinds()).containsExactly(Finding.Kind.UNEXPLAINED_TIMEOUT);
  }

  @Test
  void aClientThatWasNotInContactWaitsOn() {
    sent();
    book.taken("a-1");
    book.expire(LATE - 50, LATE);
    assertThat(kinds()).containsExactly(Finding.Kind.NO_OUTCOME);
  }

  @Test
  void aConnectionThatIsLostBeforeTheReceiptExplainsATimeOutAndOneThatIsLostLaterDoesNot() {
    sent();
    book.cut();
    book.expire(0, LATE);
    assertThat(kinds()).isEmpty();

    book.sent("a-2", BRIDGE, 10);
    book.taken("a-2");
    book.cut();
    book.expire(0, LATE);
    assertThat(kinds()).containsExactly(Finding.Kind.UNEXPLAINED_TIMEOUT);
  }

  @Test
  void anOutageLengthensTheTimeOfItsBridgesRequestsOnly() {
    outages.begin("link", "bridge-2", 15);
    outages.end("link", LATE - 50);
    book.sent("a-2", "bridge-2", 10);
    book.taken("a-2");
    book.expire(0, LATE);
    assertThat(kinds()).containsExactly(Finding.Kind.NO_OUTCOME);
    book.expire(0, 2 * LATE);
    assertThat(kinds()).containsExactly(Finding.Kind.UNEXPLAINED_TIMEOUT);

    sent();
    book.taken("a-1");
    book.expire(0, LATE);
    assertThat(kinds()).hasSize(2);
  }

  @Test
  void anOutageThatIsNotOverLengthensTheTime() {
    outages.begin("broker", Outages.EVERYWHERE, 15);
    sent();
    book.taken("a-1");
    book.expire(0, 2 * LATE);
    assertThat(kinds()).containsExactly(Finding.Kind.NO_OUTCOME);
  }
}
