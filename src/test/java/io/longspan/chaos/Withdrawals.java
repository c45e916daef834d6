package io.longspan.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** When the catalogue gave nobody the right to read a topic; for all threads. */
final class Withdrawals {
  /** A client that was away, or read nothing, hears of it later. */
  static final long PATIENCE = RunClock.nanos(Duration.ofSeconds(60));

  private final List<Withdrawal> all = new ArrayList<>();

  /** One of them; its end is guarded by the withdrawals. */
  static final class Withdrawal {
    private final ChaosTopic topic;
    private final long from;
    private long to = Long.MAX_VALUE;

    private Withdrawal(ChaosTopic topic, long from) {
      this.topic = topic;
      this.from = from;
    }
  }

  /** Notes that a right is about to be taken away. */
  synchronized Withdrawal begin(ChaosTopic topic, long at) {
    Withdrawal withdrawal = new Withdrawal(topic, at);
    all.add(withdrawal);
    return withdrawal;
  }

  /** Notes that it is about to be given back. */
  synchronized void end(Withdrawal withdrawal, long at) {
    withdrawal.to = at;
  }

  /**
   * Returns until when nobody had the right whose loss a client was told.
   *
   * @param at when it was told
   * @return empty where nobody has taken the right away
   */
  synchronized Optional<Long> endOf(ChaosTopic topic, long at) {
    return all.stream()
        .filter(w -> w.topic == topic && w.from <= at)
        .filter(w -> w.to == Long.MAX_VALUE || at <= w.to + PATIENCE)
        .map(w -> w.to)
        .max(Long::compare);
  }
}
