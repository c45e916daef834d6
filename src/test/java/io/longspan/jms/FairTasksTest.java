package io.longspan.jms;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

final class FairTasksTest {
  private final Queue<Runnable> thread = new ArrayDeque<>();
  private final List<String> done = new ArrayList<>();
  private final FairTasks tasks = new FairTasks(thread::add);

  private FairTasks.Task submit(String user, String name) {
    return tasks.submit(user, () -> done.add(name));
  }

  private void run(int count) {
    for (int i = 0; i < count; i++) {
      thread.remove().run();
    }
  }

  @Test
  void aUserWithThousandsDelaysAnotherByOneTask() {
    for (int i = 0; i < 1000; i++) {
      submit("mallory", "m" + i);
    }
    submit("bob", "b0");
    submit("bob", "b1");
    run(5);
    assertThat(done).containsExactly("m0", "b0", "m1", "b1", "m2");
  }

  @Test
  void aTaskThatIsCancelledCostsNoTurn() {
    List<FairTasks.Task> cancelled = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      cancelled.add(submit("mallory", "m" + i));
    }
    FairTasks.Task last = submit("mallory", "last");
    cancelled.forEach(task -> assertThat(task.cancel()).isTrue());
    run(1);
    assertThat(done).containsExactly("last");
    assertThat(last.cancel()).isFalse();
  }

  @Test
  void aTaskThatTwoUsersWaitForRunsOnceInTheEarlierTurn() {
    for (int i = 0; i < 10; i++) {
      submit("mallory", "m" + i);
    }
    FairTasks.Task shared = submit("mallory", "shared");
    shared.alsoFor("bob");
    run(2);
    assertThat(done).containsExactly("m0", "shared");
    run(thread.size());
    assertThat(done).containsOnlyOnce("shared").hasSize(11);
  }
}
