package io.longspan.bayeux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.longspan.budget.MemoryBudget;
import io.longspan.config.ConfigLoader;
import io.longspan.config.LongspanConfig;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class BridgeBayeuxServerTest {
  private static final LongspanConfig CONFIG =
      ConfigLoader.load(Optional.empty(), Map.of(), Map.of());
  private static final MemoryBudget MEMORY = new MemoryBudget(1 << 30, 1 << 28);

  private final BridgeBayeuxServer server = BayeuxServers.of(CONFIG, MEMORY);

  @Test
  void runsTasksWhileItRuns() throws Exception {
    server.start();
    try {
      CompletableFuture<Void> executed = new CompletableFuture<>();
      CompletableFuture<Void> scheduled = new CompletableFuture<>();
      server.execute(() -> executed.complete(null));
      server.schedule(() -> scheduled.complete(null), 1);
      CompletableFuture.allOf(executed, scheduled).get(10, TimeUnit.SECONDS);
    } finally {
      server.stop();
    }
  }

  /** A receipt may come while the server stops; then nothing must throw on the broker's thread. */
  @Test
  void discardsTasksWhenItHasStopped() throws Exception {
    server.start();
    server.stop();
    assertThatCode(() -> server.execute(() -> {})).doesNotThrowAnyException();
    assertThatCode(() -> server.writers().execute(() -> {})).doesNotThrowAnyException();
    assertThat(server.schedule(() -> {}, 1).cancel()).isFalse();
  }
}
