package io.longspan.server;

import io.longspan.config.ConfigLoader;
import io.longspan.config.LongspanConfig;
import io.longspan.config.LongspanConfig.Provider;
import io.longspan.demo.EchoConnection;
import io.longspan.demo.LocalEchoService;
import io.longspan.jms.JmsMessageBroker;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Exercises the code that handles messages before the server reports ready, so that the JVM has
 * compiled it when the first clients come.
 *
 * <p>A second bridge runs for a few seconds in this process. Clients connect to it on a random port
 * of the loopback address, with a random password, and call services. If the real broker is
 * ActiveMQ, the second bridge has a broker of its own in this process, so that the JMS client is
 * exercised too; otherwise it has none. Nothing of it is left: no message at the real broker, no
 * metric, and one line in the log.
 */
final class WarmUp {
  private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);

  private static final String USER = "warm-up";
  private static final String LOCAL_ECHO = "services/local-echo";
  private static final String JMS_ECHO = "services/echo";

  private static final String CATALOGUE =
      """
      destinations:
        - {name: services/local-echo, kind: local, send: ["*"]}
        - {name: "topics/{name}", kind: local, send: ["*"], subscribe: ["*"]}
      """;

  private static final String JMS_ENTRY =
      """
        - {name: services/echo, kind: queue, send: ["*"]}
      """;

  private static final long BROKER_BYTES = 16 << 20;

  /**
   * How long to wait at most until the second bridge is connected to its broker, for the first
   * answer, with which the time begins, and for the last ones: a message in flight would be an
   * error in the log of a client that is closed.
   */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final long POLL_MILLIS = 20;
  private static final int OK = 200;

  /** Several, because messages of one client wait for each other. */
  private static final int SOCKETS = 4;

  /** What runs, newest first. */
  private final Deque<AutoCloseable> running = new ArrayDeque<>();

  private final Provider provider;
  private final Path folder;

  private WarmUp(Provider provider, Path folder) {
    this.provider = provider;
    this.folder = folder;
  }

  /**
   * Runs for a time; blocks. A failure is logged, and the server starts without.
   *
   * @param time zero: returns at once
   * @param provider the provider of the real broker
   * @param war folder of the unpacked WAR
   */
  static void run(Duration time, Provider provider, Path war, ClassLoader classes) {
    if (time.isZero()) {
      return;
    }
    long start = System.nanoTime();
    long requests = 0;
    try (QuietLogs quiet = QuietLogs.begin()) {
      Path folder = Files.createTempDirectory("longspan-warm-up-");
      WarmUp warmUp = new WarmUp(provider, folder);
      try {
        requests = warmUp.exercise(time, war, classes);
      } finally {
        warmUp.close();
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

  private long exercise(Duration time, Path war, ClassLoader classes) throws Exception {
    String password = UUID.randomUUID().toString();
    boolean jms = provider == Provider.EMBEDDED || provider == Provider.ACTIVEMQ;
    LongspanConfig config = config(password, jms);
    if (jms) {
      running.push(new EchoConnection(JmsMessageBroker.connectionFactory(config.broker())));
    }
    WebServer server = WebServer.bind(config);
    running.push(server);
    WebApplication application = new WebApplication(war, config, UserAccounts.of(config), classes);
    application.setTempDirectory(folder.resolve("work").toFile());
    application.register(new LocalEchoService());
    server.serve(application);
    awaitReady(server);
    URI endpoint = URI.create(server.address() + "cometd");
    List<String> services = jms ? List.of(JMS_ECHO, LOCAL_ECHO) : List.of(LOCAL_ECHO);
    List<WarmUpSocket> sockets = new ArrayList<>();
    for (int i = 0; i < SOCKETS; i++) {
      WarmUpSocket socket = new WarmUpSocket(endpoint, USER, password, i, services);
      running.push(socket);
      sockets.add(socket);
    }
    WarmUpClient polling = new WarmUpClient(endpoint, USER, password, SOCKETS, services);
    running.push(polling);
    LongSupplier answers =
        () -> polling.answers() + sockets.stream().mapToLong(WarmUpSocket::answers).sum();
    await(() -> answers.getAsLong() > 0);
    TimeUnit.NANOSECONDS.sleep(time.toNanos());
    polling.finish();
    sockets.forEach(WarmUpSocket::finish);
    await(() -> polling.isDone() && sockets.stream().allMatch(WarmUpSocket::isDone));
    return answers.getAsLong();
  }

  private LongspanConfig config(String password, boolean jms) throws Exception {
    Path users = folder.resolve("users.properties");
    Path catalogue = folder.resolve("catalogue.yaml");
    Files.writeString(users, USER + ": " + password);
    Files.writeString(catalogue, jms ? CATALOGUE + JMS_ENTRY : CATALOGUE);
    Map<String, String> keys =
        new HashMap<>(
            Map.of(
                "longspan.http.port", "0",
                "longspan.bridge.id", USER,
                "longspan.broker.provider", "none",
                "longspan.users", users.toString(),
                "longspan.catalogue", catalogue.toString(),
                "longspan.limits.messagesPerSecond", "1000000",
                "longspan.session.drainTimeout", "0s"));
    if (!jms) {
      return ConfigLoader.load(Optional.empty(), keys, Map.of());
    }
    keys.put("longspan.broker.user", USER);
    keys.put("longspan.broker.password", password);
    keys.put("longspan.broker.provider", provider == Provider.EMBEDDED ? "embedded" : "activemq");
    EmbeddedBroker broker =
        provider == Provider.EMBEDDED
            ? EmbeddedBroker.start(BROKER_BYTES)
            : EmbeddedBroker.startOverTcp(BROKER_BYTES, USER, password);
    running.push(broker);
    keys.put("longspan.broker.url", broker.url());
    LongspanConfig config = ConfigLoader.load(Optional.empty(), keys, Map.of());
    return config.withBroker(config.broker().withUrl(broker.url()));
  }

  private static void awaitReady(WebServer server) throws Exception {
    HttpClient http = HttpClient.newHttpClient();
    HttpRequest ready =
        HttpRequest.newBuilder(URI.create(server.address() + "health/ready")).build();
    await(() -> http.send(ready, BodyHandlers.discarding()).statusCode() == OK);
  }

  private static void await(Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.call() && System.nanoTime() < deadline) {
      Thread.sleep(POLL_MILLIS);
    }
  }

  private void close() throws Exception {
    while (!running.isEmpty()) {
      running.pop().close();
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
