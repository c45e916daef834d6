package io.longspan.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A request with another number of outcomes than one is found, and so is a wrong answer. */
final class RequestBookTest {
  private static final String BRIDGE = "bridge-1";
  private static final long LATE = ChaosClient.REQUEST_TIMEOUT + 100;

  private final Outages outages = new Outages();
  private final Map<String, Strangeness> answers = new HashMap<>();
  private final Outages clockSteps = new Outages();
  private final Outages doors = new Outages();
  private final RequestBook book = new RequestBook(outages, clockSteps, doors, answers);

  private List<Finding.Kind> kinds() {
    return book.findings().stream().map(Finding::kind).toList();
  }

  private void sent() {
    book.sent("a-1", BRIDGE, 10);
  }

  @Test
  void oneAnswerIsRight() {
    sent();
    book.taken("a-1", 15);
    book.answered("a-1", "a-1", 20);
    assertThat(kinds()).isEmpty();
    assertThat(book.outcomes()).containsExactly(Map.entry(Request.Outcome.ANSWERED, 1));
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
    outages.beginCut(BRIDGE, 5);
    sent();
    book.failed("a-1", "brokerUnavailable", 20);
    book.answered("a-1", "a-1", 30);
    assertThat(kinds()).containsExactly(Finding.Kind.SECOND_OUTCOME);
  }

  @Test
  void aRefusalInTheReceiptAndOnTheChannelIsOneOutcome() {
    outages.beginCut(BRIDGE, 5);
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
    book.taken("a-1", 15);
    book.expire(0, LATE);
    assertThat(kinds()).containsExactly(Finding.Kind.UNEXPLAINED_TIMEOUT);
  }

  @Test
  void aClientThatWasNotInContactWaitsOn() {
    sent();
    book.taken("a-1", 15);
    book.expire(LATE - 50, LATE);
    assertThat(kinds()).containsExactly(Finding.Kind.NO_OUTCOME);
  }

  @Test
  void aConnectionThatIsLostBeforeTheReceiptExplainsATimeOutAndOneThatIsLostLaterDoesNot() {
    sent();
    book.cut(15);
    book.expire(0, LATE);
    assertThat(kinds()).isEmpty();

    book.sent("a-2", BRIDGE, 10);
    book.taken("a-2", 15);
    book.cut(15);
    book.expire(0, LATE);
    assertThat(kinds()).containsExactly(Finding.Kind.UNEXPLAINED_TIMEOUT);
  }

  @Test
  void anOutageLengthensTheTimeOfItsBridgesRequestsOnly() {
    outages.end(outages.begin("bridge-2", 15), LATE - 50);
    book.sent("a-2", "bridge-2", 10);
    book.taken("a-2", 15);
    book.expire(0, LATE);
    assertThat(kinds()).containsExactly(Finding.Kind.NO_OUTCOME);
    book.expire(0, 2 * LATE);
    assertThat(kinds()).containsExactly(Finding.Kind.UNEXPLAINED_TIMEOUT);

    sent();
    book.taken("a-1", 15);
    book.expire(0, LATE);
    assertThat(kinds()).hasSize(2);
  }

  @Test
  void anOutageThatIsNotOverLengthensTheTime() {
    outages.begin(Outages.EVERYWHERE, 15);
    sent();
    book.taken("a-1", 15);
    book.expire(0, 2 * LATE);
    assertThat(kinds()).containsExactly(Finding.Kind.NO_OUTCOME);
  }

  @Test
  void aRefusalWithoutAnOutageOfItsBridgeIsFound() {
    outages.end(outages.beginCut(BRIDGE, 0), 5);
    outages.beginCut("bridge-2", 0);
    for (String error : List.of("sendFailed:text", "brokerUnavailable:text")) {
      long late = 2 * RequestBook.TROUBLE;
      String id = "a-" + error;
      book.sent(id, BRIDGE, late);
      book.refused(id, error, late + 10);
      book.failed(id, error, late + 20);
    }
    assertThat(kinds())
        .containsExactly(Finding.Kind.UNEXPLAINED_REFUSAL, Finding.Kind.UNEXPLAINED_REFUSAL);
  }

