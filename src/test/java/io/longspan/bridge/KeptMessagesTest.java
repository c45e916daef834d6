package io.longspan.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.budget.MemoryBudget;
import io.longspan.catalogue.TopicPolicy.Keep;
import io.longspan.protocol.ControlCommand.History;
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

  private static List<String> last(KeptMessages kept, int count, long now, long heldSince) {
    return kept.last(count, now, heldSince).stream().map(Payload::members).toList();
  }

  @Test
  void theLastMessagesAreThoseThatTheClientMaySee() {
    KeptMessages kept = kept(3, 1000, "PT1M");
    fill(kept, 1, 5);
    assertThat(last(kept, 2, 5, -1)).containsExactly("\"n\":4", "\"n\":5");
    assertThat(last(kept, 9, 5, -1)).hasSize(3);
    assertThat(last(kept, 9, 5, 4)).containsExactly("\"n\":5");
    assertThat(last(kept, 9, 5, Long.MAX_VALUE)).isEmpty();
    assertThat(last(kept, 0, 5, -1)).isEmpty();
    kept.add("ID:6", payload(6).onlyWhile(() -> false), 6);
    assertThat(last(kept, 1, 6, -1)).containsExactly("\"n\":5");
    assertThat(last(kept, 9, 61_000, -1)).isEmpty();
  }

  @Test
  void newSubscribersShareOneMarkedPayload() {
    KeptMessages kept = kept(3, 1000, "PT1M");
    fill(kept, 1, 1);
    Payload given = kept.last(1, 1, -1).get(0);
    assertThat(given.isKept()).isTrue();
    assertThat(kept.last(1, 1, -1).get(0)).isSameAs(given);
    assertThat(kept.after("ID:0", 1, -1)).isEmpty();
  }

  private static History asked(int limit, String before, String after) {
    return new History("h", "a", limit, Optional.ofNullable(before), Optional.ofNullable(after));
  }

  private static String page(KeptMessages kept, History asked, long maxBytes, long heldSince) {
    return kept.page(asked, maxBytes, 9, heldSince)
        .map(p -> p.messages().stream().map(Payload::members).toList() + " " + p.complete())
        .orElse("unknown");
  }

  @Test
  void aPageIsBoundedByNumberAndBytesAndSaysWhatIsLeft() {
    KeptMessages kept = kept(4, 1000, "PT1M");
    fill(kept, 1, 6);
    assertThat(page(kept, asked(9, null, null), 999, -1))
        .isEqualTo("[\"n\":3, \"n\":4, \"n\":5, \"n\":6] true");
    assertThat(page(kept, asked(2, null, null), 999, -1)).isEqualTo("[\"n\":5, \"n\":6] false");
    assertThat(page(kept, asked(9, null, null), 1, -1)).isEqualTo("[\"n\":6] false");
    assertThat(page(kept, asked(9, "ID:5", null), 999, -1)).isEqualTo("[\"n\":3, \"n\":4] true");
    assertThat(page(kept, asked(1, "ID:5", null), 999, -1)).isEqualTo("[\"n\":4] false");
    assertThat(page(kept, asked(1, null, "ID:4"), 999, -1)).isEqualTo("[\"n\":5] false");
    assertThat(page(kept, asked(9, null, "ID:2"), 999, -1)).contains("\"n\":3").endsWith("true");
    assertThat(page(kept, asked(9, null, "ID:6"), 999, -1)).isEqualTo("[] true");
    assertThat(page(kept, asked(9, "ID:2", null), 999, -1)).isEqualTo("unknown");
    assertThat(page(kept, asked(9, null, "ID:1"), 999, -1)).isEqualTo("unknown");
    assertThat(page(kept, asked(9, null, null), 999, 5)).isEqualTo("[\"n\":6] true");
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
