package io.longspan.benchmark;

import io.longspan.external.ExternalBroker;
import io.longspan.wire.Transport;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;

/** W4: clients that come, subscribe, unsubscribe and go; and nothing is left of them. */
final class Churn {
  private static final int AT_ONCE = 50;
  private static final int CHANGES = 4;

  private final Plan plan;
  private final Results results;
  private final AtomicInteger ended = new AtomicInteger();
  private final AtomicInteger lives = new AtomicInteger();

  Churn(Plan plan, Results results) {
    this.plan = plan;
    this.results = results;
  }

  void run(ServerUnderLoad server, Transport transport, ExternalBroker broker) {
    int topicsBefore = broker.temporaryTopics().size();
    AtomicLong rounds = new AtomicLong();
    ended.set(0);
    try (LoadGroup group = new LoadGroup(server, transport)) {
      long end = System.nanoTime() + plan.measured().toNanos();
      long cpu = server.meter().cpuNanos();
      long start = System.nanoTime();
      for (int i = 0; i < AT_ONCE; i++) {
        int number = i;
        group.run(() -> live(group, number, end, rounds));
      }
      Awaitility.await().atMost(Duration.ofMinutes(2)).until(() -> ended.get() == AT_ONCE);
      double seconds = (System.nanoTime() - start) / 1e9;
      String name = "W4 " + FanOut.name(transport) + ": ";
      results.add(name + "lives/s", server.name(), rounds.get() / seconds);
      results.add(
          name + "CPU, µs/life",
          server.name(),
          (server.meter().cpuNanos() - cpu) / 1e3 / rounds.get());
    }
    Awaitility.await()
        .atMost(Duration.ofMinutes(3))
        .pollInterval(Duration.ofSeconds(1))
        .until(() -> broker.temporaryTopics().size() <= topicsBefore);
    results.add(
        "W4 " + FanOut.name(transport) + ": temporary topics left at the broker",
        server.name(),
        broker.temporaryTopics().size() - topicsBefore);
  }

  private void live(LoadGroup group, int number, long end, AtomicLong rounds) {
    if (System.nanoTime() > end) {
      ended.incrementAndGet();
      return;
    }
    // Each life is of the next user, since one user may not come that often.
    group
        .open(lives.getAndAdd(BridgeUnderLoad.CLIENTS_PER_USER), List.of())
        .thenAccept(client -> change(group, client, number, CHANGES, end, rounds));
  }

  private void change(
      LoadGroup group, LoadClient client, int number, int left, long end, AtomicLong rounds) {
    if (left > 0) {
      client.change(
          left % 2 == 0,
          List.of(ServerUnderLoad.topic(number)),
          () -> change(group, client, number, left - 1, end, rounds));
    } else {
      client.disconnect(
          () -> {
            rounds.incrementAndGet();
            group.forget(client);
            client.close();
            live(group, number, end, rounds);
          });
    }
  }
}
