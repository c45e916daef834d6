package io.longspan.chaos;

import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** What publisher and service are to send beside what they send by themselves; for all threads. */
final class StrangeOrders {
  /** A message to publish. */
  record Publication(ChaosTopic topic, Strangeness strangeness) {}

  private final Queue<Publication> publications = new ConcurrentLinkedQueue<>();
  private final Queue<Strangeness> answers = new ConcurrentLinkedQueue<>();

  /** Orders a message on a topic. */
  void publish(ChaosTopic topic, Strangeness strangeness) {
    publications.add(new Publication(topic, strangeness));
  }

  /** Orders that the answer to one request be strange. */
  void answer(Strangeness strangeness) {
    answers.add(strangeness);
  }

  Optional<Publication> nextPublication() {
    return Optional.ofNullable(publications.poll());
  }

  Strangeness nextAnswer() {
    Strangeness next = answers.poll();
    return next == null ? Strangeness.NONE : next;
  }
}
