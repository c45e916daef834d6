package io.longspan.bridge;

import io.longspan.protocol.DestinationName;
import io.longspan.protocol.Payload;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * The right to an answer that holds messages of a topic. If rights change while the answer waits,
 * the answer is discarded, and the question is decided again.
 */
final class HistoryRight implements MessageRight {
  private final DestinationName topic;
  private final BooleanSupplier current;
  private final Runnable whenOutdated;
  private final AtomicBoolean outdated = new AtomicBoolean();

  /**
   * Creates a right.
   *
   * @param current returns whether no change of rights affects the answer; must be cheap and must
   *     not block
   * @param whenOutdated called once when the answer is discarded, under the lock of the outbox;
   *     must hand the work to another thread
   */
  HistoryRight(DestinationName topic, BooleanSupplier current, Runnable whenOutdated) {
    this.topic = topic;
    this.current = current;
    this.whenOutdated = whenOutdated;
  }

  @Override
  public Passage passage(Payload payload) {
    if (!outdated.get() && current.getAsBoolean()) {
      return Passage.DELIVER;
    }
    if (outdated.compareAndSet(false, true)) {
      whenOutdated.run();
    }
    return Passage.DISCARD;
  }

  @Override
  public DestinationName topic() {
    return topic;
  }
}
