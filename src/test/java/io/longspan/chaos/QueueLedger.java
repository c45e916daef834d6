package io.longspan.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What became of each message of a queue: who had it from when to when, and what the bridge has
 * confirmed; for all threads. {@link #audit} has the rules.
 */
final class QueueLedger {
  /** How a worker ends its possession of a message. */
  enum Settlement {
    ACK,
    RELEASE,
    REJECT
  }

  private enum Outcome {
    /** Nothing was sent. */
    NONE,
    /** It was sent, and its answer is not there or was lost. */
    UNKNOWN,
    CONFIRMED,
    /** The handle was no longer the client's. */
    REFUSED
  }

  /** How long a message may be on its way to a client. */
  private static final long ON_ITS_WAY = RunClock.nanos(Duration.ofSeconds(2));

  /** How long bytes may lie in a link that was frozen. */
  private static final long FROZEN = RunClock.nanos(Duration.ofSeconds(40));

  private final long ackTimeout;
  private final Disturbances disturbances;
  private final RunClock clock;
  private final Outages outages;
  private final Outages freezes;
  private long lastDelivery;

  /** When which worker took the source of the messages over. */
  private final List<Takeover> takeovers = new ArrayList<>();

  private final Map<Integer, Message> messages = new TreeMap<>();
  private final Map<String, Holding> holdings = new HashMap<>();

  /** The possession of a message by one worker under one handle. */
  private static final class Holding {
    final String worker;
    final String bridge;

    /** When the bridge has delivered it, at the earliest. */
    final long sentSince;

    final long from;
    long to = Long.MAX_VALUE;
    long settlingAt = Long.MAX_VALUE;
    Settlement settlement;
    Outcome outcome = Outcome.NONE;
    long confirmedAt = Long.MAX_VALUE;

    Holding(String worker, String bridge, long sentSince, long from) {
      this.worker = worker;
      this.bridge = bridge;
      this.sentSince = sentSince;
      this.from = from;
    }

    boolean is(Settlement wanted, Outcome with) {
      return settlement == wanted && outcome == with;
    }

    @Override
    public String toString() {
      return "%s at %s from %s to %s: %s %s, %s"
          .formatted(
              worker,
              bridge,
              RunClock.text(from),
              RunClock.text(to),
              settlement,
              outcome,
              RunClock.text(confirmedAt));
    }
  }

  private record Takeover(long at, String worker) {}

  private static final class Message {
    boolean sent;
    final List<Holding> holdings = new ArrayList<>();
  }

  /** Creates an empty ledger. */
  QueueLedger(Duration ackTimeout, Disturbances disturbances) {
    this.ackTimeout = RunClock.nanos(ackTimeout);
    this.disturbances = disturbances;
    this.clock = disturbances.clock();
    this.outages = disturbances.outages();
    this.freezes = disturbances.freezes();
  }

  RunClock clock() {
    return clock;
  }

  EventLog events() {
    return disturbances.events();
  }

  /** Returns whether nobody has got a message for a while. */
  synchronized boolean isQuietFor(Duration length) {
    return clock.now() - lastDelivery > RunClock.nanos(length);
  }

  private Message message(int number) {
    return messages.computeIfAbsent(number, n -> new Message());
  }

  /** The broker has confirmed that it has the message. */
  synchronized void sent(int number) {
    message(number).sent = true;
  }

  /**
   * A worker has got a message; again under the same handle after a resume.
   *
   * @param sentSince when the bridge has delivered it at the earliest: it may have waited for a
   *     worker whose connection was lost, and its time-out has begun then
   */
  synchronized void received(
      int number, String handle, String worker, String bridge, long sentSince) {
    lastDelivery = clock.now();
    if (!holdings.containsKey(handle)) {
      Holding holding = new Holding(worker, bridge, sentSince, clock.now());
      holdings.put(handle, holding);
      message(number).holdings.add(holding);
    }
  }

  /** A worker has taken the messages over: the handles of all others are void. */
  synchronized void takenOver(String worker) {
    long now = clock.now();
    takeovers.add(new Takeover(now, worker));
    holdings.values().stream()
        .filter(holding -> !holding.worker.equals(worker))
        .forEach(holding -> holding.to = Math.min(holding.to, now));
  }

  private boolean isTakenOver(Holding holding, long from, long to) {
    return takeovers.stream()
        .anyMatch(each -> each.at >= from && each.at <= to && !each.worker.equals(holding.worker));
  }

  /** A worker sends how it settles. */
  synchronized void settling(String handle, Settlement settlement) {
    Holding holding = holdings.get(handle);
    holding.settlement = settlement;
    holding.outcome = Outcome.UNKNOWN;
    holding.settlingAt = clock.now();
    holding.to = Math.min(holding.to, clock.now());
  }

  /** The bridge has answered. */
  synchronized void settled(String handle, boolean isConfirmed) {
    Holding holding = holdings.get(handle);
    long now = clock.now();
    if (isConfirmed) {
      holding.outcome = Outcome.CONFIRMED;
      holding.confirmedAt = now;
    } else {
      // The bridge says so, too, if it has lost the broker before that has confirmed.
      boolean isUnsure =
          outages.any(holding.bridge, holding.settlingAt - ON_ITS_WAY, now)
              || isTakenOver(holding, holding.settlingAt - ON_ITS_WAY, now);
      holding.outcome = isUnsure ? Outcome.UNKNOWN : Outcome.REFUSED;
    }
  }

  /** A worker has lost its session, which the bridge keeps for a while. */
  synchronized void lost(String handle) {
    Holding holding = holdings.get(handle);
    holding.to = Math.min(holding.to, clock.now() + ON_ITS_WAY);
  }

  /** A worker gives a message up without a word: it ends, or unsubscribes. */
  synchronized void gone(String handle) {
    Holding holding = holdings.get(handle);
    holding.to = Math.min(holding.to, clock.now());
  }

  /** Returns whether each message that was sent has been settled, as far as clients know. */
  synchronized boolean isSettled() {
    return messages.values().stream().allMatch(m -> !m.sent || hasEnd(m));
  }

  private static boolean hasEnd(Message message) {
    return message.holdings.stream()
        .anyMatch(
            h ->
                h.settlement != null
                    && h.settlement != Settlement.RELEASE
                    && (h.outcome == Outcome.CONFIRMED || h.outcome == Outcome.UNKNOWN));
  }

  /** Returns the counts of a run, for people. */
  synchronized String table() {
    Map<String, Integer> counts = new TreeMap<>();
    int deliveries = 0;
    for (Message message : messages.values()) {
      deliveries += message.holdings.size();
      message.holdings.forEach(
          h -> counts.merge("  %s %s".formatted(h.settlement, h.outcome), 1, Integer::sum));
    }
    StringBuilder table =
        new StringBuilder("messages %d, deliveries %d%n".formatted(messages.size(), deliveries));
    counts.forEach((what, count) -> table.append("%-24s %6d%n".formatted(what, count)));
    return table.toString();
  }

  /**
   * Returns what nothing explains:
   *
   * <ul>
   *   <li>a message that was sent and never delivered, or never settled;
   *   <li>one whose acknowledgement was confirmed twice;
   *   <li>one that was delivered after its acknowledgement was confirmed;
   *   <li>one that was given to a worker while another one still had it.
   * </ul>
   *
   * <p>A delivery that was on its way when a bridge lost its broker or another worker took the
   * messages over, or that lay in a frozen link, may come late; its handle is void, so it explains
   * nothing once it was settled successfully.
   *
   * @param deadLetters how often each message was found among the dead letters
   */
  synchronized List<String> audit(Map<Integer, Integer> deadLetters) {
    List<String> findings = new ArrayList<>();
    messages.forEach(
        (number, message) -> {
          List<Holding> all = message.holdings;
          List<Holding> acknowledged =
              all.stream().filter(h -> h.is(Settlement.ACK, Outcome.CONFIRMED)).toList();
          if (message.sent && all.isEmpty()) {
            findings.add(finding("never delivered", number, all));
          } else if (message.sent && !hasEnd(message) && !deadLetters.containsKey(number)) {
            findings.add(finding("never settled", number, all));
          }
          if (all.stream().anyMatch(h -> h.is(Settlement.REJECT, Outcome.CONFIRMED))
              && !deadLetters.containsKey(number)) {
            findings.add(finding("rejected, but no dead letter", number, all));
          }
          if (acknowledged.size() > 1) {
            findings.add(finding("acknowledged twice", number, all));
          }
          for (Holding one : all) {
            for (Holding other : all) {
              if (one != other && isAfterAcknowledgement(one, other)) {
                findings.add(finding("delivered after its acknowledgement", number, all));
              } else if (one != other && isAtTheSameTime(one, other)) {
                findings.add(finding("at two at the same time", number, all));
              }
            }
          }
        });
    return findings;
  }

  /**
   * Returns the deliveries that came although an earlier message was not acknowledged yet. A
   * message whose sending failed may have no place in the order.
   */
  synchronized List<String> auditOrder() {
    List<String> findings = new ArrayList<>();
    long earlier = 0;
    for (Map.Entry<Integer, Message> each : messages.entrySet()) {
      Message message = each.getValue();
      for (Holding holding : message.holdings) {
        if (holding.from < earlier && !isLate(holding)) {
          findings.add(finding("delivered before an earlier one", each.getKey(), message.holdings));
        }
      }
      if (message.sent) {
        earlier = Math.max(earlier, firstAcknowledged(message));
      }
    }
    return findings;
  }

  private static long firstAcknowledged(Message message) {
    return message.holdings.stream()
        .filter(
            h -> h.is(Settlement.ACK, Outcome.CONFIRMED) || h.is(Settlement.ACK, Outcome.UNKNOWN))
        .mapToLong(h -> h.settlingAt)
        .min()
        .orElse(Long.MAX_VALUE);
  }

  private boolean isAfterAcknowledgement(Holding acknowledged, Holding other) {
    return acknowledged.is(Settlement.ACK, Outcome.CONFIRMED)
        && other.from > acknowledged.confirmedAt
        && !isLate(other);
  }

  /** Whether the other one got the message while this one had it. */
  private boolean isAtTheSameTime(Holding one, Holding other) {
    if (other.from < one.from || isLate(other)) {
      return false;
    }
    // What was acknowledged successfully belonged to its client until then.
    if (one.is(Settlement.ACK, Outcome.CONFIRMED)) {
      return other.from < one.settlingAt;
    }
    long until = Math.min(one.to, one.sentSince + ackTimeout - ON_ITS_WAY);
    return other.from < until
        && !outages.any(one.bridge, one.from - ON_ITS_WAY, other.from)
        && !freezes.any(one.bridge, one.from - FROZEN, other.from);
  }

  /** Whether a void handle may have been on its way for long. */
  private boolean isLate(Holding holding) {
    return holding.outcome != Outcome.CONFIRMED
        && (outages.any(holding.bridge, holding.from - ON_ITS_WAY, holding.from)
            || isTakenOver(holding, holding.from - ON_ITS_WAY, holding.from)
            || freezes.any(holding.bridge, holding.from - FROZEN, holding.from));
  }

  private String finding(String what, int number, List<Holding> all) {
    long from = all.isEmpty() ? 0 : all.get(0).from - FROZEN;
    long to = all.isEmpty() ? Long.MAX_VALUE : all.get(all.size() - 1).from + ON_ITS_WAY;
    StringBuilder text = new StringBuilder(what).append(": message ").append(number);
    all.forEach(holding -> text.append("\n  ").append(holding));
    events().between(from, to).forEach(event -> text.append("\n    ").append(event));
    return text.toString();
  }
}
