package io.longspan.wire;

import static java.util.stream.Collectors.joining;

import io.longspan.config.ConfigLoader;
import io.longspan.config.LongspanConfig;
import io.longspan.server.LongspanServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * A real bridge in this JVM: the server of {@code java -jar}, on a free port and a given broker.
 */
public final class TestBridge implements AutoCloseable {
  public static final String USERS =
      """
      alice: alice,trader,editor
      bob: bob,viewer
      root: root,sysadmin
      o'brien*/x: odd
      alice.smith: dotted
      zoë\\ ~x: zoë
      a: odd
      a/b: odd
      a~2Fb: odd
      a%2Fb: odd
      a.b: odd
      a%2Eb: odd
      a\\ b: odd
      a~20b: odd
      *: odd
      **: odd
      a*: odd
      ..: odd
      .: odd
      A: odd
      zo\\u00eb: odd
      zoe\\u0308: odd
      """;

  public static final String CATALOGUE =
      """
      destinations:
        - {name: "services/{service}", kind: queue, send: ["*"]}
        - {name: "secret/{x}", kind: queue, send: [sysadmin]}
        - {name: "namedgraphs/{graph}", kind: topic, send: ["*"], subscribe: {ask: services/authorization}}
        - {name: "prices/closed/{symbol}", kind: topic, jms: "prices.closed.{symbol}", subscribe: [sysadmin]}
        - {name: "prices/{market}/{symbol}", kind: topic, jms: "prices.{market}.{symbol}", send: [trader], subscribe: [trader, "user:bob"], wildcards: true}
        - {name: "chat/{room}", kind: topic, send: ["*"], subscribe: ["*"]}
        - {name: "kept/{room}", kind: topic, send: ["*"], subscribe: ["*"], keep: {messages: 100, bytes: 1MiB, age: 5m}}
        - {name: "newest/{room}", kind: topic, send: ["*"], subscribe: ["*"], slowConsumer: latest}
        - {name: "quotes/{room}", kind: topic, send: ["*"], subscribe: ["*"], slowConsumer: {latest: symbol}}
        - {name: "feed/{room}", kind: topic, send: ["*"], subscribe: ["*"], slowConsumer: dropOldest}
        - {name: inbox, kind: topic, jms: "inbox.{user}", subscribe: ["*"]}
        - {name: "settings/{service}", kind: queue, send: ["*"], priority: 2, timeToLive: 1h, persistent: true, groupId: "{user}", properties: {tier: silver, limit: 5, ratio: 0.5, audited: true}}
        - {name: "bymessageid/{service}", kind: queue, send: ["*"], correlate: messageId}
        - {name: "byproperty/{service}", kind: queue, send: ["*"], correlate: "property:ticket"}
        - {name: "temporaryTopic/{service}", kind: queue, send: ["*"], replies: temporaryTopic}
        - {name: "temporaryQueue/{service}", kind: queue, send: ["*"], replies: temporaryQueue}
        - {name: "topic/{service}", kind: queue, send: ["*"], replies: topic}
        - {name: "queue/{service}", kind: queue, send: ["*"], replies: queue}
        - {name: "keptprices/{market}/{symbol}", kind: topic, jms: "keptprices.{market}.{symbol}", subscribe: ["*"], wildcards: true, slowConsumer: latest, keep: {messages: 100}}
        - {name: "state/{x}", kind: topic, subscribe: ["*"], snapshot: services/state}
        - {name: "sharedstate/{x}", kind: topic, subscribe: ["*"], snapshot: services/state, snapshotShared: true}
        - {name: "stateprices/{market}/{symbol}", kind: topic, jms: "stateprices.{market}.{symbol}", subscribe: ["*"], wildcards: true, slowConsumer: latest, snapshot: services/state}
        - {name: "askedstate/{x}", kind: topic, subscribe: {ask: services/authorization}, snapshot: services/state}
        - {name: "ownstate/{x}", kind: topic, jms: "ownstate.{user}.{x}", subscribe: ["*"], snapshot: services/state, snapshotShared: true}
        - {name: "team/{room}", kind: topic, send: ["*"], subscribe: ["*"], presence: true}
        - {name: "ward/{room}", kind: topic, subscribe: ["*"], presence: [trader]}
        - {name: "board/{room}", kind: topic, subscribe: [sysadmin], presence: [trader]}
        - {name: "post", kind: topic, jms: "post.{user}", subscribe: ["*"], presence: true}
        - {name: "orders/{id}", kind: queue, send: [trader], title: Orders, schema: {type: object, required: [amount], properties: {amount: {type: integer}}}}
        - {name: "tried/{id}", kind: queue, send: [trader], schemaCheck: warn, schema: {properties: {amount: {type: integer}}}}
        - {name: "work/{queue}", kind: queue, jms: "work.{queue}", send: ["*"], receive: ["*"], deadLetter: work.dead}
        - {name: "brief/{queue}", kind: queue, jms: "work.brief.{queue}", receive: ["*"], ackTimeout: 1s}
        - {name: "few/{queue}", kind: queue, jms: "work.few.{queue}", receive: ["*"], maxConsumers: {total: 2, user: 1}}
        - {name: "askedwork/{queue}", kind: queue, jms: "work.asked.{queue}", receive: {ask: services/authorization}}
        - {name: "secretwork/{queue}", kind: queue, jms: "work.secret.{queue}", receive: [sysadmin]}
        - {name: "durable/{topic}", kind: topic, jms: "durable.{topic}", subscribe: ["*"], durable: true}
        - {name: "askeddurable/{topic}", kind: topic, jms: "askeddurable.{topic}", subscribe: {ask: services/authorization}, durable: true}
        - {name: "anywork/{name...}", kind: queue, jms: "{name}", receive: ["*"]}
        - {name: "mail/{box...}", kind: topic, jms: "mail.{box}", subscribe: ["*"]}
        - {name: "orders/{other}", kind: topic, subscribe: ["*"], title: never reached}
        - {name: "anyqueue/{name...}", kind: queue, jms: "{name}", send: ["*"]}
        - {name: "anytopic/{name...}", kind: topic, jms: "{name}", send: ["*"], subscribe: ["*"], wildcards: true}
      """;

