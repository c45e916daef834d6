package io.longspan.bayeux;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

final class HeldRepliesTest {
  private record Timer(Runnable task, long at) {}

  private final Deque<Timer> timers = new ArrayDeque<>();
  private long now = 1000;
  private final HeldReplies replies =
      new HeldReplies(
          5, () -> now, (task, millis) -> timers.add(new Timer(task, now + millis)), Runnable::run);
  private final List<String> written = new ArrayList<>();

  private final class Connection implements HeldReplies.Holder {
    private final String name;
    private boolean holding = true;

    Connection(String name) {
      this.name = name;
    }

    @Override
    public boolean isHolding() {
      return holding;
    }

    @Override
    public void writeHeld() {
      holding = false;
      written.add(name);
    }
  }

  private void advance(long millis) {
    now += millis;
    while (!timers.isEmpty() && timers.peek().at() <= now) {
      timers.poll().task().run();
    }
  }

  @Test
  void eachConnectionWritesAfterTheDelayAndOneTimerServesAll() {
    replies.add(new Connection("a"));
    advance(3);
    replies.add(new Connection("b"));
    assertThat(timers).hasSize(1);
    advance(2);
    assertThat(written).containsExactly("a");
    assertThat(timers).hasSize(1);
    advance(3);
    assertThat(written).containsExactly("a", "b");
    assertThat(timers).as("no timer without held replies").isEmpty();
  }

  @Test
  void aConnectionThatHasWrittenMeanwhileIsLeftAlone() {
    Connection early = new Connection("a");
    replies.add(early);
    early.holding = false;
    advance(5);
    assertThat(written).isEmpty();
  }
}
