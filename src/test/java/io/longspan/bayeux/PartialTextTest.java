package io.longspan.bayeux;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.bayeux.PartialText.Outcome;
import io.longspan.budget.Account;
import io.longspan.budget.MemoryBudget;
import io.longspan.budget.Purpose;
import org.junit.jupiter.api.Test;

final class PartialTextTest {
  private static final int MAX = 1000;

  private final MemoryBudget memory = new MemoryBudget(1 << 20, 1 << 16);
  private Account owner = memory.user("alice");
  private final PartialText text = new PartialText(() -> owner);

  private Outcome add(String piece, boolean last) {
    return text.add(piece, last, MAX, 1);
  }

  private long charged() {
    return memory.used(Purpose.INBOUND);
  }

  @Test
  void piecesAreJoinedAndTheirChargeIsReleased() {
    assertThat(add("a", false)).isEqualTo(Outcome.INCOMPLETE);
    assertThat(add("\ud83d\ude00".repeat(200), false)).isEqualTo(Outcome.INCOMPLETE);
    assertThat(charged()).isGreaterThan(800);
    assertThat(add("", false)).isEqualTo(Outcome.INCOMPLETE);
    assertThat(text.isOlderThan(4, 5)).isTrue();
    assertThat(text.isOlderThan(5, 5)).isFalse();
    assertThat(add("z", true)).isEqualTo(Outcome.COMPLETE);
    assertThat(text.take()).isEqualTo("a" + "\ud83d\ude00".repeat(200) + "z");
    assertThat(charged()).isZero();
    assertThat(text.isOlderThan(0, 5)).isFalse();
  }

  @Test
  void aMessageInOnePieceIsNeverCharged() {
    assertThat(add("whole", true)).isEqualTo(Outcome.COMPLETE);
    assertThat(text.take()).isEqualTo("whole");
    assertThat(charged()).isZero();
  }

  @Test
  void theLimitCountsBytesOfUtf8() {
    assertThat(add("x".repeat(MAX), true)).isEqualTo(Outcome.COMPLETE);
    assertThat(add("x".repeat(MAX + 1), true)).isEqualTo(Outcome.TOO_LARGE);
    assertThat(add("\u00fc".repeat(MAX / 2), true)).isEqualTo(Outcome.COMPLETE);
    assertThat(add("\u00fc".repeat(MAX / 2 + 1), true)).isEqualTo(Outcome.TOO_LARGE);
    assertThat(add("\u20ac".repeat(MAX / 3), true)).isEqualTo(Outcome.COMPLETE);
    assertThat(add("\u20ac".repeat(MAX / 3 + 1), true)).isEqualTo(Outcome.TOO_LARGE);
    assertThat(add("\ud83d\ude00".repeat(MAX / 4), true)).isEqualTo(Outcome.COMPLETE);
    assertThat(add("\ud83d\ude00".repeat(MAX / 4 + 1), true)).isEqualTo(Outcome.TOO_LARGE);
    assertThat(add("\u20ac".repeat(MAX / 3), false)).isEqualTo(Outcome.INCOMPLETE);
    assertThat(add("\u20ac", false)).isEqualTo(Outcome.TOO_LARGE);
  }

  @Test
  void aPieceIsChargedBeforeItIsKept() {
    MemoryBudget small = new MemoryBudget(1 << 20, 9000);
    PartialText limited = new PartialText(() -> small.user("alice"));
    assertThat(limited.add("x".repeat(300), false, 100_000, 1)).isEqualTo(Outcome.INCOMPLETE);
    assertThat(limited.add("x".repeat(300), false, 100_000, 1)).isEqualTo(Outcome.NO_MEMORY);
    limited.close();
    assertThat(small.used(Purpose.INBOUND)).isZero();
  }

  @Test
  void aConnectionThatGetsItsUserTakesItsChargeAlong() {
    owner = memory.stranger("192.0.2.1");
    add("x", false);
    Account stranger = owner;
    assertThat(stranger.used()).isPositive();
    owner = memory.user("alice");
    add("y", false);
    assertThat(stranger.used()).isZero();
    assertThat(owner.used()).isEqualTo(charged()).isPositive();
  }

  @Test
  void nothingIsKeptAfterTheClose() {
    add("x", false);
    text.close();
    assertThat(charged()).isZero();
    add("y", false);
    text.close();
    assertThat(charged()).isZero();
  }
}
