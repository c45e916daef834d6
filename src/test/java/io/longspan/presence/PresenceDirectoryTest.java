package io.longspan.presence;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bridges that hear each other, lose messages, and die. */
final class PresenceDirectoryTest {
  private static final PresenceTopic ROOM = new PresenceTopic("chat/a", "chat.a");
  private static final long STEP = 250;

  private final List<PresenceDirectory> bridges = new ArrayList<>();
  private long now;

  /** The messages that arrive. */
  private Predicate<String> arrives = text -> true;

  private PresenceDirectory bridge() {
    PresenceDirectory bridge = new PresenceDirectory("instance-" + bridges.size(), 20_000);
    bridge.heard(now);
    bridges.add(bridge);
    return bridge;
  }

  /** Lets time pass; bridges that are not in the list do not run. */
  private void elapse(long millis) {
    for (long end = now + millis; now < end; now += STEP) {
      for (PresenceDirectory sender : bridges) {
        for (String text : sender.due(now)) {
          if (arrives.test(text)) {
            bridges.forEach(receiver -> assertThat(receiver.receive(text, now)).isTrue());
          }
        }
      }
    }
  }

  private static PresenceView view(PresenceDirectory bridge) {
    return bridge.view(ROOM, 100_000, Long.MAX_VALUE);
  }

  private static PresenceChange change(PresenceDirectory bridge) {
    return PresenceChange.between(bridge.takeTransitions().getOrDefault(ROOM, List.of()), 0);
  }

  @Test
  void aUserJoinsAndLeavesOnceOverAllItsClientsAndBridges() {
    PresenceDirectory a = bridge();
    PresenceDirectory b = bridge();
    a.joined(ROOM, "alice");
    b.joined(ROOM, "alice");
    b.joined(ROOM, "alice");
    b.joined(ROOM, "bob");
    elapse(500);
    assertThat(view(a)).isEqualTo(new PresenceView(4, List.of("alice", "bob"), 0));
    assertThat(view(b)).isEqualTo(view(a));
    assertThat(change(a)).isEqualTo(new PresenceChange(List.of("alice", "bob"), List.of()));
    b.left(ROOM, "alice");
    a.left(ROOM, "alice");
    elapse(500);
    assertThat(change(a).isEmpty()).isTrue();
    b.left(ROOM, "alice");
    elapse(500);
    assertThat(change(a)).isEqualTo(new PresenceChange(List.of(), List.of("alice")));
    assertThat(view(b)).isEqualTo(new PresenceView(1, List.of("bob"), 0));
  }

  @Test
  void aBridgeThatBeginsLaterLearnsEverything() {
    PresenceDirectory a = bridge();
    a.joined(ROOM, "alice");
    elapse(10_000);
    assertThat(view(bridge()).users()).isEmpty();
    elapse(500);
    assertThat(view(bridges.get(1)).users()).containsExactly("alice");
  }

  @Test
  void aChangeThatComesWithAStateReachesThoseWhoDoNotNeedTheState() {
    PresenceDirectory a = bridge();
    PresenceDirectory b = bridge();
    elapse(5000);
    bridge();
    elapse(STEP);
    // The new bridge has asked for a state, which is sent together with this.
    b.joined(ROOM, "bob");
    elapse(2 * STEP);
    assertThat(view(a).users()).containsExactly("bob");
    assertThat(view(bridges.get(2)).users()).containsExactly("bob");
  }

  @Test
  void aSilentBridgeIsGoneWithin15SecondsAndItsUsersLeft() {
    PresenceDirectory a = bridge();
    PresenceDirectory killed = bridge();
    killed.joined(ROOM, "bob");
    elapse(10_000);
    assertThat(change(a).joined()).containsExactly("bob");
    bridges.remove(killed);
    elapse(PresenceDirectory.SILENCE - PresenceDirectory.ALIVE_PERIOD - STEP);
    assertThat(change(a).isEmpty()).isTrue();
    elapse(PresenceDirectory.ALIVE_PERIOD + 2 * STEP);
    assertThat(change(a).left()).containsExactly("bob");
    assertThat(now).isLessThan(10_000 + 15_000);
  }

