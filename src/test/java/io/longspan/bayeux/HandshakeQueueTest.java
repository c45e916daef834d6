package io.longspan.bayeux;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.budget.Account;
import io.longspan.budget.MemoryBudget;
import io.longspan.budget.Purpose;
import io.longspan.config.ConfigLoader;
import io.longspan.config.LongspanConfig.Limits;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class HandshakeQueueTest {
  private static final Limits LIMITS =
      ConfigLoader.load(
              Optional.empty(),
              Map.of(
                  "longspan.limits.handshakesAtOnce", "4",
                  "longspan.limits.handshakesWaiting", "6"),
              Map.of())
          .limits();

  private final MemoryBudget memory = new MemoryBudget(1 << 24, 1 << 20);
  private final HandshakeQueue queue = new HandshakeQueue(LIMITS, memory, () -> this.now, () -> 0);
  private final List<String> admitted = new ArrayList<>();
  private final Map<String, HandshakeQueue.Place> places = new HashMap<>();
  private final Map<String, Long> postponed = new HashMap<>();
  private final List<String> gone = new ArrayList<>();
  private long now = 1_000;

  private final class Client implements HandshakeQueue.Handshake {
    private final String name;

    Client(String name) {
      this.name = name;
    }

    @Override
    public void admitted(HandshakeQueue.Place place) {
      admitted.add(name);
      places.put(name, place);
    }

    @Override
    public void postpone(long interval) {
      postponed.put(name, interval);
    }

    @Override
    public boolean isAbandoned() {
      return gone.contains(name);
    }
  }

  private void add(String user, String name) {
    Client client = new Client(name);
    queue.add(user, client).ifPresent(client::admitted);
  }

  private void addAll(String... users) {
    for (String user : users) {
      add(user, user);
    }
  }

  @Test
  void asManyConnectAsHavePlacesAndTheOthersFollowInTheirOrder() {
    addAll("a", "b", "c", "d", "e", "f");
    assertThat(admitted).containsExactly("a", "b", "c", "d");
    assertThat(queue.inProgress()).isEqualTo(4);
    assertThat(queue.waiting()).isEqualTo(2);
    places.get("b").release();
    places.get("b").release();
    assertThat(admitted).containsExactly("a", "b", "c", "d", "e");
    places.get("a").release();
    places.get("c").release();
    assertThat(admitted).endsWith("e", "f");
    assertThat(queue.inProgress()).isEqualTo(3);
    assertThat(postponed).isEmpty();
    assertThat(memory.used(Purpose.INBOUND)).isZero();
  }

  @Test
  void aUserWithManyHandshakesHasHalfOfThePlacesAndDelaysNobody() {
    for (int i = 0; i < 8; i++) {
      add("mallory", "m" + i);
    }
    assertThat(admitted).containsExactly("m0", "m1");
    addAll("alice", "bob");
    assertThat(admitted).containsExactly("m0", "m1", "alice", "bob");
    addAll("carol");
    places.get("m0").release();
    places.get("alice").release();
    assertThat(admitted).containsExactly("m0", "m1", "alice", "bob", "m2", "carol");
  }

  @Test
  void aFullQueuePostponesTheNewestOfTheUserWithMost() {
    addAll("a", "b", "c", "d");
    for (int i = 0; i < 9; i++) {
      add("mallory", "m" + i);
    }
    assertThat(queue.waiting()).isEqualTo(6);
    assertThat(postponed.keySet()).containsExactlyInAnyOrder("m6", "m7", "m8");
    addAll("alice", "bob");
    assertThat(queue.waiting()).isEqualTo(6);
    assertThat(postponed.keySet()).containsExactlyInAnyOrder("m4", "m5", "m6", "m7", "m8");
    assertThat(queue.postponed()).isEqualTo(5);
  }

  @Test
  void clientsThatArePostponedReturnOneAfterAnother() {
    addAll("a", "b", "c", "d", "1", "2", "3", "4", "5", "6");
    addAll("7", "8", "9");
    // 250 a second until the rate is known, after those that wait.
    assertThat(postponed).isEqualTo(Map.of("7", 1_028L, "8", 1_032L, "9", 1_036L));
  }

  @Test
  void aHandshakeDoesNotWaitForLong() {
    addAll("a", "b", "c", "d", "e");
    now += HandshakeQueue.PATIENCE - 1;
    addAll("f");
    queue.sweep(now);
    assertThat(postponed).isEmpty();
    queue.sweep(now + 1);
    assertThat(postponed.keySet()).containsExactly("e");
    places.get("a").release();
    assertThat(admitted).endsWith("d", "f");
    assertThat(memory.used(Purpose.INBOUND)).isZero();
  }

  @Test
  void aClientThatNeverConnectsKeepsItsPlaceForAShortTimeOnly() {
    addAll("a", "b", "c", "d");
    now += HandshakeQueue.OCCUPATION - 1;
    addAll("e");
    queue.sweep(now);
    assertThat(admitted).doesNotContain("e");
    queue.sweep(now + 1);
    assertThat(admitted).endsWith("e");
    places.get("a").release();
    assertThat(queue.inProgress()).isEqualTo(1);
  }

  @Test
  void aClientThatHasGoneTakesNoPlace() {
    addAll("a", "b", "c", "d", "e", "f");
    gone.add("e");
    places.get("a").release();
    assertThat(admitted).containsExactly("a", "b", "c", "d", "f");
    assertThat(queue.waiting()).isZero();
  }

  @Test
  void aUserWithoutMemoryDoesNotWait() {
    addAll("a", "b", "c", "d");
    Account full = memory.user("e");
    full.charge(Purpose.OUTBOX, full.limit());
    addAll("e");
    assertThat(full.used()).isEqualTo(full.limit());
    assertThat(postponed.keySet()).containsExactly("e");
  }
}
