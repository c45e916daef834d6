package io.longspan.bayeux;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.bayeux.InboundFrames.Outcome;
import io.longspan.budget.MemoryBudget;
import io.longspan.budget.Purpose;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

final class InboundFramesTest {
  private static final String LARGE = "x".repeat(10_000);

  private final MemoryBudget memory = new MemoryBudget(1 << 20, 50_000);
  private final InboundFrames frames = connection();
  private final List<String> handled = new ArrayList<>();
  private final Deque<Runnable> unfinished = new ArrayDeque<>();

  private InboundFrames connection() {
    return new InboundFrames(1_000_000, Runnable::run, () -> memory.user("alice"));
  }

  private Outcome add(InboundFrames connection, String text) {
    return connection.add(
        text,
        (next, done) -> {
          handled.add(next);
          unfinished.add(done);
        });
  }

  private long charged() {
    return memory.used(Purpose.INBOUND);
  }

  @Test
  void whatWaitsIsHandledInOrderAndChargedUntilThen() {
    add(frames, "1");
    assertThat(charged()).isZero();
    add(frames, "2");
    add(frames, "3");
    assertThat(handled).containsExactly("1");
    assertThat(charged()).isPositive();
    while (!unfinished.isEmpty()) {
      unfinished.remove().run();
    }
    assertThat(handled).containsExactly("1", "2", "3");
    assertThat(charged()).isZero();
  }

  @Test
  void aLargeMessageIsChargedWhileItIsHandled() {
    add(frames, LARGE);
    assertThat(charged()).isGreaterThan(LARGE.length());
    unfinished.remove().run();
    assertThat(charged()).isZero();
  }

  @Test
  void theConnectionsOfAUserShareOneBound() {
    assertThat(add(frames, LARGE)).isEqualTo(Outcome.ADDED);
    assertThat(add(frames, LARGE)).isEqualTo(Outcome.ADDED);
    InboundFrames second = connection();
    assertThat(add(second, LARGE)).isEqualTo(Outcome.NO_MEMORY);
    assertThat(add(second, "small")).isEqualTo(Outcome.ADDED);
    frames.close();
    assertThat(add(second, LARGE)).isEqualTo(Outcome.ADDED);
  }

  @Test
  void aConnectionHasABoundOfItsOwn() {
    InboundFrames narrow = new InboundFrames(10, Runnable::run, () -> memory.user("alice"));
    add(narrow, "1");
    assertThat(add(narrow, "x".repeat(10))).isEqualTo(Outcome.ADDED);
    assertThat(add(narrow, "x")).isEqualTo(Outcome.FULL);
  }

  @Test
  void theCloseFreesWhatWaitsAndWhatIsHandled() {
    add(frames, LARGE);
    add(frames, "waits");
    frames.close();
    assertThat(charged()).isZero();
    unfinished.remove().run();
    assertThat(handled).containsExactly(LARGE);
    add(frames, LARGE);
    assertThat(charged()).isZero();
  }
}
