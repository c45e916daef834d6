package io.longspan.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.budget.MemoryBudget;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What a bridge that is to stop waits for. */
final class DrainingTest {
  private final AtomicLong now = new AtomicLong();
  private final SessionRegistry sessions = new SessionRegistry();
  private final Draining draining = new Draining(sessions, now::get, 60_000);
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
