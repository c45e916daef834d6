package io.longspan.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.chaos.JournalEntry.Broken;
import io.longspan.chaos.JournalEntry.Delivered;
import io.longspan.chaos.JournalEntry.Gap;
import io.longspan.chaos.JournalEntry.Resumed;
import io.longspan.chaos.JournalEntry.Revoked;
import io.longspan.chaos.JournalEntry.Subscribed;
import io.longspan.chaos.JournalEntry.Unconfirmed;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** An account that is not right is found, and one that is right is not. */
final class TopicAuditTest {
  private static final long STEP = 1_000_000;

  private final Outages outages = new Outages();
  private final Publications published = new Publications();
  private final List<JournalEntry> journal = new ArrayList<>();
  private long now;

  private long tick() {
    return now += STEP;
  }

  private void publish(int count) {
    for (int i = 0; i < count; i++) {
      published.end(published.begin(tick()), Publications.Fate.SENT);
    }
  }

  private void publish(Strangeness strangeness) {
    published.end(published.begin(tick(), strangeness), Publications.Fate.SENT);
  }

  private void publishPerhaps() {
    published.end(published.begin(tick()), Publications.Fate.MAYBE_SENT);
  }

  private void subscribed() {
    journal.add(new Subscribed(tick()));
  }

  private void delivered(int... numbers) {
    for (int number : numbers) {
      journal.add(new Delivered(tick(), number, journal.size(), true));
    }
  }

  private void gap() {
    journal.add(new Gap(tick(), "brokerOutage", OptionalLong.empty()));
  }

  private void gap(int lost) {
    journal.add(new Gap(tick(), "slowConsumer", OptionalLong.of(lost)));
  }

  private void tooLarge(int lost) {
    journal.add(new Gap(tick(), "tooLarge", OptionalLong.of(lost)));
  }

  private List<Finding> findings() {
    return TopicAudit.of("a/topic", published, outages, journal);
  }

  private List<Finding.Kind> kinds() {
    return findings().stream().map(Finding::kind).toList();
  }

  @Test
  void everythingDeliveredOnceAndInOrderNeedsNoExplanation() {
    publish(2);
    subscribed();
    publish(3);
    delivered(2, 3, 4, 5);
    assertThat(kinds()).isEmpty();
  }

