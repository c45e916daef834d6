package io.longspan.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.protocol.Payload;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

final class TakenMessagesProperties {
  private static final int ADD = 4;

  /** Whatever is done, it holds what a deque of messages would hold. */
  @Property
  void itIsADeque(@ForAll @Size(max = 200) List<@IntRange(max = 7) Integer> steps) {
    TakenMessages taken = new TakenMessages();
    Deque<Outgoing> expected = new ArrayDeque<>();
    long number = 0;
    for (int step : steps) {
      if (step <= ADD) {
        number += 1 + step;
        Outgoing message =
            new Outgoing(number, Payload.ofObject("{\"body\":" + number + "}"), null);
        taken.add(message);
        expected.add(message);
      } else if (!expected.isEmpty() && step == ADD + 1) {
        taken.removeFirst();
        expected.removeFirst();
      } else if (!expected.isEmpty()) {
        Outgoing last = expected.removeLast();
        assertThat(taken.removeLast()).usingRecursiveComparison().isEqualTo(last);
      }
      assertThat(taken.isEmpty()).isEqualTo(expected.isEmpty());
      assertThat(taken.size()).isEqualTo(expected.size());
      assertThat(taken.bytes()).isEqualTo(expected.stream().mapToLong(Outgoing::size).sum());
      if (!expected.isEmpty()) {
        assertThat(taken.firstNumber()).isEqualTo(expected.getFirst().seq());
        assertThat(taken.lastNumber()).isEqualTo(expected.getLast().seq());
      }
    }
  }
}