  @Test
  void aRefusalThatNothingCausesIsFound() {
    outages.beginCut(BRIDGE, 5);
    sent();
    book.refused("a-1", "internalError", 20);
    assertThat(kinds()).containsExactly(Finding.Kind.UNEXPLAINED_REFUSAL);
  }

  @Test
  void aRequestThatIsReadAfterItsSessionWasReplacedIsNotConnected() {
    sent();
    book.cut(15);
    book.failed("a-1", "notConnected:text", 20);
    assertThat(kinds()).isEmpty();
    book.sent("a-2", BRIDGE, 30);
    book.failed("a-2", "notConnected:text", 40);
    assertThat(kinds()).containsExactly(Finding.Kind.UNEXPLAINED_REFUSAL);
  }

  @Test
  void aRequestIsNotConnectedIfItsSessionHasJustEnded() {
    sent();
    book.failed("a-1", "notConnected:text", 20);
    assertThat(kinds()).containsExactly(Finding.Kind.UNEXPLAINED_REFUSAL);
    book.cut(20 + RequestBook.NOTICED);
    assertThat(kinds()).isEmpty();
    book.sent("a-2", BRIDGE, 30);
    book.failed("a-2", "notConnected:text", 40);
    book.cut(41 + RequestBook.NOTICED);
    assertThat(kinds()).containsExactly(Finding.Kind.UNEXPLAINED_REFUSAL);
  }

  @Test
  void anAnswerMayComeAfterARefusalThatSaysSo() {
    outages.beginCut(BRIDGE, 5);
    sent();
    book.refused(
        "a-1", "sendFailed:the broker has not answered; it may still accept the message", 20);
    book.answered("a-1", "a-1", 30);
    assertThat(kinds()).isEmpty();
    assertThat(book.late()).isEqualTo(1);
  }

  @Test
  void whatIsSentToAFullQueueIsTakenOrRefused() {
    book.filling("a-1", BRIDGE, "full", 10);
    book.filling("a-2", BRIDGE, "full", 10);
    assertThat(book.openFills()).isEqualTo(2);
    assertThat(book.open()).isZero();
    book.taken("a-1", 20);
    book.refused("a-2", "sendFailed:text", 20);
    assertThat(kinds()).isEmpty();
    assertThat(book.wasTaken("full", 5)).isTrue();
    assertThat(book.wasTaken("full", 15)).isFalse();
    assertThat(book.wasTaken("other", 5)).isFalse();
    book.failed("a-1", "brokerUnavailable:the link is lost, and nobody answers", 30);
    assertThat(kinds()).isEmpty();
    book.failed("a-1", "sendFailed:text", 40);
    assertThat(kinds()).containsExactly(Finding.Kind.SECOND_OUTCOME);
  }

  @Test
  void aFullQueueExplainsNoLossOfTheBroker() {
    book.filling("a-1", BRIDGE, "full", 10);
    book.refused("a-1", "brokerUnavailable:text", 20);
    assertThat(kinds()).containsExactly(Finding.Kind.UNEXPLAINED_REFUSAL);
  }

  @Test
  void anAnswerThatIsTooLargeEndsItsRequestByItsName() {
    answers.put("a-1", Strangeness.TOO_LARGE);
    answers.put("a-2", Strangeness.TOO_LARGE);
    sent();
    book.failed("a-1", "limitExceeded:text", 20);
    assertThat(kinds()).isEmpty();
    book.sent("a-2", BRIDGE, 10);
    book.answered("a-2", "a-2", 20);
    book.sent("a-3", BRIDGE, 10);
    book.failed("a-3", "limitExceeded:text", 20);
    assertThat(kinds())
        .containsExactly(
            Finding.Kind.WRONG_ANSWER, Finding.Kind.UNEXPLAINED_REFUSAL, Finding.Kind.NO_OUTCOME);
  }

