package io.longspan.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.bridge.ClientSession.State;
import io.longspan.protocol.ControlCommand.Resume;
import io.longspan.protocol.Notice.BridgeStatus;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A client that is lost, taken over or ended, step by step. */
final class SessionRecoveryTest {
  private static final long WINDOW = 60_000;

  private final Queue<Runnable> pool = new ArrayDeque<>();
  private final List<Runnable> afterTheWindow = new ArrayList<>();
  private final List<String> closed = new ArrayList<>();
  private final SessionRegistry sessions = new SessionRegistry();
  private final SessionRecovery recovery =
      new SessionRecovery(
          WINDOW,
          sessions,
          (client, reason) -> {
            closed.add(client.bridgeClientId() + " " + reason);
            sessions.remove(client);
          },
          client -> {},
          (task, delay) -> {
            assertThat(delay).isEqualTo(WINDOW);
            afterTheWindow.add(task);
          },
          () -> 0);
  private final RecordingChannel before = new RecordingChannel();
  private final RecordingChannel after = new RecordingChannel();

  private ClientSession session(String id, String user, RecordingChannel channel) {
    ClientSession session =
        TestClients.session(
            id,
            user,
            channel,
            TestClients.limits(10, 100_000),
            TestClients.memory(),
            BridgeMetrics.NONE);
    sessions.add(session);
    return session;
  }

  private ConnectedClient connected(String id, String user, RecordingChannel channel) {
    ConnectedClient client = TestClients.connected(session(id, user, channel));
    sessions.add(client);
    return client;
  }

  private static void tell(ConnectedClient client, String... texts) {
    for (String text : texts) {
      client.tell(new BridgeStatus(text, Optional.empty()));
    }
  }

  private void lose(ConnectedClient client) {
    recovery.suspend(client.session(), "timeout");
  }

  /** Asks for a client as a command of the session, as {@code connect} does. */
  private CompletableFuture<Boolean> resume(
      ClientSession session, ConnectedClient client, int seq) {
    CompletableFuture<Boolean> outcome = new CompletableFuture<>();
    session
        .mailbox()
        .submitAlways(
            () ->
                recovery
                    .resume(session, new Resume(client.resumeToken(), seq))
                    .thenAccept(outcome::complete));
    return outcome;
  }

  @Test
  void aLostClientIsTakenOverWithWhatItHasMissed() {
    ConnectedClient client = connected("a", "alice", before);
    tell(client, "one", "two");
    lose(client);
    tell(client, "three");
    ClientSession next = session("b", "alice", after);
    assertThat(resume(next, client, 1)).isCompletedWithValue(true);
    after.take();
    assertThat(after.numbers()).containsExactly(2L, 3L);
    assertThat(next.client()).contains(client);
    assertThat(next.isConnected()).isTrue();
    assertThat(client.bridgeClientId()).isEqualTo("a");
    assertThat(sessions.find("a")).isEmpty();
    // The window of the session that was lost is over later, and ends nothing.
    afterTheWindow.forEach(Runnable::run);
    assertThat(closed).isEmpty();
    assertThat(next.client()).contains(client);
  }

  @Test
  void aClientThatNobodyTakesOverEndsAfterTheWindow() {
    ConnectedClient client = connected("a", "alice", before);
    lose(client);
    assertThat(client.session().state()).isEqualTo(State.SUSPENDED);
    afterTheWindow.forEach(Runnable::run);
    assertThat(closed).containsExactly("a timeout");
    assertThat(client.session().state()).isEqualTo(State.TERMINATED);
    assertThat(sessions.find("a")).isEmpty();
    assertThat(resume(session("b", "alice", after), client, 0)).isCompletedWithValue(false);
  }

  @Test
  void aClientWhoseQueueOverflowsWhileItIsAwayEndsAtOnce() {
    ConnectedClient client = connected("a", "alice", before);
    lose(client);
    tell(client, "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11");
    assertThat(closed).containsExactly("a slowConsumer");
    assertThat(client.session().state()).isEqualTo(State.TERMINATED);
  }

