package io.longspan.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.budget.MemoryBudget;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What a bridge that is to stop waits for. */
final class DrainingTest {
  private final AtomicLong now = new AtomicLong();
  private final SessionRegistry sessions = new SessionRegistry();
  private final Deque<Runnable> steps = new ArrayDeque<>();
  private final Draining draining =
      new Draining(sessions, (task, delay) -> steps.add(task), now::get, 60_000);
  private final ConnectedClient client = TestClients.connected("c", new RecordingChannel());

  @Test
  void aRequestWhoseTimeIsOverHoldsNobodyUp() {
    sessions.add(client.session());
    sessions.add(client);
    client.requests().add("expires", 3000, 0);
    draining.begin();
    now.set(Draining.MOVE_TIME);
    assertThat(draining.isDone()).isFalse();
    now.set(3001);
    assertThat(draining.isDone()).isTrue();
  }

  @Test
  void aBridgeWaitsAsLongAsClientsLeave() {
    ConnectedClient other = TestClients.connected("d", new RecordingChannel());
    for (ConnectedClient each : List.of(client, other)) {
      sessions.add(each.session());
      sessions.add(each);
    }
    draining.begin();
    now.set(Draining.MOVE_TIME - 1);
    sessions.remove(other);
    assertThat(draining.isDone()).isFalse();
    now.set(2 * Draining.MOVE_TIME - 2);
    assertThat(draining.isDone()).isFalse();
    now.set(2 * Draining.MOVE_TIME - 1);
    assertThat(draining.isDone()).isTrue();
  }

  @Test
  void theClientsAreToldAFewAtATimeAndOnesThatHaveConnectedSinceAtOnce() {
    List<RecordingChannel> channels = connected(2 * Draining.CLIENTS_PER_STEP);
    draining.begin();
    assertThat(told(channels)).isEqualTo(Draining.CLIENTS_PER_STEP);
    RecordingChannel late = new RecordingChannel();
    draining.connected(connected("late", late));
    assertThat(told(List.of(late))).isEqualTo(1);
    now.set(Draining.MOVE_TIME);
    assertThat(draining.isDone()).as("half of them do not know yet").isFalse();
    while (!steps.isEmpty()) {
      steps.remove().run();
    }
    assertThat(told(channels)).isEqualTo(channels.size());
    assertThat(draining.isDone()).as("the last ones have just been told").isFalse();
    now.set(2 * Draining.MOVE_TIME);
    assertThat(draining.isDone()).isTrue();
  }

  @Test
  void manyClientsAreToldWithinAPartOfTheTime() {
    Draining brief = new Draining(sessions, (task, delay) -> steps.add(task), now::get, 400);
    List<RecordingChannel> channels = connected(2 * Draining.CLIENTS_PER_STEP);
    brief.begin();
    assertThat(told(channels)).isEqualTo(channels.size());
  }

  private List<RecordingChannel> connected(int clients) {
    List<RecordingChannel> channels = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      channels.add(new RecordingChannel());
      connected("c" + i, channels.get(i));
    }
    return channels;
  }

  private ClientSession connected(String id, RecordingChannel channel) {
    ConnectedClient connected = TestClients.connected(id, channel);
    sessions.add(connected.session());
    sessions.add(connected);
    return connected.session();
  }

  private static long told(List<RecordingChannel> channels) {
    return channels.stream()
        .flatMap(channel -> channel.texts().stream())
        .filter(text -> text.contains("draining"))
        .count();
  }

  @Test
  void anOperatorSeesTheRequestsThatStillWait() {
    sessions.add(client.session());
    sessions.add(client);
    BridgeOperations operations =
        new BridgeOperations(
            "bridge-1", sessions, subscriptions(), List::of, (s, reason) -> {}, now::get);
    client.requests().add("expires", 3000, 0);
    client.requests().add("waits", 0, 0);
    now.set(3001);
    assertThat(operations.clients(Optional.empty(), "", 0, 10).items())
        .singleElement()
        .satisfies(shown -> assertThat(shown.requestsInFlight()).isEqualTo(1));
  }

  private static TopicSubscriptions subscriptions() {
    return new TopicSubscriptions(
        BridgeBrokers.only(
            new FakeBroker(), new Reopenings((task, delay) -> {}, BridgeMetrics.NONE)),
        TestClients.quota(),
        new io.longspan.protocol.PayloadEncoder(),
        BridgeMetrics.NONE,
        (task, delay) -> {},
        () -> 0,
        new MemoryBudget(1L << 30, 1L << 30),
        100,
        client -> {});
  }
}