  @Test
  void aBridgeThatStopsIsGoneAtOnce() {
    PresenceDirectory a = bridge();
    PresenceDirectory stopped = bridge();
    stopped.joined(ROOM, "bob");
    elapse(500);
    assertThat(a.receive(stopped.close(), now)).isTrue();
    assertThat(view(a).users()).isEmpty();
    assertThat(stopped.due(now + 60_000)).isEmpty();
  }

  @Test
  void aRestartedBridgeWithTheSameIdIsAnotherInstance() {
    PresenceDirectory a = bridge();
    PresenceDirectory killed = bridge();
    killed.joined(ROOM, "bob");
    elapse(500);
    bridges.remove(killed);
    PresenceDirectory restarted = new PresenceDirectory("restarted", 100);
    restarted.heard(now);
    bridges.add(restarted);
    restarted.joined(ROOM, "carol");
    elapse(500);
    assertThat(view(a).users()).containsExactly("bob", "carol");
    elapse(14_000);
    assertThat(view(a).users()).containsExactly("carol");
  }

  @Test
  void anOutageEndsNobodysPresence() {
    PresenceDirectory a = bridge();
    PresenceDirectory b = bridge();
    b.joined(ROOM, "bob");
    elapse(500);
    change(a);
    a.unheard();
    b.unheard();
    b.joined(ROOM, "carol");
    elapse(60_000);
    assertThat(change(a).isEmpty()).isTrue();
    a.heard(now);
    b.heard(now);
    elapse(1500);
    assertThat(change(a)).isEqualTo(new PresenceChange(List.of("carol"), List.of()));
  }

