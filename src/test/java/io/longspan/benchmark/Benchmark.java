package io.longspan.benchmark;

import io.longspan.external.ChildProcess;
import io.longspan.external.ExternalBroker;
import io.longspan.external.FreePort;
import io.longspan.wire.Transport;
import java.nio.file.Path;
import java.util.List;

/**
 * Runs the benchmark, and writes {@code target/benchmark}: {@code mvn -Pbenchmark verify}, see
 * {@code docs/performance.md}.
 */
public final class Benchmark {
  private static final Path FOLDER = Path.of("target", "benchmark");

  private final Plan plan;
  private final WarmUp warmUp;
  private final Results results;
  private final RunReport report;
  private final LatencyPlot plot = new LatencyPlot();
  private final Path folder;

  /**
   * Creates a run.
   *
   * @param folder for its files
   */
  Benchmark(Plan plan, Path folder) {
    this.plan = plan;
    this.folder = folder;
    this.report = new RunReport(folder, plan);
    this.results = new Results(report::write);
    this.warmUp = new WarmUp(plan);
  }

  /** Runs it as the system properties of {@link Plan} say; this process makes the load. */
  public static void main(String[] arguments) {
    Cores.REST.take(ProcessHandle.current().pid());
    new Benchmark(Plan.ofProperties(), FOLDER).run();
    System.exit(0);
  }

  /** Runs all rounds; returns the figures. */
  Results run() {
    try {
      measure();
      report.complete(results);
      return results;
    } catch (RuntimeException | Error x) {
      report.failed(x, results);
      throw x;
    }
  }

  private void measure() {
    // What is started here stays on this core, unless it is told otherwise.
    ExternalBroker broker = plan.broker().start();
    try (ChildProcess echo =
            Cores.REST.startMain(EchoServiceMain.class, plan.broker().arguments(broker));
        BridgeUnderLoad bridge = new BridgeUnderLoad(broker, FreePort.find());
        BareCometd bare = BareCometd.withDefaults();
        // Another process on the core that is measured, so only where it is asked.
        BareCometd inOrder =
            plan.includes("w2", Transport.LONG_POLLING)
                    || plan.includes("w2b", Transport.LONG_POLLING)
                    || plan.includes("w2l", Transport.LONG_POLLING)
                ? BareCometd.inOrder()
                : null) {
      echo.await("^ready$");
      bridge.signIn();
      run(bridge, List.of(bridge, bare), inOrder, broker);
      System.out.println(results.table());
    } finally {
      broker.close();
    }
  }

  /** Runs every workload that is included; {@code inOrder} is null where none needs it. */
  private void run(
      BridgeUnderLoad bridge,
      List<ServerUnderLoad> servers,
      ServerUnderLoad inOrder,
      ExternalBroker broker) {
    FanOut fanOut = new FanOut(plan, warmUp, results, plot);
    RequestResponse requests = new RequestResponse(plan, warmUp, results);
    IdleClients idle = new IdleClients(plan, warmUp, results);
    Churn churn = new Churn(plan, results);
    QueueWork work = new QueueWork(plan, warmUp, results);
    for (Transport transport : Transport.values()) {
      rounds("w1", transport, () -> servers.forEach(s -> fanOut.oneTopic(s, transport)));
      rounds("w1b", transport, () -> servers.forEach(s -> fanOut.manyTopics(s, transport)));
      rounds(
          "w2",
          transport,
          () -> {
            servers.forEach(s -> requests.run(s, transport));
            if (transport == Transport.LONG_POLLING) {
              requests.run(inOrder, transport);
            } else {
              requests.bareJms(broker);
            }
          });
      rounds(
          "w2b",
          transport,
          () -> {
            servers.forEach(s -> requests.runWithPasswords(s, transport));
            if (transport == Transport.LONG_POLLING) {
              requests.runWithPasswords(inOrder, transport);
            }
          });
      rounds(
          "w2l",
          transport,
          () -> {
            servers.forEach(s -> requests.runLocally(s, transport));
            if (transport == Transport.LONG_POLLING) {
              requests.runLocally(inOrder, transport);
            }
          });
      rounds("w5", transport, () -> work.run(bridge, transport, broker));
      rounds("w4", transport, () -> servers.forEach(s -> churn.run(s, transport, broker)));
    }
    for (Transport transport : Transport.values()) {
      rounds("w2c", transport, () -> requests.cold(bridge, transport));
    }
    // Last, since it starts the servers again, and what they have compiled is gone.
    for (Transport transport : Transport.values()) {
      rounds("w3", transport, () -> servers.forEach(s -> idle.run(s, transport)));
    }
  }

  /** All rounds of a workload follow each other, so that a server is warm from the second on. */
  private void rounds(String workload, Transport transport, Runnable round) {
    if (!plan.includes(workload, transport)) {
      return;
    }
    for (int number = 1; number <= plan.rounds(); number++) {
      System.out.println(workload + " round " + number);
      round.run();
      results.write(folder);
      plot.write(folder);
    }
  }
}
