package io.longspan.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.chaos.QueueLedger.Settlement;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Each kind of fault is found, and nothing else is. */
final class QueueLedgerTest {
  private final Disturbances disturbances = Disturbances.none();
  private final QueueLedger ledger = new QueueLedger(Duration.ofSeconds(6), disturbances);

  private void had(String handle, Settlement settlement, boolean isConfirmed) {
    received(1, handle, "bridge-1");
    ledger.settling(handle, settlement);
    ledger.settled(handle, isConfirmed);
  }

  private void received(int number, String handle, String bridge) {
    ledger.received(number, handle, "worker-" + handle, bridge, ledger.clock().now());
  }

  private void assertFinding(String text) {
    assertThat(ledger.audit(Map.of())).singleElement().asString().startsWith(text);
  }

  @Test
  void aMessageThatIsReleasedAndThenAcknowledgedIsFine() {
    ledger.sent(1);
    had("a", Settlement.RELEASE, true);
    assertThat(ledger.isSettled()).isFalse();
    had("b", Settlement.ACK, true);
    assertThat(ledger.isSettled()).isTrue();
    assertThat(ledger.audit(Map.of())).isEmpty();
  }

  @Test
  void aMessageThatIsNeverDeliveredIsFound() {
    ledger.sent(1);
    assertFinding("never delivered: message 1");
  }

  @Test
  void aMessageThatIsNeverSettledIsFound() {
    ledger.sent(1);
    had("a", Settlement.ACK, false);
    assertFinding("never settled: message 1");
  }

  @Test
  void aMessageWhoseSendingFailedMayBeLost() {
    had("a", Settlement.RELEASE, true);
    assertThat(ledger.audit(Map.of())).isEmpty();
  }

  @Test
  void aRejectedMessageMustBeADeadLetter() {
    ledger.sent(1);
    had("a", Settlement.REJECT, true);
    assertFinding("rejected, but no dead letter: message 1");
    assertThat(ledger.audit(Map.of(1, 1))).isEmpty();
  }

  @Test
  void aDeliveryAfterTheAcknowledgementIsFound() {
    ledger.sent(1);
    had("a", Settlement.ACK, true);
    received(1, "b", "bridge-1");
    assertFinding("delivered after its acknowledgement: message 1");
  }

  @Test
  void anAcknowledgementMustSurviveTheEndOfTheBroker() {
    ledger.sent(1);
    had("a", Settlement.ACK, true);
    disturbances.end(disturbances.begin(Outages.EVERYWHERE, "the broker is killed"));
    had("b", Settlement.ACK, true);
    assertThat(ledger.audit(Map.of())).anyMatch(text -> text.startsWith("acknowledged twice"));
  }

  @Test
  void aDeliveryBeforeAnEarlierMessageIsAcknowledgedIsFound() {
    ledger.sent(1);
    ledger.sent(2);
    received(1, "a", "bridge-1");
    received(2, "b", "bridge-1");
    ledger.settling("a", Settlement.ACK);
    ledger.settled("a", true);
    ledger.settling("b", Settlement.ACK);
    ledger.settled("b", true);
    assertThat(ledger.audit(Map.of())).isEmpty();
    assertThat(ledger.auditOrder())
        .singleElement()
        .asString()
        .startsWith("delivered before an earlier one: message 2");
  }

  @Test
  void whatIsReleasedComesAgainBeforeTheNext() {
    ledger.sent(1);
    ledger.sent(2);
    had("a", Settlement.RELEASE, true);
    had("b", Settlement.ACK, true);
    received(2, "c", "bridge-1");
    ledger.settling("c", Settlement.ACK);
    ledger.settled("c", true);
    assertThat(ledger.auditOrder()).isEmpty();
    received(1, "d", "bridge-1");
    assertThat(ledger.audit(Map.of())).isNotEmpty();
  }

  @Test
  void aMessageOfAWorkerMayGoToTheOneThatTakesItOver() {
    ledger.sent(1);
    received(1, "a", "bridge-1");
    ledger.takenOver("worker-b");
    had("b", Settlement.ACK, true);
    ledger.settling("a", Settlement.ACK);
    ledger.settled("a", false);
    assertThat(ledger.audit(Map.of())).isEmpty();
    assertThat(ledger.auditOrder()).isEmpty();
  }

  @Test
  void aSecondAcknowledgementIsFoundWhateverElseHappened() {
    ledger.sent(1);
    disturbances.outages().begin(Outages.EVERYWHERE, 0);
    had("a", Settlement.ACK, true);
    had("b", Settlement.ACK, true);
    assertThat(ledger.audit(Map.of())).anyMatch(text -> text.startsWith("acknowledged twice"));
  }

  @Test
  void aMessageThatTwoHaveIsFound() {
    ledger.sent(1);
    received(1, "a", "bridge-1");
    had("b", Settlement.ACK, true);
    assertFinding("at two at the same time: message 1");
  }

  @Test
  void aMessageOfAWorkerThatHasLostItsBridgeMayGoToAnother() {
    ledger.sent(1);
    received(1, "a", "bridge-1");
    disturbances.outages().begin("bridge-1", ledger.clock().now());
    received(1, "b", "bridge-2");
    ledger.settling("b", Settlement.ACK);
    ledger.settled("b", true);
    assertThat(ledger.audit(Map.of())).isEmpty();
  }

  @Test
  void whatAnotherOneGotBeforeASuccessfulAcknowledgementIsFound() {
    ledger.sent(1);
    disturbances.outages().begin("bridge-1", 0);
    received(1, "a", "bridge-1");
    received(1, "b", "bridge-2");
    ledger.settling("a", Settlement.ACK);
    ledger.settled("a", true);
    assertFinding("at two at the same time: message 1");
  }

  @Test
  void theTimeoutOfWhatCameAfterAResumeMayHaveBegunBefore() {
    ledger.sent(1);
    long now = ledger.clock().now();
    ledger.received(1, "a", "worker-a", "bridge-1", now - RunClock.nanos(Duration.ofSeconds(3)));
    had("b", Settlement.ACK, true);
    assertFinding("at two at the same time: message 1");
    ledger.sent(2);
    ledger.received(2, "c", "worker-c", "bridge-1", now - RunClock.nanos(Duration.ofSeconds(5)));
    received(2, "d", "bridge-1");
    ledger.settling("d", Settlement.ACK);
    ledger.settled("d", true);
    assertFinding("at two at the same time: message 1");
  }
}