  @Test
  void aLostMessageIsFound() {
    subscribed();
    publish(4);
    delivered(1, 2, 4);
    assertThat(findings())
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.kind()).isEqualTo(Finding.Kind.MISSING);
              assertThat(finding.number()).isEqualTo(3);
              assertThat(finding.text()).startsWith("1 of [3] did not come");
            });
  }

  @Test
  void whatIsLostBeforeTheFirstAndAfterTheLastDeliveryIsFound() {
    subscribed();
    publish(3);
    delivered(2);
    assertThat(kinds()).containsExactly(Finding.Kind.MISSING, Finding.Kind.MISSING);
  }

  @Test
  void aDuplicateIsFound() {
    subscribed();
    publish(3);
    delivered(1, 2, 3, 2);
    assertThat(kinds()).containsExactly(Finding.Kind.TWICE);
  }

  @Test
  void aReorderingIsFound() {
    subscribed();
    publish(3);
    delivered(1, 3, 2);
    assertThat(kinds()).contains(Finding.Kind.OUT_OF_ORDER);
  }

  @Test
  void anInventedMessageIsFound() {
    subscribed();
    publish(1);
    delivered(1, 2);
    assertThat(kinds()).containsExactly(Finding.Kind.NEVER_PUBLISHED);
  }

  @Test
  void aMessageWhoseSendFailedMayComeOrNot() {
    subscribed();
    publish(1);
    publishPerhaps();
    publishPerhaps();
    publish(1);
    delivered(1, 3, 4);
    assertThat(kinds()).isEmpty();
  }

  @Test
  void aGapExplainsItsHole() {
    subscribed();
    publish(9);
    delivered(1, 2);
    gap();
    delivered(8, 9);
    assertThat(kinds()).isEmpty();
  }

  @Test
  void aGapAtAnotherPlaceExplainsNothing() {
    subscribed();
    publish(9);
    delivered(1);
    gap();
    delivered(2, 8, 9);
    assertThat(kinds()).containsExactly(Finding.Kind.MISSING);
  }

  @Test
  void aGapSoonAfterAHoleExplainsItAndALateOneDoesNot() {
    subscribed();
    publish(9);
    delivered(1, 7, 8);
    gap();
    delivered(9);
    assertThat(kinds()).isEmpty();

    journal.clear();
    subscribed();
    publish(3);
    delivered(10, 12);
    now += TopicAudit.SOON;
    gap();
    assertThat(kinds()).containsExactly(Finding.Kind.MISSING);
  }

  @Test
  void aGapDoesNotExplainWhatIsPublishedAfterIt() {
    subscribed();
    publish(3);
    delivered(1);
    gap();
    publish(3);
    delivered(6);
    assertThat(findings())
        .singleElement()
        .satisfies(finding -> assertThat(finding.text()).startsWith("2 of [4, 5]"));
  }

  @Test
  void aCountExplainsExactlySoMany() {
    subscribed();
    publish(9);
    delivered(1);
    gap(3);
    delivered(5, 6);
    gap(1);
    gap(1);
    delivered(9);
    assertThat(kinds()).isEmpty();
  }

  @Test
  void aCountThatIsTooSmallIsFound() {
    subscribed();
    publish(5);
    delivered(1);
    gap(2);
    delivered(5);
    assertThat(findings())
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.kind()).isEqualTo(Finding.Kind.MISSING);
              assertThat(finding.text()).startsWith("1 of [2, 3, 4]");
            });
  }

  @Test
  void aCountThatIsTooHighIsFound() {
    subscribed();
    publish(5);
    delivered(1);
    gap(4);
    delivered(5);
    assertThat(kinds()).containsExactly(Finding.Kind.ANNOUNCED_TOO_MANY);
  }

  @Test
  void aCountMayCoverMessagesThatWerePerhapsNotSent() {
    subscribed();
    publish(1);
    publishPerhaps();
    publish(2);
    delivered(1);
    gap(2);
    delivered(4);
    assertThat(kinds()).isEmpty();
  }

  @Test
  void aCountSoonAfterAHoleExplainsIt() {
    subscribed();
    publish(6);
    delivered(1, 4, 5);
    gap(2);
    delivered(6);
    assertThat(kinds()).isEmpty();
  }

  @Test
  void aCountMayCoverAHoleThatAGapHasExplainedMeanwhile() {
    subscribed();
    publish(9);
    delivered(1, 5);
    gap(3);
    gap();
    delivered(9);
    assertThat(kinds()).isEmpty();
  }

  @Test
  void whatWasCountedMayComeAfterAllToAClientThatAsksToGoOn() {
    subscribed();
    publish(9);
    delivered(1);
    gap(8);
    journal.add(new Resumed(tick()));
    delivered(2, 3, 4, 5, 6, 7, 8, 9);
    subscribed();
    assertThat(kinds()).isEmpty();
  }

  @Test
  void aCountAfterAClientHasAskedToGoOnHoldsAgain() {
    subscribed();
    publish(9);
    delivered(1);
    journal.add(new Resumed(tick()));
    gap(8);
    delivered(2, 3, 4, 5, 6, 7, 8, 9);
    subscribed();
    assertThat(kinds()).containsExactly(Finding.Kind.ANNOUNCED_TOO_MANY);
  }

  @Test
  void aClientThatKnowsOfItsLossNeedsNoGapUntilItIsSubscribedAgain() {
    subscribed();
    publish(3);
    delivered(1);
    journal.add(new Broken(tick()));
    publish(2);
    subscribed();
    publish(3);
    delivered(8);
    assertThat(findings())
        .singleElement()
        .satisfies(finding -> assertThat(finding.text()).startsWith("2 of [6, 7]"));
  }

  @Test
  void afterARevocationNothingIsOwed() {
    subscribed();
    publish(3);
    delivered(1);
    journal.add(new Revoked(tick()));
    assertThat(kinds()).isEmpty();
  }

  @Test
  void aMessageThatIsTooLargeIsExplainedByItsGap() {
    subscribed();
    publish(1);
    publish(Strangeness.TOO_LARGE);
    publish(1);
    delivered(1);
    tooLarge(1);
    delivered(3);
    assertThat(kinds()).isEmpty();
  }

  @Test
  void aMessageThatIsTooLargeMayAlsoBeMissedLikeAnyOther() {
    subscribed();
    publish(Strangeness.TOO_LARGE);
    publish(1);
    gap(1);
    delivered(2);
    assertThat(kinds()).isEmpty();
  }

  @Test
  void aMessageThatIsTooLargeAndNotAnnouncedIsFound() {
    subscribed();
    publish(Strangeness.TOO_LARGE);
    publish(1);
    delivered(2);
    assertThat(kinds()).containsExactly(Finding.Kind.MISSING);
  }

  @Test
  void aGapOfAMessageThatIsTooLargeExplainsNoOther() {
    subscribed();
    publish(Strangeness.TOO_LARGE);
    publish(2);
    tooLarge(1);
    delivered(3);
    assertThat(kinds()).containsExactly(Finding.Kind.MISSING);
  }

  @Test
  void aGapOfAMessageThatIsTooLargeThatNobodyPublishedIsFound() {
    subscribed();
    publish(Strangeness.TOO_LARGE);
    publish(1);
    tooLarge(1);
    tooLarge(1);
    delivered(2);
    assertThat(kinds()).containsExactly(Finding.Kind.ANNOUNCED_TOO_MANY);
  }

  @Test
  void aGapOfAMessageThatIsTooLargeMayComeSoonAfterIt() {
    subscribed();
    publish(Strangeness.TOO_LARGE);
    publish(2);
    delivered(2);
    tooLarge(1);
    delivered(3);
    assertThat(kinds()).isEmpty();
  }

  @Test
  void aMessageThatExpiresIsNotOwed() {
    subscribed();
    publish(Strangeness.EXPIRES);
    publish(1);
    delivered(2);
    assertThat(kinds()).isEmpty();
  }

  @Test
  void anExpiredMessageMayBeCountedBeforeItsHole() {
    subscribed();
    publish(2);
    publish(Strangeness.EXPIRES);
    publish(1);
    delivered(1);
    gap(1);
    delivered(2, 4);
    assertThat(kinds()).isEmpty();
  }

  @Test
  void anExpiredMessageExplainsNoCountLongBefore() {
    subscribed();
    publish(2);
    publish(Strangeness.EXPIRES);
    publish(1);
    delivered(1);
    gap(1);
    delivered(2);
    now += 2 * TopicAudit.SOON;
    delivered(4);
    assertThat(kinds()).containsExactly(Finding.Kind.ANNOUNCED_TOO_MANY);
  }

  @Test
  void anExpiredMessageMayBeCountedByABridgeThatIsBehind() {
    subscribed();
    publish(1);
    publish(Strangeness.EXPIRES);
    publish(2);
    delivered(1, 3);
    notRecoverable();
    gap(1);
    delivered(3, 4);
    assertThat(kinds()).isEmpty();
  }

  @Test
  void whatCameWithoutBeingConfirmedMayBeCountedAsLost() {
    subscribed();
    publish(4);
    journal.add(new Unconfirmed(tick(), 2));
    delivered(1, 2, 3);
    gap(3);
    delivered(4);
    assertThat(findings())
        .singleElement()
        .satisfies(finding -> assertThat(finding.text()).contains("1 of them are too many"));
  }

  @Test
  void whatCameWithoutBeingConfirmedExplainsNoLoss() {
    subscribed();
    publish(4);
    journal.add(new Unconfirmed(tick(), 2));
    delivered(1, 2, 4);
    assertThat(kinds()).containsExactly(Finding.Kind.MISSING);
  }

  @Test
  void aCountExplainsAHoleSoonBeforeItHoweverLateTheNextMessageIs() {
    subscribed();
    publish(4);
    delivered(1, 4);
    gap(2);
    now += 2 * TopicAudit.SOON;
    publish(1);
    delivered(5);
    assertThat(kinds()).isEmpty();
  }

  private void notRecoverable() {
    journal.add(new Gap(tick(), "notRecoverable", OptionalLong.empty()));
  }

  @Test
  void aBridgeThatIsBehindTheOneBeforeMayBringMessagesAgain() {
    subscribed();
    publish(4);
    delivered(1, 2, 4);
    notRecoverable();
    delivered(2, 3, 4);
    publish(1);
    delivered(5);
    assertThat(kinds()).isEmpty();
  }

  @Test
  void whatComesAgainComesOnceAndInOrder() {
    subscribed();
    publish(3);
    delivered(1, 2, 3);
    notRecoverable();
    delivered(2, 2, 1);
    assertThat(kinds()).containsExactly(Finding.Kind.TWICE, Finding.Kind.TWICE);
  }

  @Test
  void aBridgeThatStoodStillMayBeFurtherBehind() {
    subscribed();
    publish(2);
    delivered(1, 2);
    outages.beginPause("bridge-1", now);
    now += TopicAudit.LAG + TopicAudit.PAUSE / 2;
    notRecoverable();
    delivered(1, 2);
    assertThat(kinds()).isEmpty();
    now += TopicAudit.PAUSE;
    notRecoverable();
    delivered(2);
    assertThat(kinds()).containsExactly(Finding.Kind.TWICE);
  }

  @Test
  void whatIsOldOrWasRecoveredDoesNotComeAgain() {
    subscribed();
    publish(2);
    delivered(1, 2);
    now += 2 * TopicAudit.LAG;
    notRecoverable();
    delivered(1);
    publish(1);
    delivered(3, 2);
    assertThat(kinds()).containsExactly(Finding.Kind.TWICE, Finding.Kind.TWICE);
  }
}
