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
    private HeldReplies.Hold holding;

    Connection(String name) {
      this.name = name;
    }

    Connection hold() {
      holding = replies.begin(this);
      replies.add(holding);
      return this;
    }

    @Override
    public boolean isHolding(HeldReplies.Hold hold) {
      return holding == hold;
    }

    @Override
    public void writeHeld() {
      holding = null;
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
    new Connection("a").hold();
    advance(3);
    new Connection("b").hold();
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
    Connection early = new Connection("a").hold();
    early.holding = null;
    advance(5);
    assertThat(written).isEmpty();
  }

  @Test
  void whatIsHeldAgainIsNotWrittenEarly() {
    Connection again = new Connection("a").hold();
    advance(4);
    again.hold();
    advance(1);
    assertThat(written).isEmpty();
    advance(4);
    assertThat(written).containsExactly("a");
  }
}
