package io.longspan.benchmark;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * How a run is done, by the system properties {@code benchmark.…}.
 *
 * @param broker which broker; {@code activemq} or {@code artemis}
 * @param workloads which of w1, w1b, w2, w3, w4; with {@code -websocket} or {@code -polling} of one
 *     transport only
 * @param rounds how often each figure is taken
 * @param warmUp before each measurement, in seconds
 * @param measured how long each measurement takes, in seconds
 * @param step how long each rate of the search for the highest one is kept, in seconds
 * @param idleClients how many clients are connected to do nothing
 */
record Plan(
    BenchmarkBroker broker,
    List<String> workloads,
    int rounds,
    Duration warmUp,
    Duration measured,
    Duration step,
    int idleClients) {

  static Plan ofProperties() {
    return new Plan(
        BenchmarkBroker.valueOf(text("broker", "activemq").toUpperCase(Locale.ROOT)),
        List.of(text("workloads", "w1,w1b,w2,w3,w4").split(",")),
        Integer.parseInt(text("rounds", "3")),
        seconds("warmUp", 15),
        seconds("measured", 20),
        seconds("step", 8),
        Integer.parseInt(text("idleClients", "10000")));
  }

  /** Returns whether a workload is to be run over a transport. */
  boolean includes(String workload, LoadGroup.Transport transport) {
    return workloads.contains(workload)
        || workloads.contains(
            workload + (transport == LoadGroup.Transport.WEBSOCKET ? "-websocket" : "-polling"));
  }

  private static Duration seconds(String key, int otherwise) {
    return Duration.ofSeconds(Long.parseLong(text(key, Integer.toString(otherwise))));
  }

  private static String text(String key, String otherwise) {
    String given = System.getProperty("benchmark." + key, "");
    return given.isEmpty() || given.startsWith("${") ? otherwise : given;
  }
}
