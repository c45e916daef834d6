package io.longspan.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.chaos.JournalEntry.Delivered;
import io.longspan.chaos.JournalEntry.Gap;
import io.longspan.chaos.JournalEntry.Revoked;
import io.longspan.chaos.JournalEntry.Subscribed;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** A message that is not what it should be is found, and so is one that must not come. */
final class DeliveryAuditTest {
  private static final ChaosTopic TOPIC = ChaosTopic.KEPT;

  private final Ledger ledger = new Ledger(0);
  private final List<JournalEntry> journal = new ArrayList<>();

  private int publish(long at, Strangeness strangeness) {
    return ledger.publications(TOPIC).begin(at, strangeness);
  }

  private void delivered(long at, int number, boolean whole) {
    journal.add(new Delivered(at, number, journal.size(), whole));
  }

  private List<Finding.Kind> kinds() {
    return DeliveryAudit.of(TOPIC, ledger, journal).stream().map(Finding::kind).toList();
  }

  /** Takes the right away at 100 and gives it back at 200. */
  private void withdraw() {
    ledger.withdrawals().end(ledger.withdrawals().begin(TOPIC, 100), 200);
  }

  @Test
  void whatIsAsItWasPublishedIsRight() {
    delivered(20, publish(10, Strangeness.NONE), true);
    delivered(20, publish(10, Strangeness.UNREADABLE), false);
    delivered(20, publish(10, Strangeness.EXPIRES), true);
    assertThat(kinds()).isEmpty();
  }

  @Test
  void anotherBodyIsFound() {
    delivered(20, publish(10, Strangeness.NONE), false);
    delivered(20, publish(10, Strangeness.UNREADABLE), true);
    delivered(20, publish(10, Strangeness.TOO_LARGE), true);
    assertThat(kinds())
        .containsExactly(Finding.Kind.WRONG_BODY, Finding.Kind.WRONG_BODY, Finding.Kind.WRONG_BODY);
  }

  @Test
  void whatExpiredLongAgoIsFoundUnlessAClockWasWrong() {
    delivered(DeliveryAudit.LATE + 20, publish(10, Strangeness.EXPIRES), true);
    delivered(DeliveryAudit.LATE + 20, publish(10, Strangeness.NONE), true);
    assertThat(kinds()).containsExactly(Finding.Kind.TOO_LATE);
    ledger.clockSteps().begin(Outages.EVERYWHERE, 15);
    assertThat(kinds()).isEmpty();
  }

  @Test
  void aRightThatNobodyTookAwayIsFound() {
    journal.add(new Revoked(50));
    assertThat(kinds()).containsExactly(Finding.Kind.UNEXPLAINED_REVOCATION);
    journal.clear();
    withdraw();
    journal.add(new Revoked(150));
    assertThat(kinds()).isEmpty();
    journal.add(new Revoked(250 + Withdrawals.PATIENCE));
    assertThat(kinds()).containsExactly(Finding.Kind.UNEXPLAINED_REVOCATION);
  }

  @Test
  void whatComesAfterARevocationIsFound() {
    withdraw();
    journal.add(new Revoked(150));
    delivered(210, publish(90, Strangeness.NONE), true);
    assertThat(kinds()).containsExactly(Finding.Kind.AFTER_REVOCATION);
  }

  @Test
  void aSubscriptionGoesOnWithWhatWasPublishedSinceTheRightIsThereAgain() {
    withdraw();
    journal.add(new Revoked(150));
    delivered(220, publish(210, Strangeness.NONE), true);
    journal.add(new Subscribed(230));
    assertThat(kinds()).isEmpty();
  }

  @Test
  void whatWasPublishedWithoutARightNeverComes() {
    withdraw();
    journal.add(new Revoked(150));
    journal.add(new Subscribed(210));
    delivered(220, publish(160, Strangeness.NONE), true);
    assertThat(kinds()).containsExactly(Finding.Kind.WITHOUT_RIGHT);
    ledger.outages().beginPause("bridge-2", 120);
    assertThat(kinds()).isEmpty();
  }

  @Test
  void aGapByAnOutageThatNobodyHadIsFound() {
    journal.add(new Gap(Withdrawals.PATIENCE + 50, "brokerOutage", OptionalLong.empty()));
    assertThat(kinds()).containsExactly(Finding.Kind.UNEXPLAINED_GAP);
    ledger.outages().end(ledger.outages().beginCut("bridge-2", 10), 20);
    assertThat(kinds()).containsExactly(Finding.Kind.UNEXPLAINED_GAP);
    ledger.outages().end(ledger.outages().beginCut("bridge-2", 20), 60);
    assertThat(kinds()).isEmpty();
  }
}
