package io.longspan.bridge;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;

/** A scheduler and a clock that go forward when the test says so. */
final class ManualScheduler implements Scheduler, Ticker {
  private record Task(Runnable run, long at, long number) {}

  private final Queue<Task> tasks =
      new PriorityQueue<>(Comparator.comparingLong(Task::at).thenComparingLong(Task::number));
  private long now;
  private long number;

  @Override
  public void schedule(Runnable task, long delayMillis) {
    tasks.add(new Task(task, now + delayMillis, number++));
  }

  @Override
  public long millis() {
    return now;
  }

  /** Returns how many milliseconds have passed. */
  long now() {
    return now;
  }

  /** Runs what is due in so many milliseconds, and what that schedules, in order. */
  void elapse(long millis) {
    long end = now + millis;
    while (!tasks.isEmpty() && tasks.peek().at() <= end) {
      Task next = tasks.remove();
      now = next.at();
      next.run().run();
    }
    now = end;
  }
}
