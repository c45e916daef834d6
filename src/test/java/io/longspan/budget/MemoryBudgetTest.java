package io.longspan.budget;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MemoryBudgetTest {
  private final MemoryBudget budget = new MemoryBudget(1600, 400);

  @Test
  void aUserIsRefusedWhatExceedsItsOwnLimitAndOthersAreNot() {
    Account alice = budget.user("alice");
    assertThat(alice.tryCharge(Purpose.SENDS, 400)).isTrue();
    assertThat(alice.tryCharge(Purpose.SENDS, 1)).isFalse();
    assertThat(budget.user("bob").tryCharge(Purpose.SENDS, 400)).isTrue();
    assertThat(budget.process().used()).isEqualTo(800);
    assertThat(budget.used(Purpose.SENDS)).isEqualTo(800);
    assertThat(budget.refused(Purpose.SENDS)).isEqualTo(1);
  }

  @Test
  void whoHoldsLittleMayUseTheReserveOfTheProcessAndMemoryIsShedThen() {
    List<String> over = new ArrayList<>();
    budget.whenOver(account -> over.add(account.holder()));
    List<Account> held = new ArrayList<>();
    for (String user : List.of("a", "b", "c")) {
      Account account = budget.user(user);
      assertThat(account.tryCharge(Purpose.OUTBOX, 400)).isTrue();
      held.add(account);
    }
    Account greedy = budget.user("d");
    assertThat(greedy.tryCharge(Purpose.OUTBOX, 390)).isTrue();
    assertThat(greedy.tryCharge(Purpose.OUTBOX, 10)).isTrue();
    assertThat(over).isEmpty();
    held.get(0).release(Purpose.OUTBOX, 200);
    assertThat(budget.user("e").tryCharge(Purpose.OUTBOX, 200)).isTrue();
    assertThat(held.get(0).tryCharge(Purpose.OUTBOX, 1)).isFalse();
    assertThat(held.get(0).used()).isEqualTo(200);
    assertThat(over).containsExactly("the process");
    for (String user : List.of("f", "g")) {
      Account small = budget.user(user);
      assertThat(small.tryCharge(Purpose.OUTBOX, 100)).isTrue();
      held.add(small);
    }
    assertThat(over).hasSize(3);
    assertThat(budget.user("h").tryCharge(Purpose.OUTBOX, 1)).isFalse();
  }

  @Test
  void strangersHaveABudgetOfTheirOwnAndAnAddressAPartOfIt() {
    Account one = budget.stranger("192.0.2.1");
    assertThat(one.limit()).isEqualTo(25);
    assertThat(one.tryCharge(Purpose.INBOUND, 25)).isTrue();
    assertThat(one.tryCharge(Purpose.INBOUND, 1)).isFalse();
    List<Account> others = new ArrayList<>();
    for (int i = 2; i < 5; i++) {
      Account other = budget.stranger("192.0.2." + i);
      others.add(other);
      assertThat(other.tryCharge(Purpose.INBOUND, 25)).isTrue();
    }
    assertThat(budget.stranger("192.0.2.9").tryCharge(Purpose.INBOUND, 1)).isFalse();
    assertThat(budget.process().used()).isZero();
    assertThat(budget.user("alice").tryCharge(Purpose.INBOUND, 400)).isTrue();
    assertThat(others).allMatch(account -> account.used() == 25);
  }

  @Test
  void aChargeThatCannotBeRefusedAsksForMemoryToBeShed() {
    List<String> over = new ArrayList<>();
    budget.whenOver(account -> over.add(account.holder()));
    Account alice = budget.user("alice");
    alice.charge(Purpose.OUTBOX, 400);
    assertThat(over).isEmpty();
    alice.charge(Purpose.OUTBOX, 1);
    assertThat(over).containsExactly("alice");
    assertThat(alice.isOver()).isTrue();
    alice.charge(Purpose.OUTBOX, 1200);
    assertThat(over).containsExactly("alice", "alice", "the process");
  }

  @Test
  void aShareOfWhatSeveralHoldCountsForTheHolderOnly() {
    Account alice = budget.user("alice");
    alice.chargeHere(100);
    assertThat(alice.used()).isEqualTo(100);
    assertThat(budget.process().used()).isZero();
    alice.releaseHere(100);
    assertThat(alice.used()).isZero();
  }

  @Test
  void anAccountIsTheSameAsLongAsSomebodyHoldsIt() {
    Account alice = budget.user("alice");
    alice.charge(Purpose.OUTBOX, 10);
    System.gc();
    assertThat(budget.user("alice")).isSameAs(alice);
    assertThat(budget.users()).containsExactly(alice);
    alice.release(Purpose.OUTBOX, 10);
    assertThat(budget.users()).isEmpty();
  }
}