  @Test
  void aBridgeThatDoesNotReturnFromAnOutageIsGone() {
    PresenceDirectory a = bridge();
    PresenceDirectory killed = bridge();
    killed.joined(ROOM, "bob");
    elapse(500);
    a.unheard();
    bridges.remove(killed);
    elapse(60_000);
    a.heard(now);
    elapse(14_000);
    assertThat(view(a).users()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void lostMessagesLeaveNoGhostAndNoHole(long seed) {
    Random random = new Random(seed);
    List<PresenceDirectory> all = List.of(bridge(), bridge(), bridge());
    List<List<String>> present = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    arrives = text -> random.nextInt(100) < 70;
    for (int i = 0; i < 2000; i++) {
      int bridge = random.nextInt(3);
      List<String> users = present.get(bridge);
      if (!users.isEmpty() && random.nextInt(100) < 48) {
        all.get(bridge).left(ROOM, users.remove(random.nextInt(users.size())));
      } else {
        String user = "user-" + random.nextInt(50);
        users.add(user);
        all.get(bridge).joined(ROOM, user);
      }
      if (random.nextInt(5) == 0) {
        elapse(STEP);
      }
    }
    arrives = text -> true;
    elapse(5000);
    List<String> users = present.stream().flatMap(List::stream).distinct().sorted().toList();
    long clients = present.stream().mapToLong(List::size).sum();
    for (PresenceDirectory bridge : all) {
      assertThat(view(bridge)).isEqualTo(new PresenceView(clients, users, 0));
      assertThat(change(bridge).joined()).containsExactlyInAnyOrderElementsOf(users);
    }
  }

  @Test
  void tenThousandUsersAreAnnouncedInBoundedMessages() {
    PresenceDirectory a = bridge();
    PresenceDirectory b = bridge();
    List<String> texts = new ArrayList<>();
    arrives = texts::add;
    List<String> users = IntStream.range(0, 10_000).mapToObj("user-%05d"::formatted).toList();
    users.forEach(user -> a.joined(ROOM, user));
    elapse(500);
    assertThat(view(b).users()).isEqualTo(users);
    assertThat(texts).allMatch(text -> text.length() < 200_000).hasSizeLessThan(30);
    assertThat(b.view(ROOM, 10, 1000).more()).isEqualTo(9990);
    assertThat(b.view(ROOM, 10_000, 25).users()).hasSize(2);
  }

  @Test
  void aBridgeThatAnnouncesTooMuchIsForgotten() {
    PresenceDirectory small = new PresenceDirectory("instance-s", 100);
    small.heard(now);
    PresenceDirectory a = bridge();
    IntStream.range(0, 101).forEach(i -> a.joined(ROOM, "user-" + i));
    List<Boolean> accepted = a.due(now).stream().map(text -> small.receive(text, now)).toList();
    assertThat(accepted).contains(false);
    assertThat(small.remoteEntries()).isZero();
    assertThat(view(small).users()).isEmpty();
  }

  @Test
  void theNumberOfBridgesIsBounded() {
    PresenceDirectory a = bridge();
    int accepted = 0;
    for (int i = 0; i < 1000; i++) {
      accepted +=
          a.receive("{\"instance\":\"forged-%d\",\"seq\":1,\"type\":\"alive\"}".formatted(i), now)
              ? 1
              : 0;
    }
    assertThat(accepted).isEqualTo(PresenceDirectory.MAX_BRIDGES);
  }

  @Test
  void nobodyElseChangesWhoIsPresentHere() {
    PresenceDirectory a = bridge();
    a.joined(ROOM, "alice");
    for (String forged :
        List.of(
            "{\"instance\":\"instance-0\",\"seq\":9,\"type\":\"bye\"}",
            "{\"instance\":\"instance-0\",\"seq\":9,\"type\":\"state\",\"part\":1,\"parts\":1,\"entries\":[]}")) {
      assertThat(a.receive(forged, now)).isTrue();
    }
    assertThat(view(a).users()).containsExactly("alice");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "[]",
        "{}",
        "{\"instance\":\"a b c d e f\",\"seq\":1,\"type\":\"alive\"}",
        "{\"instance\":7,\"seq\":1,\"type\":\"alive\"}",
        "{\"instance\":\"forged-1\",\"seq\":0,\"type\":\"alive\"}",
        "{\"instance\":\"forged-1\",\"seq\":\"1\",\"type\":\"alive\"}",
        "{\"instance\":\"forged-1\",\"seq\":1e400,\"type\":\"alive\"}",
        "{\"instance\":\"forged-1\",\"seq\":99999999999999999999,\"type\":\"alive\"}",
        "{\"instance\":\"forged-1\",\"seq\":1,\"type\":\"other\"}",
        "{\"instance\":\"forged-1\",\"seq\":1,\"type\":\"changes\"}",
        "{\"instance\":\"forged-1\",\"seq\":1,\"type\":\"changes\",\"entries\":[[\"a\",\"a\",\"u\"]]}",
        "{\"instance\":\"forged-1\",\"seq\":1,\"type\":\"changes\",\"entries\":[[\"a\",\"a\",\"u\",-1]]}",
        "{\"instance\":\"forged-1\",\"seq\":1,\"type\":\"changes\",\"entries\":[[\"a\",\"a\",\"\",1]]}",
        "{\"instance\":\"forged-1\",\"seq\":1,\"type\":\"changes\",\"entries\":[[\"a//b\",\"a\",\"u\",1]]}",
        "{\"instance\":\"forged-1\",\"seq\":1,\"type\":\"changes\",\"entries\":[[\"a\",\"a\",\"u\",2000000000]]}",
        "{\"instance\":\"forged-1\",\"seq\":1,\"type\":\"state\",\"part\":2,\"parts\":1,\"entries\":[]}",
        "{\"instance\":\"forged-1\",\"seq\":1,\"type\":\"state\",\"part\":1,\"parts\":99999,\"entries\":[]}",
        "{\"instance\":\"forged-1\",\"seq\":1,\"seq\":2,\"type\":\"alive\"}",
        "{\"instance\":\"forged-1\",\"seq\":1,\"type\":\"alive\"} x",
      })
  void aMalformedMessageIsDiscarded(String text) {
    PresenceDirectory a = bridge();
    assertThat(a.receive(text, now)).isFalse();
    assertThat(a.remoteEntries()).isZero();
  }

  @Test
  void aHugeMessageIsDiscarded() {
    PresenceDirectory a = bridge();
    String entry = "[\"a\",\"a\",\"u\",1]";
    String many = "{\"instance\":\"forged-1\",\"seq\":1,\"type\":\"changes\",\"entries\":[%s]}";
    assertThat(a.receive(many.formatted((entry + ",").repeat(1000) + entry), now)).isFalse();
    assertThat(a.receive(" ".repeat(2 << 20), now)).isFalse();
    assertThat(a.receive("[".repeat(100_000), now)).isFalse();
    assertThat(a.takeTransitions()).isEqualTo(Map.of());
  }
}