  @Test
  void aTokenOfAnotherUserTakesNothing() {
    ConnectedClient client = connected("a", "alice", before);
    lose(client);
    ClientSession stranger = session("b", "bob", after);
    assertThat(resume(stranger, client, 0)).isCompletedWithValue(false);
    assertThat(stranger.client()).isEmpty();
    assertThat(client.session().state()).isEqualTo(State.SUSPENDED);
    assertThat(closed).isEmpty();
  }

  @Test
  void aSessionThatHasAClientTakesNoOther() {
    ConnectedClient client = connected("a", "alice", before);
    lose(client);
    ConnectedClient own = connected("b", "alice", after);
    assertThat(resume(own.session(), client, 0)).isCompletedWithValue(false);
    assertThat(own.session().client()).contains(own);
    assertThat(closed).isEmpty();
  }

  @Test
  void aClientWhoseMissedMessagesAreUnknownEnds() {
    ConnectedClient client = connected("a", "alice", before);
    tell(client, "one");
    lose(client);
    ClientSession next = session("b", "alice", after);
    assertThat(resume(next, client, 7)).isCompletedWithValue(false);
    assertThat(closed).containsExactly("a notResumable");
    assertThat(next.client()).isEmpty();
    AtomicInteger runs = new AtomicInteger();
    client.inMailbox(
        () -> {
          runs.incrementAndGet();
          return null;
        });
    assertThat(runs).as("commands of a client that has ended").hasValue(0);
  }

  @Test
  void aSessionThatSurvivedGoesOnByItsOwnToken() {
    ConnectedClient client = connected("a", "alice", before);
    tell(client, "one", "two");
    assertThat(resume(client.session(), client, 1)).isCompletedWithValue(true);
    assertThat(before.numbers()).containsExactly(1L, 2L, 2L);
    assertThat(resume(client.session(), client, 9)).isCompletedWithValue(false);
    assertThat(closed).containsExactly("a notResumable");
    assertThat(client.session().state()).isEqualTo(State.DISCONNECTED);
  }

  @Test
  void aSessionThatStillLivesIsEndedForTheOneThatTakesItsClientOver() {
    ConnectedClient client = connected("a", "alice", before);
    assertThat(resume(session("b", "alice", after), client, 0)).isCompletedWithValue(true);
    assertThat(before.ended).isEqualTo("resumed");
    tell(client, "new");
    assertThat(after.texts()).singleElement().asString().contains("new");
  }

  @Test
  void ofTwoSessionsThatAskForOneClientTheFirstHasIt() {
    ClientSession previous =
        TestClients.session("a", before, TestClients.limits(10, 100_000), pool::add);
    sessions.add(previous);
    ConnectedClient client = TestClients.connected(previous);
    sessions.add(client);
    ClientSession first = session("b", "a", after);
    ClientSession second = session("c", "a", new RecordingChannel());
    CompletableFuture<Boolean> firstOutcome = resume(first, client, 0);
    CompletableFuture<Boolean> secondOutcome = resume(second, client, 0);
    assertThat(firstOutcome).isNotDone();
    while (!pool.isEmpty()) {
      pool.remove().run();
    }
    assertThat(firstOutcome).isCompletedWithValue(true);
    assertThat(secondOutcome).isCompletedWithValue(false);
    assertThat(first.client()).contains(client);
    assertThat(second.client()).isEmpty();
    assertThat(closed).isEmpty();
  }

  /** An outage ends while a client is handed over: its re-opening must not be lost between. */
  @Test
  void aCommandThatComesBetweenHandOverAndTakeOverRunsInTheNextMailbox() {
    ConnectedClient client = connected("a", "alice", before);
    ClientSession next = session("b", "alice", after);
    List<ClientSession> ranIn = new ArrayList<>();
    before.whenEnded =
        () ->
            client.inMailbox(
                () -> {
                  ranIn.add(client.session());
                  return null;
                });
    assertThat(resume(next, client, 0)).isCompletedWithValue(true);
    assertThat(ranIn).containsExactly(next);
  }
}
