package io.longspan.chaos;

import io.longspan.chaos.JournalEntry.Delivered;
import io.longspan.chaos.JournalEntry.Gap;
import io.longspan.chaos.JournalEntry.Revoked;
import io.longspan.chaos.JournalEntry.Subscribed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether what one client was given of one topic is right, each message by itself. The rules:
 *
 * <ul>
 *   <li>A body is the one that was published; that of a message that cannot be read is not. A
 *       message that is too large does not come.
 *   <li>A message that expires does not come {@link #LATE} after it was published, unless a
 *       bridge's clock was wrong meanwhile. What was sent before may be read that late: a client
 *       may read nothing, or a link may stand still.
 *   <li>A gap with the reason {@code brokerOutage} comes at most {@link Withdrawals#PATIENCE} after
 *       an outage: a client may have been away, or have read nothing, that long.
 *   <li>A right is lost only while the catalogue gives it to nobody, or soon after.
 *   <li>After a client was told so, nothing comes until its next subscription was answered, except
 *       what was published after the right was given back: the subscription may go on from there.
 *   <li>What was published after a client was told so, and before the right was given back, never
 *       comes: not even when the client has the right again. A bridge that was paused meanwhile may
 *       never have heard of it.
 * </ul>
 */
final class DeliveryAudit {
  static final long LATE = RunClock.nanos(Duration.ofSeconds(60));

  /** How long after it was set right a clock may still be wrong. */
  static final long CLOCK_DELAY = RunClock.nanos(Duration.ofSeconds(3));

  private final ChaosTopic topic;
  private final Ledger ledger;
  private final Publications published;
  private final List<Finding> findings = new ArrayList<>();

  /** Between them nobody had the right, as this client knows. */
  private long toldAt = Long.MAX_VALUE;

  private long givenBackAt = Long.MIN_VALUE;
  private boolean revoked;

  private DeliveryAudit(ChaosTopic topic, Ledger ledger) {
    this.topic = topic;
    this.ledger = ledger;
    this.published = ledger.publications(topic);
  }

  /** Returns what nothing explains; empty where all is well. */
  static List<Finding> of(ChaosTopic topic, Ledger ledger, List<JournalEntry> journal) {
    DeliveryAudit audit = new DeliveryAudit(topic, ledger);
    for (JournalEntry entry : journal) {
      if (entry instanceof Delivered message && message.number() <= audit.published.last()) {
        audit.delivered(message);
      } else if (entry instanceof Revoked told) {
        audit.revoked(told);
      } else if (entry instanceof Gap gap) {
        audit.gap(gap);
      } else if (entry instanceof Subscribed) {
        audit.revoked = false;
      }
    }
    return audit.findings;
  }

  private void gap(Gap gap) {
    if (gap.reason().equals("brokerOutage")
        && !ledger.outages().any(gap.at() - Withdrawals.PATIENCE, gap.at())) {
      find(Finding.Kind.UNEXPLAINED_GAP, gap.at(), 0, "there was no outage before " + gap);
    }
  }

  private void revoked(Revoked told) {
    var end = ledger.withdrawals().endOf(topic, told.at());
    if (end.isEmpty()) {
      find(Finding.Kind.UNEXPLAINED_REVOCATION, told.at(), 0, "nobody has taken the right away");
    }
    toldAt = told.at();
    givenBackAt = end.orElse(Long.MAX_VALUE);
    revoked = true;
  }

  private void delivered(Delivered message) {
    Strangeness strangeness = published.strangeness(message.number());
    long publishedAt = published.startedAt(message.number());
    boolean wholeExpected = strangeness == Strangeness.NONE || strangeness == Strangeness.EXPIRES;
    if (strangeness == Strangeness.TOO_LARGE || message.whole() != wholeExpected) {
      find(
          Finding.Kind.WRONG_BODY,
          message,
          "is %s and came with %s body"
              .formatted(strangeness, message.whole() ? "its" : "another"));
    }
    if (strangeness == Strangeness.EXPIRES
        && message.at() - publishedAt > LATE
        && !ledger.clockSteps().any("", publishedAt - CLOCK_DELAY, message.at())) {
      find(Finding.Kind.TOO_LATE, message, "had expired long before");
    }
    if (revoked && publishedAt < givenBackAt) {
      find(Finding.Kind.AFTER_REVOCATION, message, "came after the right was taken away");
    } else if (publishedAt > toldAt
        && publishedAt < givenBackAt
        && !ledger.outages().anyPause(toldAt - Withdrawals.PATIENCE, givenBackAt)) {
      find(
          Finding.Kind.WITHOUT_RIGHT,
          message,
          "was published while nobody had the right to read it");
    }
  }

  private void find(Finding.Kind kind, Delivered message, String text) {
    find(kind, message.at(), message.number(), "#" + message.number() + " " + text);
  }

  private void find(Finding.Kind kind, long at, int number, String text) {
    findings.add(
        new Finding(kind, topic.logicalName(), at, number, text + " at " + RunClock.text(at)));
  }
}
