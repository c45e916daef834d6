package io.longspan.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class WatchdogTest {
  private final AtomicLong now = new AtomicLong();
  private final Queue<Runnable> waiting = new ArrayDeque<>();

  @Test
  void aPoolIsStuckWhileItRunsNothing() {
    try (Watchdog watchdog =
        new Watchdog(Map.of("pool", waiting::add, "healthy", Runnable::run), now::get)) {
      watchdog.check();
      now.addAndGet(Watchdog.PATIENCE);
      watchdog.check();
      assertThat(watchdog.stuckCount()).isZero();

      now.incrementAndGet();
      watchdog.check();
      assertThat(watchdog.stuckCount()).isEqualTo(1);

      waiting.remove().run();
      watchdog.check();
      assertThat(watchdog.stuckCount()).isZero();
      assertThat(waiting).hasSize(1);
    }
  }
}
