package io.longspan.chaos;

import io.longspan.chaos.JournalEntry.Delivered;
import io.longspan.chaos.JournalEntry.Gap;
import io.longspan.chaos.JournalEntry.Resumed;
import io.longspan.chaos.JournalEntry.Subscribed;
import io.longspan.chaos.JournalEntry.Unconfirmed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Compares what one client was told of one topic with what was published. The rules:
 *
 * <ul>
 *   <li>A message is <em>owed</em> if its send began after the client's first subscription was
 *       answered, and returned. A message whose send failed may be delivered or not, and so may one
 *       from before the subscription; but like all others only once, and in the topic's order.
 *   <li>Numbers that are left out between two deliveries are a <em>hole</em>, and so is what is
 *       left out after the last one. A hole without owed messages needs no explanation.
 *   <li>A gap without a count explains every message of the hole in which it comes whose send began
 *       before the gap came: what is published after the bridge has said that something was missed
 *       is owed again. One that comes {@link #SOON} after a hole explains it as well, because the
 *       bridge may have delivered on before it could tell.
 *   <li>Gaps with counts explain exactly as many messages as they say: of the hole in which they
 *       come, then of holes that were there soon before. Only messages that are not owed, or that
 *       something else explains already, may make up a difference, and messages that came soon
 *       before without being confirmed. A count that is too high is a finding too, unless the
 *       client has asked to go on after its last message since: then what was counted may have come
 *       after all.
 *   <li>A gap with the reason {@code tooLarge} explains as many messages as it says, by the same
 *       rules, but only messages that are too large. Those may also be explained like any other. In
 *       one session no more of them are announced than were published so far.
 *   <li>A message that expires is not owed. It may be counted, also before its hole: one gap counts
 *       all that had expired when the messages were taken.
 *   <li>After a gap with the reason {@code notRecoverable}, messages that were published {@link
 *       #LAG} before may come again, once and in order: the bridge may be behind the one before. It
 *       may be {@link #PAUSE} further behind if a bridge stood still since.
 *   <li>A client whose session was not resumed and who knows no message of the topic knows by
 *       itself that it may have missed something: this explains what was published until its next
 *       subscription was answered. So does a revocation.
 * </ul>
 */
final class TopicAudit {
  /** How long after a hole its announcement may come. */
  static final long SOON = RunClock.nanos(Duration.ofSeconds(10));

  /** How far a bridge may be behind another one. */
  static final long LAG = RunClock.nanos(Duration.ofSeconds(30));

  /** How long a bridge stands still at most. */
  static final long PAUSE = RunClock.nanos(Duration.ofSeconds(40));

  private static final int NUMBERS_SHOWN = 20;
  private static final String TOO_LARGE = "tooLarge";
  private static final String NOT_RECOVERABLE = "notRecoverable";

  private final String topic;
  private final Publications published;
  private final Outages outages;
  private final List<Finding> findings = new ArrayList<>();
  private final List<Hole> unexplained = new ArrayList<>();
  private final List<Excess> excesses = new ArrayList<>();
  private final List<Spare> spares = new ArrayList<>();
  private final BitSet seen = new BitSet();

  private long owedSince = Long.MAX_VALUE;
  private int previous;

  /** What is explained in the present hole: all whose send began before this. */
  private long excusedBefore = Long.MIN_VALUE;

  /** Whether that lasts until the topic is subscribed again. */
  private boolean excusedUntilSubscribed;

  /** The sum of the counts that came in the present hole. */
  private long announced;

  /** The same of messages that are too large. */
  private long announcedTooLarge;

  /** How many such messages were announced in this session. */
  private long tooLargeInSession;

  /** When the last count came. */
  private long announcedAt;

  /** What was published between this and {@link #LAG} before may come again. */
  private long againBefore = Long.MIN_VALUE;

  /** The last message that came again. */
  private int lastAgain;

  /** The part of what was announced whose messages may have come after all. */
  private long takenBack;

  private TopicAudit(String topic, Publications published, Outages outages) {
    this.topic = topic;
    this.published = published;
    this.outages = outages;
  }

  /** Returns what nothing explains; empty where all is well. */
  static List<Finding> of(
      String topic, Publications published, Outages outages, List<JournalEntry> journal) {
    TopicAudit audit = new TopicAudit(topic, published, outages);
    journal.forEach(audit::read);
    audit.endHole(published.last() + 1, Long.MAX_VALUE);
    audit.unexplained.forEach(audit::report);
    audit.excesses.forEach(excess -> audit.findings.add(excess.finding));
    return audit.findings;
  }

  private void read(JournalEntry entry) {
    if (entry instanceof Delivered message) {
      delivered(message);
    } else if (entry instanceof Gap gap) {
      gap(gap);
    } else if (entry instanceof Subscribed answer) {
      subscribed(answer.at());
    } else if (entry instanceof Unconfirmed held) {
      spares.add(new Spare(held.messages(), held.at()));
    } else if (entry instanceof Resumed) {
      takenBack = announced;
      tooLargeInSession = 0;
    } else {
      tooLargeInSession = 0;
      excusedUntilSubscribed = true;
    }
  }

  private void subscribed(long at) {
    owedSince = Math.min(owedSince, at);
    if (excusedUntilSubscribed) {
      excusedUntilSubscribed = false;
      excusedBefore = Math.max(excusedBefore, at);
    }
  }

  private void gap(Gap gap) {
    if (gap.reason().equals(TOO_LARGE)) {
      tooLarge(gap);
      return;
    }
    if (gap.lost().isPresent()) {
      announced += gap.lost().getAsLong();
      announcedAt = gap.at();
      return;
    }
    if (gap.reason().equals(NOT_RECOVERABLE)) {
      againBefore = gap.at();
      lastAgain = 0;
    }
    excusedBefore = Math.max(excusedBefore, gap.at());
    unexplained.stream()
        .filter(hole -> hole.isSoonBefore(gap.at()))
        .forEach(hole -> spares.add(new Spare(hole.open, hole.at)));
    unexplained.removeIf(hole -> hole.isSoonBefore(gap.at()));
  }

  private void tooLarge(Gap gap) {
    long lost = gap.lost().orElse(0);
    announcedAt = gap.at();
    announcedTooLarge += lost;
    tooLargeInSession += lost;
    if (lost == 0 || tooLargeInSession > published.tooLarge(published.last())) {
      findings.add(
          new Finding(
              Finding.Kind.ANNOUNCED_TOO_MANY,
              topic,
              gap.at(),
              previous,
              "no message explains %s after #%d".formatted(gap, previous)));
    }
  }

  private void delivered(Delivered message) {
    int number = message.number();
    if (number < 1 || number > published.last()) {
      find(Finding.Kind.NEVER_PUBLISHED, message, "#%d was never published".formatted(number));
      return;
    }
    if (comesAgain(number)) {
      lastAgain = number;
    } else if (seen.get(number)) {
      find(Finding.Kind.TWICE, message, "#%d was delivered again".formatted(number));
    } else if (number < previous) {
      find(
          Finding.Kind.OUT_OF_ORDER,
          message,
          "#%d was delivered after #%d".formatted(number, previous));
    } else {
      endHole(number, message.at());
      previous = number;
      againBefore = Long.MIN_VALUE;
    }
    seen.set(number);
  }

  private boolean comesAgain(int number) {
    return number <= previous && number > lastAgain && mayComeAgain(number);
  }

  private boolean mayComeAgain(int number) {
    long startedAt = published.startedAt(number);
    return startedAt < againBefore && againBefore - startedAt <= lag(startedAt);
  }

  private long lag(long startedAt) {
    return outages.anyPause(startedAt, againBefore) ? LAG + PAUSE : LAG;
  }

  private void endHole(int next, long at) {
    List<Integer> owed = new ArrayList<>();
    int spare = 0;
    int expired = 0;
    for (int number = previous + 1; number < next; number++) {
      if (isOwed(number)) {
        owed.add(number);
      } else {
        spare++;
        expired += expires(number) ? 1 : 0;
      }
    }
    explainEarlierCounts(expired, at);
    int large = (int) owed.stream().filter(this::isTooLarge).count();
    int explainedLarge = (int) Math.min(announcedTooLarge, large);
    explainLargeSoonBefore(announcedTooLarge - explainedLarge);
    int left = owed.size() - explainedLarge;
    int explained = (int) Math.min(announced, left);
    long atMost = announced - explained;
    long atLeast = atMost - spare - spareSoonBefore() - takenBack - expiredAgain();
    if (spare > 0) {
      spares.add(new Spare(spare, at));
    }
    for (Hole hole : unexplained) {
      if (atMost > 0 && hole.isSoonBefore(announcedAt)) {
        long taken = Math.min(atMost, hole.open);
        hole.open -= (int) taken;
        hole.large = Math.min(hole.large, hole.open);
        atMost -= taken;
        atLeast -= taken + hole.spare;
      }
    }
    unexplained.removeIf(hole -> hole.open == 0);
    if (atLeast > 0) {
      excesses.add(
          new Excess(
              atLeast,
              announcedAt,
              new Finding(
                  Finding.Kind.ANNOUNCED_TOO_MANY,
                  topic,
                  at,
                  previous,
                  "%d lost messages were announced after #%d, and %d of them are too many"
                      .formatted(announced, previous, atLeast))));
    }
    if (left > explained) {
      int open = left - explained;
      unexplained.add(new Hole(owed, open, Math.min(open, large - explainedLarge), spare, at));
    }
    announced = 0;
    announcedTooLarge = 0;
    takenBack = 0;
    excusedBefore = Long.MIN_VALUE;
  }

  private boolean expires(int number) {
    return published.strangeness(number) == Strangeness.EXPIRES;
  }

  private void explainEarlierCounts(int expired, long at) {
    long rest = expired;
    for (Excess excess : excesses) {
      if (at - excess.at <= SOON) {
        long explained = Math.min(rest, excess.left);
        excess.left -= explained;
        rest -= explained;
      }
    }
    excesses.removeIf(excess -> excess.left == 0);
  }

  /** Returns how many expired messages are among those that may come again. */
  private int expiredAgain() {
    int count = 0;
    for (int number = previous; number > 0 && mayComeAgain(number); number--) {
      count += expires(number) ? 1 : 0;
    }
    return count;
  }

  private void explainLargeSoonBefore(long most) {
    long rest = most;
    for (Hole hole : unexplained) {
      if (hole.isSoonBefore(announcedAt)) {
        int taken = (int) Math.min(rest, hole.large);
        hole.large -= taken;
        hole.open -= taken;
        rest -= taken;
      }
    }
    unexplained.removeIf(hole -> hole.open == 0);
  }

  private boolean isTooLarge(int number) {
    return published.strangeness(number) == Strangeness.TOO_LARGE;
  }

  /** What something else has explained already may have been counted later. */
  private long spareSoonBefore() {
    return spares.stream()
        .filter(s -> announcedAt - s.at() <= SOON)
        .mapToLong(Spare::messages)
        .sum();
  }

  private boolean isOwed(int number) {
    long startedAt = published.startedAt(number);
    return published.fate(number) == Publications.Fate.SENT
        && !expires(number)
        && startedAt > owedSince
        && startedAt > excusedBefore
        && !excusedUntilSubscribed;
  }

  private void report(Hole hole) {
    findings.add(
        new Finding(
            Finding.Kind.MISSING,
            topic,
            hole.at,
            hole.owed.get(0),
            "%d of %s did not come before %s, and nothing says so"
                .formatted(
                    hole.open,
                    hole.owed.size() > NUMBERS_SHOWN
                        ? hole.owed.subList(0, NUMBERS_SHOWN) + "…"
                        : hole.owed,
                    RunClock.text(hole.at))));
  }

  private void find(Finding.Kind kind, Delivered message, String text) {
    findings.add(
        new Finding(
            kind,
            topic,
            message.at(),
            message.number(),
            text + " at " + RunClock.text(message.at()) + ", seq " + message.seq()));
  }

  /** Messages of a hole that needed no count to be explained. */
  private record Spare(int messages, long at) {}

  /** More was counted than the hole before has. */
  private static final class Excess {
    private long left;
    private final long at;
    private final Finding finding;

    Excess(long left, long at, Finding finding) {
      this.left = left;
      this.at = at;
      this.finding = finding;
    }
  }

  /** Owed messages that were left out, of which some are not explained yet. */
  private static final class Hole {
    private final List<Integer> owed;
    private final int spare;
    private final long at;
    private int open;

    /** How many of the open ones are too large. */
    private int large;

    private Hole(List<Integer> owed, int open, int large, int spare, long at) {
      this.owed = owed;
      this.open = open;
      this.large = large;
      this.spare = spare;
      this.at = at;
    }

    private boolean isSoonBefore(long later) {
      return later - at <= SOON;
    }
  }
}
