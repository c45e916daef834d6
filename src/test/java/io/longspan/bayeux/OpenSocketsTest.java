package io.longspan.bayeux;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.budget.MemoryBudget;
import io.longspan.budget.Purpose;
import io.longspan.config.ConfigLoader;
import io.longspan.config.LongspanConfig.Limits;
import io.longspan.identity.Identity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class OpenSocketsTest {
  private static final Limits LIMITS =
      ConfigLoader.load(
              Optional.empty(), Map.of("longspan.limits.connectionsPerUser", "2"), Map.of())
          .limits();
  private static final Identity ALICE = new Identity("alice", Set.of());

  private final MemoryBudget memory = new MemoryBudget(1 << 24, 1 << 20);
  private final OpenSockets sockets = new OpenSockets(LIMITS, memory);
  private final List<String> closed = new ArrayList<>();

  private OpenSocket open(Identity user) {
    return sockets
        .open(Optional.ofNullable(user), "192.0.2.1", (code, why) -> closed.add(code + why), 1)
        .orElse(null);
  }

  @Test
  void aMessageThatStaysIncompleteEndsItsConnection() {
    OpenSocket socket = open(ALICE);
    socket.partial().add("[", false, 100, 1_000);
    sockets.sweep(999 + sockets.messageMillis());
    assertThat(closed).isEmpty();
    sockets.sweep(1_000 + sockets.messageMillis());
    sockets.sweep(2_000 + sockets.messageMillis());
    assertThat(closed).containsExactly("1008a message was not received in time");
    assertThat(sockets.ended(SocketEnd.SLOW_MESSAGE)).isEqualTo(1);
    socket.closed();
    assertThat(memory.used(Purpose.INBOUND)).isZero();
    assertThat(sockets.userCount()).isZero();
  }

  @Test
  void aConnectionThatIsIdleBetweenMessagesStays() {
    OpenSocket socket = open(ALICE);
    socket.partial().add("[", false, 100, 1_000);
    socket.partial().add("]", true, 100, 1_001);
    sockets.sweep(Long.MAX_VALUE / 2);
    assertThat(closed).isEmpty();
  }

  @Test
  void aMessageThatIsCompletedDuringTheChecksEndsNothing() throws Exception {
    OpenSocket socket = open(ALICE);
    long now = 2 * sockets.messageMillis();
    Thread checks =
        new Thread(
            () -> {
              while (!Thread.currentThread().isInterrupted()) {
                socket.sweep(now);
              }
            });
    checks.start();
    for (int i = 0; i < 1_000_000; i++) {
      socket.partial().add("[", false, 100, now);
      socket.partial().add("]", true, 100, now);
    }
    checks.interrupt();
    checks.join();
    assertThat(closed).isEmpty();
  }

  @Test
  void aStrangerHasFewSecondsToSignIn() {
    OpenSocket signedIn = open(null);
    open(null);
    assertThat(sockets.strangerCount()).isEqualTo(2);
    assertThat(signedIn.assignTo(ALICE)).isTrue();
    sockets.sweep(1 + OpenSockets.STRANGER_MILLIS);
    assertThat(closed).containsExactly("1008nobody is signed in");
  }

  @Test
  void aUserHasSoManyHoweverTheySignIn() {
    OpenSocket first = open(ALICE);
    OpenSocket second = open(null);
    assertThat(second.maxMessageBytes()).isEqualTo(16 << 10);
    assertThat(second.assignTo(ALICE)).isTrue();
    assertThat(second.maxMessageBytes()).isGreaterThan(256 << 10);
    assertThat(second.account()).isSameAs(memory.user("alice"));
    assertThat(sockets.hasRoomFor(ALICE)).isFalse();
    assertThat(open(ALICE)).isNull();
    assertThat(open(null).assignTo(ALICE)).isFalse();
    assertThat(open(new Identity("bob", Set.of()))).isNotNull();
    first.closed();
    first.closed();
    assertThat(sockets.hasRoomFor(ALICE)).isTrue();
    assertThat(open(ALICE)).isNotNull();
    assertThat(sockets.hasRoomFor(ALICE)).isFalse();
    assertThat(sockets.ended(SocketEnd.USER_LIMIT)).isEqualTo(4);
  }
}
