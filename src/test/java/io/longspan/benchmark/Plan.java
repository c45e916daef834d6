package io.longspan.benchmark;

import io.longspan.wire.Transport;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * How a run is done, by the system properties {@code benchmark.…}.
 *
 * @param broker which broker; {@code activemq} or {@code artemis}
 * @param workloads which of w1, w1b, w2, w2c, w2l, w3, w4, w5; with {@code -websocket} or {@code
 *     -polling} of one transport only
 * @param rounds how often each figure is taken
 * @param warmUp before each measurement, in seconds
 * @param firstWarmUp before the first measurement of a workload on a server instead: on one core
 *     its just-in-time compiler is done only after a minute
 * @param measured how long each measurement takes, in seconds
 * @param step how long each rate of the search for the highest one is kept, in seconds; 0: there is
 *     no search
 * @param idleClients how many clients are connected to do nothing
 * @param scale by which the numbers of other clients and their rates are multiplied
 */
record Plan(
    BenchmarkBroker broker,
    List<String> workloads,
    int rounds,
    Duration warmUp,
    Duration firstWarmUp,
    Duration measured,
    Duration step,
    int idleClients,
    double scale) {

  static Plan ofProperties() {
    return new Plan(
        BenchmarkBroker.valueOf(text("broker", "activemq").toUpperCase(Locale.ROOT)),
        List.of(text("workloads", "w1,w1b,w2,w2l,w3,w4").split(",")),
        Integer.parseInt(text("rounds", "3")),
        seconds("warmUp", 15),
        seconds("firstWarmUp", 90),
        seconds("measured", 20),
        seconds("step", 8),
        Integer.parseInt(text("idleClients", "10000")),
        1);
  }

  /** Returns a number of clients, or a rate. */
  int scaled(int number) {
    return Math.max(1, (int) (number * scale));
  }

  /** Returns whether a workload is to be run over a transport. */
  boolean includes(String workload, Transport transport) {
    return workloads.contains(workload)
        || workloads.contains(
            workload + (transport == Transport.WEBSOCKET ? "-websocket" : "-polling"));
  }

  private static Duration seconds(String key, int otherwise) {
    return Duration.ofSeconds(Long.parseLong(text(key, Integer.toString(otherwise))));
  }

  private static String text(String key, String otherwise) {
    String given = System.getProperty("benchmark." + key, "");
    return given.isEmpty() || given.startsWith("${") ? otherwise : given;
  }
}
