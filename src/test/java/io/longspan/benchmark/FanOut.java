package io.longspan.benchmark;

import io.longspan.benchmark.LoadGroup.Transport;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** W1 and W1b: what is published to topics reaches many clients. */
final class FanOut {
  private static final int SUBSCRIBERS = 500;
  private static final int FIXED_RATE = 25_000;
  private static final double LONGEST_P99 = 500;
  private static final double FIRST_RATE = 30_000;
  private static final double STEP = 1.2;
  private static final int REFINEMENTS = 2;

  private static final int SPREAD_CLIENTS = 5_000;
  private static final int SPREAD_TOPICS = 1_000;
  private static final int TOPICS_PER_CLIENT = 10;

  private final Plan plan;
  private final Results results;
  private final LatencyPlot plot;

  FanOut(Plan plan, Results results, LatencyPlot plot) {
    this.plan = plan;
    this.results = results;
    this.plot = plot;
  }

  /** W1: one topic, 500 subscribers, first at a fixed rate, then at rising ones. */
  void oneTopic(ServerUnderLoad server, Transport transport) {
    try (LoadGroup group = new LoadGroup(server, transport)) {
      group.connect(SUBSCRIBERS, 50, client -> List.of(ServerUnderLoad.topic(0)));
      atFixedRate("W1 " + name(transport), server, group, 1, SUBSCRIBERS);
      double highest = 0;
      double rate = FIRST_RATE;
      while (holds(server, transport, group, rate)) {
        highest = rate;
        rate *= STEP;
      }
      double tooMuch = rate;
      for (int i = 0; i < REFINEMENTS; i++) {
        double between = (Math.max(highest, FIRST_RATE / STEP) + tooMuch) / 2;
        if (holds(server, transport, group, between)) {
          highest = between;
        } else {
          tooMuch = between;
        }
      }
      results.add("W1 " + name(transport) + ": highest rate, deliveries/s", server.name(), highest);
      results.add(
          "W1 " + name(transport) + ": out of order", server.name(), group.recorder().disorders());
    }
  }

  /** W1b: 5,000 clients, 1,000 topics, each client on ten of them. */
  void manyTopics(ServerUnderLoad server, Transport transport) {
    try (LoadGroup group = new LoadGroup(server, transport)) {
      group.connect(
          SPREAD_CLIENTS,
          50,
          client ->
              IntStream.range(0, TOPICS_PER_CLIENT)
                  .mapToObj(i -> (client * TOPICS_PER_CLIENT + i) % SPREAD_TOPICS)
                  .map(ServerUnderLoad::topic)
                  .toList());
      atFixedRate(
          "W1b " + name(transport),
          server,
          group,
          SPREAD_TOPICS,
          SPREAD_CLIENTS * TOPICS_PER_CLIENT / SPREAD_TOPICS);
    }
  }

  private void atFixedRate(
      String name, ServerUnderLoad server, LoadGroup group, int topics, int receivers) {
    long before = group.recorder().count();
    server.publish(topics, (double) FIXED_RATE / receivers);
    Measurement.sleep(plan.warmUp());
    Measurement measured = Measurement.of(server.meter(), group.recorder(), plan.measured());
    long lost = awaitAll(server, group, before, receivers);
    String prefix = name + " at 25,000/s: ";
    results.add(prefix + "deliveries/s", server.name(), measured.perSecond());
    results.add(prefix + "server CPU, µs/delivery", server.name(), measured.serverMicros());
    results.add(prefix + "load CPU, µs/delivery", server.name(), measured.loadMicros());
    results.add(prefix + "p50, ms", server.name(), measured.millis(50));
    results.add(prefix + "p99, ms", server.name(), measured.millis(99));
    results.add(prefix + "lost", server.name(), lost);
  }

  private boolean holds(ServerUnderLoad server, Transport transport, LoadGroup group, double rate) {
    long before = group.recorder().count();
    server.publish(1, rate / SUBSCRIBERS);
    Duration settling = plan.step().dividedBy(4);
    Measurement.sleep(settling);
    Measurement measured =
        Measurement.of(server.meter(), group.recorder(), plan.step().minus(settling));
    long lost = awaitAll(server, group, before, SUBSCRIBERS);
    double p99 = measured.millis(99);
    plot.add(name(transport) + ", " + server.name(), rate, measured.millis(50), p99);
    System.out.printf(
        Locale.ROOT,
        "  %s offered %.0f got %.0f p50 %.1f p99 %.1f ms, server %.1f µs, load %.1f µs, lost %d%n",
        server.name(),
        rate,
        measured.perSecond(),
        measured.millis(50),
        p99,
        measured.serverMicros(),
        measured.loadMicros(),
        lost);
    return lost == 0 && p99 <= LONGEST_P99 && measured.perSecond() > 0.95 * rate;
  }

  /** Ends publishing and waits for what is under way; returns how many messages did not come. */
  private static long awaitAll(
      ServerUnderLoad server, LoadGroup group, long before, int receivers) {
    long expected = before + server.stopPublishing() * receivers;
    long last = -1;
    while (group.recorder().count() < expected && group.recorder().count() != last) {
      last = group.recorder().count();
      Measurement.sleep(Duration.ofSeconds(3));
    }
    return expected - group.recorder().count();
  }

  static String name(Transport transport) {
    return transport == Transport.WEBSOCKET ? "WebSocket" : "long polling";
  }
}
