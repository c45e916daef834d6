package io.longspan.benchmark;

import io.longspan.wire.Transport;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;

/**
 * How a run is done, by the system properties {@code benchmark.…}.
 *
 * @param broker which broker; {@code activemq} or {@code artemis}
 * @param workloads which of w1, w1b, w2, w2b, w2c, w2l, w3, w4, w5; with {@code -websocket} or
 *     {@code -polling} of one transport only
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

  private static final List<String> ALL =
      List.of("w1", "w1b", "w2", "w2b", "w2l", "w3", "w4", "w5", "w2c");

  /** Returns the plan of the system properties; {@code benchmark.plan=short} has other defaults. */
  static Plan ofProperties() {
    return ofProperties(System.getProperties());
  }

  static Plan ofProperties(Properties given) {
    Plan defaults =
        "short".equals(text(given, "plan", "full"))
            ? new Plan(
                BenchmarkBroker.ACTIVEMQ,
                ALL,
                1,
                Duration.ofSeconds(8),
                Duration.ofSeconds(20),
                Duration.ofSeconds(8),
                Duration.ofSeconds(3),
                2_000,
                1)
            : new Plan(
                BenchmarkBroker.ACTIVEMQ,
                List.of("w1", "w1b", "w2", "w2b", "w2l", "w3", "w4"),
                3,
                Duration.ofSeconds(15),
                Duration.ofSeconds(90),
                Duration.ofSeconds(20),
                Duration.ofSeconds(8),
                10_000,
                1);
    String workloads = text(given, "workloads", String.join(",", defaults.workloads));
    return new Plan(
        BenchmarkBroker.valueOf(
            text(given, "broker", defaults.broker.name()).toUpperCase(Locale.ROOT)),
        workloads.equals("all") ? ALL : List.of(workloads.split(",")),
        number(given, "rounds", defaults.rounds),
        seconds(given, "warmUp", defaults.warmUp),
        seconds(given, "firstWarmUp", defaults.firstWarmUp),
        seconds(given, "measured", defaults.measured),
        seconds(given, "step", defaults.step),
        number(given, "idleClients", defaults.idleClients),
        defaults.scale);
  }

  /** Returns the plan for a report. */
  Map<String, Object> toMap() {
    Map<String, Object> plan = new LinkedHashMap<>();
    plan.put("broker", broker.name().toLowerCase(Locale.ROOT));
    plan.put("workloads", workloads);
    plan.put("rounds", rounds);
    plan.put("warmUpSeconds", warmUp.toMillis() / 1e3);
    plan.put("firstWarmUpSeconds", firstWarmUp.toMillis() / 1e3);
    plan.put("measuredSeconds", measured.toMillis() / 1e3);
    plan.put("stepSeconds", step.toMillis() / 1e3);
    plan.put("idleClients", idleClients);
    plan.put("scale", scale);
    return plan;
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

  private static Duration seconds(Properties given, String key, Duration otherwise) {
    return Duration.ofSeconds(number(given, key, Math.toIntExact(otherwise.toSeconds())));
  }

  private static int number(Properties given, String key, int otherwise) {
    return Integer.parseInt(text(given, key, Integer.toString(otherwise)));
  }

  private static String text(Properties given, String key, String otherwise) {
    String value = given.getProperty("benchmark." + key, "");
    return value.isEmpty() || value.startsWith("${") ? otherwise : value;
  }
}
