package io.longspan.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.budget.MemoryBudget;
import io.longspan.catalogue.TopicPolicy.Keep;
import io.longspan.protocol.Payload;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class KeptMessagesTest {
  private static KeptMessages kept(int messages, long bytes, String age) {
    return new KeptMessages(
        new Keep(messages, bytes, Duration.parse(age)),
        new RetainedBytes(new MemoryBudget(1L << 20, 1L << 20)).newCharge());
  }

  private static Payload payload(int number) {
    return Payload.ofObject("{\"n\":" + number + "}");
  }

  private static void fill(KeptMessages kept, int from, int to) {
    for (int i = from; i <= to; i++) {
      kept.add("ID:" + i, payload(i), i);
    }
  }

  private static Optional<List<String>> after(KeptMessages kept, String id, long now) {
    return kept.after(id, now, -1).map(list -> list.stream().map(Payload::members).toList());
  }

  @Test
  void whatFollowedAMessageIsKnownWhileItIsKeptOrWasForgottenLast() {
    KeptMessages kept = kept(3, 1000, "PT1M");
    fill(kept, 1, 5);
    assertThat(after(kept, "ID:4", 5)).contains(List.of("\"n\":5"));
    assertThat(after(kept, "ID:5", 5)).contains(List.of());
    assertThat(after(kept, "ID:2", 5)).contains(List.of("\"n\":3", "\"n\":4", "\"n\":5"));
    assertThat(after(kept, "ID:1", 5)).isEmpty();
    assertThat(after(kept, "ID:unknown", 5)).isEmpty();
    assertThat(after(kept, "", 5)).isEmpty();
  }

  @Test
  void bytesAndAgeAreBoundsToo() {
    KeptMessages few = kept(100, 2 * payload(1).size(), "PT1M");
    fill(few, 1, 5);
    assertThat(after(few, "ID:2", 5)).isEmpty();
    assertThat(after(few, "ID:3", 5)).isPresent();
    KeptMessages young = kept(100, 1000, "PT0.010S");
    fill(young, 1, 5);
    assertThat(after(young, "ID:3", 13)).contains(List.of("\"n\":4", "\"n\":5"));
    assertThat(after(young, "ID:3", 14)).contains(List.of("\"n\":4", "\"n\":5"));
    assertThat(after(young, "ID:3", 15)).isEmpty();
  }

  @Test
  void afterAnOutageNothingIsKnown() {
    KeptMessages kept = kept(3, 1000, "PT1M");
    fill(kept, 1, 5);
    kept.clear();
    assertThat(after(kept, "ID:5", 5)).isEmpty();
    assertThat(after(kept, "ID:2", 5)).isEmpty();
  }

  @Test
  void aMessageWithoutAnIdIsKeptInItsPlace() {
    KeptMessages kept = kept(10, 1000, "PT1M");
    fill(kept, 1, 1);
    kept.add("", payload(2), 2);
    fill(kept, 3, 3);
    assertThat(after(kept, "ID:1", 3)).contains(List.of("\"n\":2", "\"n\":3"));
  }
}