  @Test
  void anAnswerThatCannotBeReadHasNoBody() {
    answers.put("a-1", Strangeness.UNREADABLE);
    answers.put("a-2", Strangeness.UNREADABLE);
    sent();
    book.answered("a-1", "null", 20);
    assertThat(kinds()).isEmpty();
    book.sent("a-2", BRIDGE, 10);
    book.answered("a-2", "a-2", 20);
    assertThat(kinds()).contains(Finding.Kind.WRONG_ANSWER);
  }

  @Test
  void anAnswerThatExpiresNeedNotCome() {
    answers.put("a-1", Strangeness.EXPIRES);
    sent();
    book.taken("a-1", 15);
    book.expire(0, LATE);
    assertThat(kinds()).isEmpty();
  }

  @Test
  void aLossOfTheLibraryIsExplainedByTheConnection() {
    sent();
    book.cut(15);
    book.lost("a-1", "session lost", 20);
    assertThat(kinds()).isEmpty();
    assertThat(book.outcomes()).containsExactly(Map.entry(Request.Outcome.LOST, 1));
  }

  @Test
  void aLossOfTheLibraryIsExplainedByAnEndThatIsSeenSoon() {
    sent();
    book.lost("a-1", "no reply", 20);
    assertThat(kinds()).containsExactly(Finding.Kind.UNEXPLAINED_LOSS);
    book.cut(20 + RequestBook.NOTICED);
    assertThat(kinds()).isEmpty();
  }

  @Test
  void aLossOfTheLibraryIsExplainedByWhatWasDoneToItsWay() {
    sent();
    doors.end(doors.begin(BRIDGE, 15), 16);
    book.lost("a-1", "no bytes", 20);
    assertThat(kinds()).isEmpty();
  }

  @Test
  void aLossOfTheLibraryIsNotExplainedByTheWayToAnotherBridge() {
    sent();
    doors.begin("bridge-2", 15);
    book.lost("a-1", "no bytes", 20);
    assertThat(kinds()).containsExactly(Finding.Kind.UNEXPLAINED_LOSS);
  }

  @Test
  void aLossOfTheLibraryWithoutAnInterruptionIsFound() {
    sent();
    book.lost("a-1", "no reply", 20);
    book.cut(21 + RequestBook.NOTICED);
    assertThat(kinds()).containsExactly(Finding.Kind.UNEXPLAINED_LOSS);
  }

  @Test
  void aRequestThatWasNotSentMustNotBeServed() {
    sent();
    book.notSent("a-1", "no connection", 20);
    assertThat(kinds()).isEmpty();
    assertThat(book.servedAfterAll(Set.of("b-1"))).isEmpty();
    assertThat(book.servedAfterAll(Set.of("a-1")))
        .extracting(Finding::kind)
        .containsExactly(Finding.Kind.SERVED_AFTER_ALL);
  }

  @Test
  void aTimeOutOfTheLibraryInContactIsFound() {
    sent();
    book.timedOut("a-1", 0, LATE);
    assertThat(kinds()).containsExactly(Finding.Kind.UNEXPLAINED_TIMEOUT);
  }

  @Test
  void aTimeOutOfTheLibraryIsExplainedByAWrongClock() {
    sent();
    clockSteps.end(clockSteps.begin(Outages.EVERYWHERE, 5), 15);
    book.timedOut("a-1", 0, LATE);
    assertThat(kinds()).isEmpty();
  }

  @Test
  void aTimeOutOfTheLibraryIsNotExplainedByAClockThatWasWrongLater() {
    sent();
    clockSteps.end(clockSteps.begin(Outages.EVERYWHERE, LATE - 2), LATE - 1);
    book.timedOut("a-1", 0, LATE);
    assertThat(kinds()).containsExactly(Finding.Kind.UNEXPLAINED_TIMEOUT);
  }

  @Test
  void aTimeOutOfTheLibrarySoonAfterAnOutageIsExplained() {
    sent();
    outages.end(outages.begin(BRIDGE, 20), 1_000);
    book.timedOut("a-1", 0, LATE);
    assertThat(kinds()).isEmpty();
  }
}
