package io.longspan.local.broker;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Counts what happens to local services and topics. May be used on any thread. */
public final class LocalCounts {
  private final Map<LocalOutcome, LongAdder> calls = new EnumMap<>(LocalOutcome.class);
  private final LongAdder lateAnswers = new LongAdder();
  private final LongAdder refusedPublications = new LongAdder();

  LocalCounts() {
    for (LocalOutcome outcome : LocalOutcome.values()) {
      calls.put(outcome, new LongAdder());
    }
  }

  void ended(LocalOutcome outcome) {
    calls.get(outcome).increment();
  }

  void lateAnswer() {
    lateAnswers.increment();
  }

  void refusedPublication() {
    refusedPublications.increment();
  }

  /** Returns how many calls ended in one way. */
  public long calls(LocalOutcome outcome) {
    return calls.get(outcome).sum();
  }

  /** Returns how many answers and parts were discarded, because their call had ended. */
  public long lateAnswers() {
    return lateAnswers.sum();
  }

  /** Returns how many messages to local topics were refused, because too many waited. */
  public long refusedPublications() {
    return refusedPublications.sum();
  }
}