  /** A file that fits into no buffer of a connection. */
  static final String LARGE_FILE = "large.txt";

  private final Path folder;
  private final LongspanServer server;
  private final Path catalogue;
  private final Path users;

  private TestBridge(Path folder, Path catalogue, Path users, LongspanServer server) {
    this.folder = folder;
    this.catalogue = catalogue;
    this.users = users;
    this.server = server;
  }

  /** Returns the catalogue, without the entries that the configured provider cannot serve. */
  public static String catalogue(Map<String, String> settings) {
    return "jndi".equals(settings.get("broker.provider"))
        ? CATALOGUE
                .lines()
                .filter(line -> !line.contains("receive:") && !line.contains("durable: true"))
                .collect(joining("\n"))
            + "\n"
        : CATALOGUE;
  }

  /**
   * Starts a bridge and waits until it is ready.
   *
   * @param settings keys of the configuration and their values
   */
  public static TestBridge start(Map<String, String> settings) {
    return start(settings, true);
  }

  /** Starts a bridge; where its broker may be down, without waiting until it is ready. */
  public static TestBridge start(Map<String, String> settings, boolean awaitReady) {
    return start(settings, awaitReady, "0");
  }

  /**
   * Starts a bridge.
   *
   * @param httpSessionSeconds how long HTTP sessions last without a request; 0: as in {@code
   *     web.xml}
   */
  static TestBridge start(
      Map<String, String> settings, boolean awaitReady, String httpSessionSeconds) {
    try {
      Path folder = Files.createTempDirectory("longspan-test-");
      Path catalogue = Files.writeString(folder.resolve("catalogue.yaml"), catalogue(settings));
      Path users = Files.writeString(folder.resolve("users.properties"), USERS);
      Path war = folder.resolve("war");
      copy(Path.of("webapp"), war);
      Path webXml = war.resolve("WEB-INF/web.xml");
      Files.writeString(webXml, TestHooks.addTo(Files.readString(webXml), httpSessionSeconds));
      // As in the packaged WAR.
      write(war.resolve("io/longspan/launcher/Launcher.class"), "no page");
      write(war.resolve("META-INF/MANIFEST.MF"), "no page");
      write(war.resolve(LARGE_FILE), "x".repeat(8 << 20));
      Map<String, String> properties = new HashMap<>();
      properties.put("longspan.http.port", "0");
      // Most tests end with clients that nobody waits for.
      properties.put("longspan.session.drainTimeout", "0s");
      properties.put("longspan.server.warmUp", "0s");
      properties.put("longspan.users", users.toString());
      properties.put("longspan.catalogue", catalogue.toString());
      settings.forEach((key, value) -> properties.put("longspan." + key, value));
      LongspanConfig config = ConfigLoader.load(Optional.empty(), properties, Map.of());
      LongspanServer server = LongspanServer.start(config, war, broker -> () -> {});
      TestBridge bridge = new TestBridge(folder, catalogue, users, server);
      if (awaitReady) {
        Awaitility.await().until(() -> bridge.status("health/ready") == 200);
      }
      return bridge;
    } catch (Exception x) {
      throw new IllegalStateException(x);
    }
  }

  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> paths = Files.walk(from)) {
      for (Path path : (Iterable<Path>) paths::iterator) {
        Files.copy(path, to.resolve(from.relativize(path).toString()));
      }
    }
  }

  URI uri(String path) {
    return URI.create(server.address() + path);
  }

  /** Returns the Bayeux endpoint. */
  public URI cometd() {
    return uri("cometd");
  }

  public int status(String path) {
    try {
      return HttpIT.get(uri(path)).statusCode();
    } catch (Exception x) {
      throw new IllegalStateException(x);
    }
  }

  /** Returns the value of a metric, whose name may have tags. */
  public double metric(String name) {
    return metrics()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow();
  }

  /** Returns all metrics, in Prometheus' text format. */
  String metrics() {
    try {
      return HttpIT.get(uri("metrics")).body();
    } catch (Exception x) {
      throw new IllegalStateException(x);
    }
  }

  public RawBayeuxClient client(Transport transport, String user) {
    return transport.client(cometd(), user, user);
  }

  /** A client that has shaken hands and connected. */
  public RawBayeuxClient connected(Transport transport, String user) {
    return client(transport, user).connected();
  }

  void writeCatalogue(String text) {
    write(text, catalogue);
  }

  void writeUsers(String text) {
    write(text, users);
  }

  private static void write(String text, Path file) {
    try {
      Files.writeString(file, text);
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }

  @Override
  public void close() {
    server.close();
    try (Stream<Path> paths = Files.walk(folder)) {
      paths.sorted(java.util.Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }
}
