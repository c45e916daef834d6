package io.longspan.benchmark;

import io.longspan.wire.Transport;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** W1 and W1b: what is published to topics reaches many clients. */
final class FanOut {
  private static final int SUBSCRIBERS = 500;
  private static final int FIXED_RATE = 25_000;

  /** The part of that rate that a server is warmed up with. */
  private static final int GENTLY = 5;

  private static final double LONGEST_P99 = 500;
  private static final int FIRST_RATE = 30_000;
  private static final double STEP = 1.2;
  private static final int REFINEMENTS = 2;

  /** What has not come when nothing has come for so long is lost. */
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private static final Duration POLL = Duration.ofMillis(50);

  private static final int SPREAD_CLIENTS = 5_000;
  private static final int SPREAD_TOPICS = 1_000;
  private static final int TOPICS_PER_CLIENT = 10;

  private final Plan plan;
  private final WarmUp warmUp;
  private final Results results;
  private final LatencyPlot plot;

  FanOut(Plan plan, WarmUp warmUp, Results results, LatencyPlot plot) {
    this.plan = plan;
    this.warmUp = warmUp;
    this.results = results;
    this.plot = plot;
  }

  /** W1: one topic, 500 subscribers, first at a fixed rate, then at rising ones. */
  void oneTopic(ServerUnderLoad server, Transport transport) {
    try (LoadGroup group = new LoadGroup(server, transport)) {
      int subscribers = plan.scaled(SUBSCRIBERS);
      group.connect(subscribers, 50, client -> List.of(ServerUnderLoad.topic(0)));
      atFixedRate("W1 " + name(transport), server, group, 1, subscribers);
      if (!plan.step().isZero()) {
        results.add(
            "W1 " + name(transport) + ": highest rate, deliveries/s",
            server.name(),
            highestRate(server, transport, group));
      }
      results.add(
          "W1 " + name(transport) + ": out of order", server.name(), group.recorder().disorders());
    }
  }

  private double highestRate(ServerUnderLoad server, Transport transport, LoadGroup group) {
    double highest = 0;
    double rate = plan.scaled(FIRST_RATE);
    while (drawn(rate, server, transport, group).holds()) {
      highest = rate;
      rate *= STEP;
    }
    double tooMuch = rate;
    for (int i = 0; i < REFINEMENTS; i++) {
      double between = (highest + tooMuch) / 2;
      if (at(between, server, group).holds()) {
        highest = between;
      } else {
        tooMuch = between;
      }
    }
    return highest;
  }

  /** W1b: 5,000 clients, 1,000 topics, each client on ten of them. */
  void manyTopics(ServerUnderLoad server, Transport transport) {
    try (LoadGroup group = new LoadGroup(server, transport)) {
      int clients = plan.scaled(SPREAD_CLIENTS);
      int topics = plan.scaled(SPREAD_TOPICS);
      group.connect(
          clients,
          50,
          client ->
              IntStream.range(0, TOPICS_PER_CLIENT)
                  .mapToObj(i -> (client * TOPICS_PER_CLIENT + i) % topics)
                  .map(ServerUnderLoad::topic)
                  .toList());
      atFixedRate(
          "W1b " + name(transport), server, group, topics, clients * TOPICS_PER_CLIENT / topics);
    }
  }

  private void atFixedRate(
      String name, ServerUnderLoad server, LoadGroup group, int topics, int receivers) {
    double rate = (double) plan.scaled(FIXED_RATE) / receivers;
    WarmUp.Phases phases = warmUp.before(name, server);
    long before = group.recorder().count();
    server.publish(topics, rate / GENTLY);
    Measurement.sleep(phases.gently());
    awaitAll(server, group, before, receivers);
    before = group.recorder().count();
    server.publish(topics, rate);
    Measurement.sleep(phases.fully());
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

  /** What came of a rate. */
  private record Step(double rate, Measurement measured, long lost) {
    double p50() {
      return measured.millis(50);
    }

    double p99() {
      return measured.millis(99);
    }

    boolean holds() {
      return lost == 0 && p99() <= LONGEST_P99 && measured.perSecond() > 0.95 * rate;
    }
  }

  /** The rates in between are others in each round, and would make the line jump. */
  private Step drawn(double rate, ServerUnderLoad server, Transport transport, LoadGroup group) {
    Step step = at(rate, server, group);
    plot.add(name(transport) + ", " + server.name(), rate, step.p50(), step.p99());
    return step;
  }

  private Step at(double rate, ServerUnderLoad server, LoadGroup group) {
    long before = group.recorder().count();
    int subscribers = plan.scaled(SUBSCRIBERS);
    server.publish(1, rate / subscribers);
    Duration settling = plan.step().dividedBy(4);
    Measurement.sleep(settling);
    Measurement measured =
        Measurement.of(server.meter(), group.recorder(), plan.step().minus(settling));
    Step step = new Step(rate, measured, awaitAll(server, group, before, subscribers));
    System.out.printf(
        Locale.ROOT,
        "  %s offered %.0f got %.0f p50 %.1f p99 %.1f ms, server %.1f µs, load %.1f µs, lost %d%n",
        server.name(),
        rate,
        measured.perSecond(),
        step.p50(),
        step.p99(),
        measured.serverMicros(),
        measured.loadMicros(),
        step.lost());
    return step;
  }

  /** Ends publishing and waits for what is under way; returns how many messages did not come. */
  private static long awaitAll(
      ServerUnderLoad server, LoadGroup group, long before, int receivers) {
    long expected = before + server.stopPublishing() * receivers;
    long last = group.recorder().count();
    long lastProgress = System.nanoTime();
    while (last < expected && System.nanoTime() - lastProgress < PATIENCE.toNanos()) {
      Measurement.sleep(POLL);
      long now = group.recorder().count();
      if (now != last) {
        last = now;
        lastProgress = System.nanoTime();
      }
    }
    return expected - last;
  }

  static String name(Transport transport) {
    return transport == Transport.WEBSOCKET ? "WebSocket" : "long polling";
  }
}
