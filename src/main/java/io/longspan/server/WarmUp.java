package io.longspan.server;

import io.longspan.config.ConfigLoader;
import io.longspan.config.LongspanConfig;
import io.longspan.demo.LocalEchoService;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Exercises the code that handles messages before the server reports ready, so that the JVM has
 * compiled it when the first clients come.
 *
 * <p>A second bridge runs for a few seconds, in this process and without a broker. Clients connect
 * to it on a random port of the loopback address, with a random password, and call a local service.
 * Nothing of it is left: no message at a broker, no metric, and one line in the log.
 */
final class WarmUp {
  private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);

  private static final String USER = "warm-up";

  private static final String CATALOGUE =
      """
      destinations:
        - {name: services/local-echo, kind: local, send: ["*"]}
        - {name: "topics/{name}", kind: local, send: ["*"], subscribe: ["*"]}
      """;

  private WarmUp() {}

  /**
   * Runs for a time; blocks. A failure is logged, and the server starts without.
   *
   * @param war folder of the unpacked WAR
   * @param time zero: returns at once
   */
  static void run(Duration time, Path war, ClassLoader classes) {
    if (time.isZero()) {
      return;
    }
    long start = System.nanoTime();
    long requests = 0;
    try (QuietLogs quiet = QuietLogs.begin()) {
      Path folder = Files.createTempDirectory("longspan-warm-up-");
      try {
        requests = exercise(time, war, folder, classes);
      } finally {
        delete(folder);
      }
    } catch (Exception failure) {
      LOG.warn("warm-up failed, the server starts without", failure);
      return;
    }
    LOG.info(
        "warmed up requests={} millis={}",
        requests,
        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
  }

  private static long exercise(Duration time, Path war, Path folder, ClassLoader classes)
      throws Exception {
    String password = UUID.randomUUID().toString();
    Path users = folder.resolve("users.properties");
    Path catalogue = folder.resolve("catalogue.yaml");
    Files.writeString(users, USER + ": " + password);
    Files.writeString(catalogue, CATALOGUE);
    LongspanConfig config =
        ConfigLoader.load(
            Optional.empty(),
            Map.of(
                "longspan.http.port", "0",
                "longspan.bridge.id", USER,
                "longspan.broker.provider", "none",
                "longspan.users", users.toString(),
                "longspan.catalogue", catalogue.toString(),
                "longspan.limits.messagesPerSecond", "1000000",
                "longspan.session.drainTimeout", "0s"),
            Map.of());
    WebServer server = WebServer.bind(config);
    List<WarmUpClient> clients = new ArrayList<>();
    try {
      WebApplication application =
          new WebApplication(war, config, UserAccounts.of(config), classes);
      application.setTempDirectory(folder.resolve("work").toFile());
      application.register(new LocalEchoService());
      server.serve(application);
      URI endpoint = URI.create(server.address() + "cometd");
      for (boolean webSocket : new boolean[] {true, true, false}) {
        clients.add(new WarmUpClient(endpoint, USER, password, webSocket, clients.size()));
      }
      TimeUnit.NANOSECONDS.sleep(time.toNanos());
      return clients.stream().mapToLong(WarmUpClient::answers).sum();
    } finally {
      clients.forEach(WarmUpClient::close);
      server.close();
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
