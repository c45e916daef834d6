package io.longspan.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** To which queues a client sends that may be full, and when; used on its client's strand. */
final class QueueFiller {
  /** What is sent to them. */
  static final String BODY = "x".repeat(8 << 10);

  private static final long PAUSE = RunClock.nanos(Duration.ofMillis(150));
  private static final int MAX_OPEN = 4;

  private final List<String> queues = new ArrayList<>();
  private long nextAt;
  private int turn;

  void add(String queue) {
    queues.add(queue);
  }

  void remove(String queue) {
    queues.remove(queue);
  }

  /**
   * Returns the queue to which a message is due.
   *
   * @param open how many wait for their receipts
   */
  Optional<String> next(long now, int open) {
    if (queues.isEmpty() || now < nextAt || open >= MAX_OPEN * queues.size()) {
      return Optional.empty();
    }
    nextAt = now + PAUSE;
    return Optional.of(queues.get(++turn % queues.size()));
  }
}
