package io.longspan.benchmark;

import io.longspan.external.ChildProcess;
import io.longspan.external.ExternalBroker;
import io.longspan.wire.Transport;
import java.time.Duration;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.ObjLongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * W2: a hundred clients, each with one request to the echo service under way. W2B: the same with
 * Basic credentials. W2L: with the echo service inside the bridge's process.
 */
final class RequestResponse {
  private static final int CLIENTS = 100;

  /** So many ask while a server is warmed up gently; fewer would exceed what one may send. */
  private static final int FIRST_ONES = 10;

  /** The seconds after the start that count as cold. */
  private static final Duration COLD_FROM = Duration.ofSeconds(10);

  private static final Duration COLD_FOR = Duration.ofSeconds(20);

  private static final Pattern ANSWERS = Pattern.compile("answers=(\\d+) at=(\\d+)\n");

  private final Plan plan;
  private final WarmUp warmUp;
  private final Results results;

  RequestResponse(Plan plan, WarmUp warmUp, Results results) {
    this.plan = plan;
    this.warmUp = warmUp;
    this.results = results;
  }

  void run(ServerUnderLoad server, Transport transport) {
    run("W2 ", server, transport, server::cookie, LoadClient::request);
  }

  /** W2 with Basic credentials in each request, where the server checks any. */
  void runWithPasswords(ServerUnderLoad server, Transport transport) {
    run("W2B ", server, transport, server::password, LoadClient::request);
  }

  void runLocally(ServerUnderLoad server, Transport transport) {
    run("W2L ", server, transport, server::cookie, LoadClient::requestLocally);
  }

  private void run(
      String workload,
      ServerUnderLoad server,
      Transport transport,
      IntFunction<Login> logins,
      ObjLongConsumer<LoadClient> ask) {
    try (LoadGroup group = new LoadGroup(server, transport, logins)) {
      group.connect(plan.scaled(CLIENTS), 50, client -> List.of());
      String name = workload + FanOut.name(transport) + ": ";
      WarmUp.Phases phases = warmUp.before(name, server);
      List<LoadClient> clients = group.clients();
      int first = Math.min(FIRST_ONES, clients.size());
      clients.subList(0, first).forEach(client -> group.run(() -> keepAsking(client, ask)));
      Measurement.sleep(phases.gently());
      clients
          .subList(first, clients.size())
          .forEach(client -> group.run(() -> keepAsking(client, ask)));
      Measurement.sleep(phases.fully());
      Measurement measured = Measurement.of(server.meter(), group.recorder(), plan.measured());
      results.add(name + "requests/s", server.name(), measured.perSecond());
      results.add(name + "CPU, µs/request", server.name(), measured.serverMicros());
      results.add(name + "load CPU, µs/request", server.name(), measured.loadMicros());
      results.add(name + "p50, ms", server.name(), measured.millis(50));
      results.add(name + "p99, ms", server.name(), measured.millis(99));
      results.add(name + "refused", server.name(), group.recorder().disorders());
    }
  }

  /** W2 from the start of the process: its CPU in the seconds 10 to 30, and when it is warm. */
  void cold(BridgeUnderLoad bridge, Transport transport) {
    bridge.startAgain();
    ProcessMeter meter = bridge.meter();
    String name = "W2 cold " + FanOut.name(transport) + ": ";
    results.add(name + "ready after, s", bridge.name(), meter.age().toMillis() / 1e3);
    results.add(name + "CPU until ready, s", bridge.name(), meter.cpuNanos() / 1e9);
    try (LoadGroup group = new LoadGroup(bridge, transport)) {
      group.connect(plan.scaled(CLIENTS), 50, client -> List.of());
      group.clients().forEach(client -> group.run(() -> keepAsking(client, LoadClient::request)));
      Duration untilThen = COLD_FROM.minus(meter.age());
      if (!untilThen.isNegative()) {
        Measurement.sleep(untilThen);
      }
      Measurement cold = Measurement.of(meter, group.recorder(), COLD_FOR);
      results.add(name + "CPU in seconds 10 to 30, µs/request", bridge.name(), cold.serverMicros());
      results.add(name + "requests/s in seconds 10 to 30", bridge.name(), cold.perSecond());
      results.add(name + "p99 in seconds 10 to 30, ms", bridge.name(), cold.millis(99));
      Measurement.sleep(plan.firstWarmUp());
      Measurement warm = Measurement.of(meter, group.recorder(), plan.measured());
      results.add(name + "CPU when warm, µs/request", bridge.name(), warm.serverMicros());
      results.add(
          name + "CPU cold / warm", bridge.name(), cold.serverMicros() / warm.serverMicros());
    }
    warmUp.startedAgain(bridge);
  }

  private static void keepAsking(LoadClient client, ObjLongConsumer<LoadClient> ask) {
    long[] number = {1};
    client.whenAnswered(() -> ask.accept(client, ++number[0]));
    ask.accept(client, 1);
  }

  /** The same by JMS alone, L2; to be compared with WebSocket. */
  void bareJms(ExternalBroker broker) {
    String[] at = plan.broker().arguments(broker);
    try (ChildProcess process =
        Cores.MEASURED.startMain(
            BareJmsMain.class, Integer.toString(plan.scaled(CLIENTS)), at[0], at[1])) {
      process.await("^ready$");
      Measurement.sleep(plan.warmUp());
      ProcessMeter meter = new ProcessMeter(process.pid());
      final long cpu = meter.cpuNanos();
      final long[] start = lastLine(process);
      Measurement.sleep(plan.measured());
      long[] end = lastLine(process);
      double answers = end[0] - start[0];
      double seconds = (end[1] - start[1]) / 1e9;
      String name = "W2 " + FanOut.name(Transport.WEBSOCKET) + ": ";
      results.add(name + "requests/s", "L2", answers / seconds);
      results.add(name + "CPU, µs/request", "L2", (meter.cpuNanos() - cpu) / 1e3 / answers);
    }
  }

  /** Returns the last count that a process of bare JMS clients has printed, and when. */
  static long[] lastLine(ChildProcess process) {
    Matcher lines = ANSWERS.matcher(process.log());
    long[] last = new long[2];
    while (lines.find()) {
      last = new long[] {Long.parseLong(lines.group(1)), Long.parseLong(lines.group(2))};
    }
    return last;
  }
}
