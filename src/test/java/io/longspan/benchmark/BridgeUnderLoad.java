package io.longspan.benchmark;

import io.longspan.external.BridgeFiles;
import io.longspan.external.ChildProcess;
import io.longspan.external.DroppedInJar;
import io.longspan.external.ExternalBroker;
import io.longspan.external.Readiness;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The bridge: the WAR in a process of its own, with its defaults but for the number of HTTP
 * connections from one address and of messages from one client. A hundred clients share a user.
 */
final class BridgeUnderLoad implements ServerUnderLoad {
  static final int CLIENTS_PER_USER = 100;
  private static final int USERS = 200;
  private static final String CATALOGUE =
      """
      destinations:
        - {name: "services/{service}", kind: queue, send: ["*"]}
        - {name: "local/echo", kind: local, send: ["*"]}
        - {name: "bench/work", kind: queue, jms: work.bench, receive: ["*"]}
        - {name: "bench/{topic}", kind: topic, subscribe: ["*"]}
      """;

  private final ExternalBroker broker;
  private final Path war = DroppedInJar.warBeside(DroppedInJar.writeService(LocalEcho.class));
  private final Path config;
  private final Map<Integer, Login> cookies = new ConcurrentHashMap<>();
  private ChildProcess process;
  private URI base;
  private Connection connection;
  private Pacer pacer;

  BridgeUnderLoad(ExternalBroker broker, int port) {
    this.broker = broker;
    Map<String, String> keys = new TreeMap<>(broker.settings());
    keys.put("http.port", Integer.toString(port));
    keys.put("limits.connectionsPerAddress", "1000000");
    // The default, which tests switch off.
    keys.put("server.warmUp", "3s");
    // A client that asks again at once may exceed the default.
    keys.put("limits.messagesPerSecond", "1000000");
    for (String further : System.getProperty("benchmark.keys", "").split(",")) {
      int equals = further.indexOf('=');
      if (equals > 0) {
        keys.put(further.substring(0, equals), further.substring(equals + 1));
      }
    }
    String users =
        IntStream.range(0, USERS)
            .mapToObj(user -> "user%d: secret%d".formatted(user, user))
            .collect(Collectors.joining("\n"));
    config = BridgeFiles.write("benchmark", keys, CATALOGUE, users);
    start();
  }

  private void start() {
    List<String> arguments = new ArrayList<>();
    arguments.add("-Djava.io.tmpdir=" + config.getParent());
    String options = System.getProperty("benchmark.bridgeOptions", "");
    if (!options.isEmpty() && !options.startsWith("${")) {
      arguments.addAll(List.of(options.split(" ")));
    }
    arguments.addAll(List.of("-jar", war.toString(), "--config", config.toString()));
    process = Cores.MEASURED.start("benchmark", config.getParent(), arguments);
    base = URI.create(process.await("^Longspan is ready: (http\\S+)$").group(1));
    Readiness.await(base, process);
  }

  @Override
  public void restart() {
    startAgain();
    signIn();
  }

  /** Ends it and starts it again. Users sign in only when a client needs it. */
  void startAgain() {
    process.kill();
    start();
    cookies.clear();
  }

  /** Signs all users in, so that this is over when clients connect. */
  void signIn() {
    IntStream.range(0, USERS).forEach(user -> cookie(user * CLIENTS_PER_USER));
  }

  @Override
  public String name() {
    return "bridge";
  }

  @Override
  public Dialect dialect() {
    return Dialect.BRIDGE;
  }

  @Override
  public URI endpoint() {
    return base.resolve("cometd");
  }

  @Override
  public Login cookie(int client) {
    return cookies.computeIfAbsent(client / CLIENTS_PER_USER % USERS, this::signInUser);
  }

  @Override
  public Login password(int client) {
    int user = client / CLIENTS_PER_USER % USERS;
    return Login.ofPassword("user" + user, "secret" + user);
  }

  private Login signInUser(int user) {
    HttpRequest request =
        HttpRequest.newBuilder(base.resolve("login"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    "user=user%d&password=secret%d".formatted(user, user)))
            .build();
    try {
      HttpResponse<String> response =
          HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
      String cookie = response.headers().firstValue("Set-Cookie").orElseThrow();
      return Login.ofCookie(cookie.substring(0, cookie.indexOf(';')));
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    } catch (InterruptedException x) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(x);
    }
  }

  @Override
  public ProcessMeter meter() {
    return new ProcessMeter(process.pid());
  }

  @Override
  public void publish(int topics, double perSecond) {
    try {
      connection = broker.connectionFactory().createConnection();
      Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
      MessageProducer producer = session.createProducer(null);
      producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
      List<Topic> destinations = new ArrayList<>();
      for (int i = 0; i < topics; i++) {
        destinations.add(session.createTopic(ServerUnderLoad.topic(i)));
      }
      pacer =
          new Pacer(
              perSecond,
              (index, due) -> {
                TextMessage message =
                    session.createTextMessage(Stamp.body(1 + index / topics, due));
                producer.send(destinations.get((int) (index % topics)), message);
              });
    } catch (JMSException x) {
      throw new IllegalStateException(x);
    }
  }

  @Override
  public long stopPublishing() {
    long published = pacer.stop();
    try {
      connection.close();
    } catch (JMSException x) {
      throw new IllegalStateException(x);
    }
    return published;
  }

  @Override
  public void close() {
    process.kill();
  }
}
