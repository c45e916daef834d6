package io.longspan.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.budget.MemoryBudget;
import io.longspan.budget.Purpose;
import io.longspan.catalogue.TopicPolicy.SlowConsumer;
import io.longspan.protocol.Payload;
import io.longspan.protocol.PayloadEncoder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MemoryShedderTest {
  private static final int MESSAGE = 1000;

  private final MemoryBudget memory = new MemoryBudget(40_000, 20_000);
  private final SessionRegistry sessions = new SessionRegistry();
  private final List<Shedding> steps = new ArrayList<>();
  private final BridgeMetrics metrics =
      new BridgeMetrics() {
        @Override
        public void shed(Shedding step) {
          steps.add(step);
        }
      };
  private final MemoryShedder shedder =
      new MemoryShedder(
          "b",
          memory,
          sessions,
          new TopicSubscriptions(
              BridgeBrokers.only(
                  new FakeBroker(), new Reopenings((task, delay) -> {}, BridgeMetrics.NONE)),
              TestClients.quota(),
              new PayloadEncoder(),
              metrics,
              (task, delay) -> {},
              () -> 0,
              memory,
              100,
              client -> {}),
          metrics,
          Runnable::run,
          (task, delay) -> task.run());

  /** A client that takes nothing. */
  private final class Stalled {
    private final RecordingChannel channel = new RecordingChannel();
    private final ClientSession session;
    private boolean ended;

    Stalled(String user) {
      channel.stalled = true;
      session =
          TestClients.session(
              String.valueOf(sessions.all().size()),
              user,
              channel,
              TestClients.limits(1000, 1_000_000),
              memory,
              metrics);
      TestClients.connected(session);
      sessions.add(session);
      session.account().release(Purpose.SESSIONS, SessionRegistry.SESSION_BYTES);
    }

    Stalled lose() {
      session.moveTo(ClientSession.State.SUSPENDED);
      session.outbox().suspend(() -> ended = true);
      return this;
    }

    Stalled queue(int messages) {
      for (int i = 0; i < messages; i++) {
        session.outbox().append(payload(), null);
      }
      return this;
    }

    Stalled queueDroppable(int messages) {
      ConnectedClient client = session.client().orElseThrow();
      ClientSubscription feed =
          TestClients.subscription(client, "feed/a", SlowConsumer.DROP_OLDEST);
      for (int i = 0; i < messages; i++) {
        session.outbox().append(payload(), feed);
      }
      return this;
    }

    boolean isEnded() {
      return ended || channel.ended != null;
    }
  }

  private static Payload payload() {
    return Payload.ofObject("{\"body\":\"" + "x".repeat(MESSAGE) + "\"}");
  }

  @Test
  void aUserOverItsLimitLosesItsLostClientsThenDroppableMessagesThenItsSlowestClient() {
    Stalled lost = new Stalled("alice").queue(3).lose();
    Stalled feed = new Stalled("alice").queueDroppable(8);
    Stalled slow = new Stalled("alice").queue(6);
    Stalled bob = new Stalled("bob").queue(10);
    memory.whenOver(shedder::request);
    slow.queue(1);
    assertThat(steps).containsExactly(Shedding.LOST_SESSION);
    assertThat(lost.isEnded()).isTrue();
    slow.queue(3);
    assertThat(steps).containsExactly(Shedding.LOST_SESSION, Shedding.SLOW_SESSION);
    assertThat(slow.isEnded()).isTrue();
    assertThat(feed.isEnded()).isFalse();
    assertThat(bob.isEnded()).isFalse();
  }

  @Test
  void aUserWhoseClientsReadEverythingLosesNothing() {
    memory.whenOver(shedder::request);
    List<Stalled> readers = List.of(new Stalled("alice"), new Stalled("alice"));
    readers.forEach(reader -> reader.channel.stalled = false);
    for (int i = 0; i < 50; i++) {
      readers.forEach(reader -> reader.session.outbox().deliver(payload()));
    }
    assertThat(steps).isEmpty();
    assertThat(readers).noneMatch(Stalled::isEnded);
    assertThat(readers.get(0).session.account().hasRoom(2 * MESSAGE)).isTrue();
  }

  @Test
  void messagesThatWereSentAreDiscardedBeforeAClientIsTerminated() {
    Stalled read = new Stalled("alice").queue(12);
    read.channel.take();
    Stalled lost = new Stalled("alice").queue(3).lose();
    Stalled slow = new Stalled("alice").queue(3);
    memory.whenOver(shedder::request);
    slow.queue(1);
    assertThat(steps).containsExactly(Shedding.RESUME_WINDOW);
    assertThat(List.of(read, lost, slow)).noneMatch(Stalled::isEnded);
  }

  @Test
  void whatMayBeDroppedGoesBeforeItsClientDoes() {
    memory.whenOver(shedder::request);
    Stalled feed = new Stalled("alice").queueDroppable(19);
    assertThat(steps).containsExactly(Shedding.DROPPABLE);
    assertThat(feed.isEnded()).isFalse();
    feed.channel.take();
    assertThat(feed.channel.texts()).anyMatch(text -> text.contains("\"type\":\"gap\""));
  }

  @Test
  void aFullProcessCostsTheUserWhoHoldsMost() {
    List<Stalled> small = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      small.add(new Stalled("user" + i).queue(2));
    }
    Stalled greedy = new Stalled("greedy").queue(12);
    memory.whenOver(shedder::request);
    small.get(0).queue(2);
    assertThat(greedy.isEnded()).isTrue();
    assertThat(small).noneMatch(Stalled::isEnded);
    assertThat(memory.process().isOver()).isFalse();
  }

  @Test
  void whoHasNoMoreThanAnEqualShareLosesNothing() {
    List<Stalled> small = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      small.add(new Stalled("user" + i).queue(2));
    }
    Stalled greedy = new Stalled("greedy").queue(1);
    memory.whenOver(shedder::request);
    // Its messages to the broker cannot be shed.
    greedy.session.account().charge(Purpose.SENDS, 30_000);
    assertThat(greedy.isEnded()).isTrue();
    small.get(0).queue(1);
    assertThat(memory.process().isOver()).isTrue();
    assertThat(small).noneMatch(Stalled::isEnded);
  }

  /** The message that all wait for is in memory once; to end one of them frees nothing. */
  @Test
  void whoWaitsForWhatOthersWaitForTooLosesNothing() {
    Payload shared = payload();
    List<Stalled> waiting = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      Stalled user = new Stalled("user" + i);
      for (int j = 0; j < 6; j++) {
        user.session.outbox().append(shared, null);
      }
      waiting.add(user);
    }
    Stalled greedy = new Stalled("greedy").queue(1);
    memory.whenOver(shedder::request);
    greedy.session.account().charge(Purpose.SENDS, 40_000);
    assertThat(greedy.isEnded()).isTrue();
    assertThat(waiting).noneMatch(Stalled::isEnded);
  }

  @Test
  void whereSheddingIsTooSlowTheClientThatFillsTheMemoryIsEndedAndCounted() {
    memory.whenOver(account -> {});
    Stalled greedy = new Stalled("greedy").queue(30);
    assertThat(greedy.isEnded()).isTrue();
    assertThat(greedy.session.outbox().heldBytes()).isZero();
    assertThat(steps).containsExactly(Shedding.SLOW_SESSION);
  }
}
