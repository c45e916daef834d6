package io.longspan.benchmark;

import io.longspan.wire.Transport;
import java.time.Duration;
import java.util.List;

/** W3: clients that are connected and do nothing. */
final class IdleClients {
  private static final int FIRST_ONES = 500;
  private static final int AT_ONCE = 100;
  private static final double KIB = 1024;

  private static final int GENTLY_AT_ONCE = 4;

  /** Longer than either server keeps a session that has not said goodbye. */
  private static final Duration FORGOTTEN = Duration.ofSeconds(15);

  private final Plan plan;
  private final WarmUp warmUp;
  private final Results results;

  IdleClients(Plan plan, WarmUp warmUp, Results results) {
    this.plan = plan;
    this.warmUp = warmUp;
    this.results = results;
  }

  void run(ServerUnderLoad server, Transport transport) {
    int clients = plan.idleClients();
    String name = "W3 " + FanOut.name(transport) + ": ";
    WarmUp.Phases phases = warmUp.before(name, server);
    comeAndGo(server, transport, GENTLY_AT_ONCE, phases.gently());
    comeAndGo(server, transport, AT_ONCE, phases.fully());
    Measurement.sleep(FORGOTTEN);
    ProcessMeter meter = server.meter();
    final long heap = meter.heapAfterCollection();
    final long resident = meter.residentBytes();
    final int threads = meter.threads();
    try (LoadGroup group = new LoadGroup(server, transport)) {
      long start = System.nanoTime();
      long cpu = meter.cpuNanos();
      group.connect(clients, AT_ONCE, client -> List.of());
      double seconds = (System.nanoTime() - start) / 1e9;
      results.add(name + "connects/s", server.name(), clients / seconds);
      results.add(
          name + "CPU, µs/connect", server.name(), (meter.cpuNanos() - cpu) / 1e3 / clients);
      Measurement.sleep(Duration.ofSeconds(5));
      results.add(
          name + "heap, KiB/client",
          server.name(),
          (meter.heapAfterCollection() - heap) / KIB / clients);
      results.add(
          name + "resident, KiB/client",
          server.name(),
          (meter.residentBytes() - resident) / KIB / clients);
      results.add(name + "further threads", server.name(), meter.threads() - threads);
      cpu = meter.cpuNanos();
      Measurement.sleep(plan.measured());
      results.add(
          name + "CPU while idle, %",
          server.name(),
          100.0 * (meter.cpuNanos() - cpu) / plan.measured().toNanos());
    }
    server.restart();
    try (LoadGroup again = new LoadGroup(server, transport)) {
      long start = System.nanoTime();
      again.connect(clients, clients, client -> List.of());
      results.add(
          name + "all back after a restart, s", server.name(), (System.nanoTime() - start) / 1e9);
    }
    // A process keeps the memory of its clients, so the next round needs another one.
    server.restart();
    warmUp.startedAgain(server);
  }

  private static void comeAndGo(
      ServerUnderLoad server, Transport transport, int atOnce, Duration howLong) {
    long end = System.nanoTime() + howLong.toNanos();
    do {
      try (LoadGroup group = new LoadGroup(server, transport)) {
        group.connect(FIRST_ONES, atOnce, client -> List.of());
      }
    } while (System.nanoTime() < end);
  }
}
