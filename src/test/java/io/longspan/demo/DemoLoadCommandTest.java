package io.longspan.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The command against a scripted bridge. */
class DemoLoadCommandTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String CHANNEL = "/anzo/user/alice/client1";

  @TempDir private Path folder;

  /** What the command has sent to services. */
  private final List<JsonNode> sent = new CopyOnWriteArrayList<>();

  private final BlockingQueue<ObjectNode> pending = new LinkedBlockingQueue<>();
  private final ExecutorService pool = Executors.newCachedThreadPool();
  private final AtomicInteger disconnects = new AtomicInteger();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private volatile String serviceStatus = "ok";
  private volatile boolean refusing;
  private int revision;
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/app/cometd", this::answer);
    server.setExecutor(pool);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    pool.shutdown();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String credentials =
        Base64.getEncoder().encodeToString("alice:päss".getBytes(StandardCharsets.UTF_8));
    exchange.getResponseHeaders().set("X-Bridge-Id", "bridge-7");
    if (!("Basic " + credentials).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
      exchange.sendResponseHeaders(401, -1);
      exchange.close();
      return;
    }
    ArrayNode replies = JSON.createArrayNode();
    for (JsonNode message : JSON.readTree(exchange.getRequestBody())) {
      String channel = message.path("channel").asText();
      ObjectNode reply = replies.addObject();
      reply.put("channel", channel);
      reply.put("id", message.path("id").asText());
      reply.put("successful", true);
      switch (channel) {
        case "/meta/handshake" -> {
          reply.put("clientId", "client1");
          ObjectNode bridge = reply.putObject("ext").putObject("bridge");
          bridge.put("bridgeId", "bridge-7");
          bridge.put("userChannel", CHANNEL);
        }
        case "/anzo/control" -> {
          ObjectNode data = JSON.createObjectNode();
          data.put("correlationId", message.path("data").path("correlationId").asText());
          data.put("status", "connected");
          data.putObject("limits").put("messageBytes", 1_000);
          pending.add(onUserChannel(data));
        }
        case "/anzo/bridge" -> bridge(message.path("data"), reply);
        case "/meta/connect" -> replies.addAll(poll());
        case "/meta/disconnect" -> disconnects.incrementAndGet();
        default -> {}
      }
    }
    byte[] body = JSON.writeValueAsBytes(replies);
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private static ObjectNode onUserChannel(ObjectNode data) {
    ObjectNode message = JSON.createObjectNode().put("channel", CHANNEL);
    message.set("data", data);
    return message;
  }

  /** Holds the poll for a short time, as a bridge does for longer. */
  private List<ObjectNode> poll() {
    try {
      ObjectNode first = pending.poll(50, TimeUnit.MILLISECONDS);
      return first == null ? List.of() : List.of(first);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private synchronized void bridge(JsonNode message, ObjectNode reply) {
    sent.add(message);
    if (refusing) {
      reply.put("successful", false);
      reply.put("error", "notAuthorized:no");
      return;
    }
    ObjectNode data = JSON.createObjectNode();
    ObjectNode properties = data.putObject("properties");
    properties.set("JMSCorrelationID", message.path("properties").path("JMSCorrelationID"));
    properties.put("status", serviceStatus);
    data.put(
        "body",
        serviceStatus.equals("ok")
            ? "{\"graphs\": [{\"revision\": %d, \"added\": 3, \"removed\": 1}]}"
                .formatted(++revision)
            : "{\"code\": \"syntax\", \"message\": \"line 1\\nis wrong\"}");
    pending.add(onUserChannel(data));
  }

  private String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/app/";
  }

  private int run(String... arguments) {
    return run(new DemoLoadCommand(), arguments);
  }

  private int run(DemoLoadCommand command, String... arguments) {
    return new CommandLine(command)
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }

  private String file(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content).toString();
  }

  @Test
  void filesBecomeRevisionsInTheirOrder() throws Exception {
    String one = file("one.ttl", "<urn:a> <urn:p> 'ä' .");
    String two = file("two.ttl", "");
    int status =
        run(one, two, "--graph", "urn:g", "--url", url(), "--user", "alice", "--password", "päss");
    assertThat(err.toString()).isEmpty();
    assertThat(status).isZero();
    assertThat(out.toString().lines())
        .containsExactly(
            "one.ttl: revision 1, 3 added, 1 removed", "two.ttl: revision 2, 3 added, 1 removed");
    assertThat(sent).hasSize(2);
    JsonNode load = sent.get(0);
    assertThat(load.path("destination").asText()).isEqualTo("services/graph");
    assertThat(load.path("body").asText()).isEqualTo("<urn:a> <urn:p> 'ä' .");
    assertThat(load.path("properties").path("graph").asText()).isEqualTo("urn:g");
    assertThat(load.path("properties").path("operation").asText()).isEqualTo("load");
    assertThat(load.path("properties").path("mode").asText()).isEqualTo("replace");
    assertThat(load.path("properties").path("revision").asText()).isEqualTo("one.ttl");
    assertThat(load.path("properties").path("timeToLive").asLong()).isEqualTo(60_000);
    assertThat(sent.get(1).path("properties").path("revision").asText()).isEqualTo("two.ttl");
    assertThat(disconnects).hasValue(1);
  }

  private void failsWith(String expected, String... arguments) {
    failsWith(expected, new DemoLoadCommand(), arguments);
  }

  private void failsWith(String expected, DemoLoadCommand command, String... arguments) {
    assertThat(run(command, arguments)).isEqualTo(1);
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString().lines()).hasSize(1);
    assertThat(err.toString()).startsWith("demo-load: ").contains(expected);
  }

  private String[] with(String file) {
    return new String[] {
      file, "--graph", "urn:g", "--url", url(), "--user", "alice", "--password", "päss"
    };
  }

  @Test
  void aServiceErrorIsOneLine() throws Exception {
    serviceStatus = "error";
    failsWith("one.ttl: line 1 is wrong", with(file("one.ttl", "")));
  }

  @Test
  void aRefusalOfTheBridgeIsOneLine() throws Exception {
    refusing = true;
    failsWith("one.ttl: notAuthorized: no", with(file("one.ttl", "")));
  }

  @Test
  void aMissingFileIsOneLine() {
    failsWith("no such file", with(folder.resolve("none.ttl").toString()));
  }

  @Test
  void aFileThatIsTooLargeIsOneLine() throws Exception {
    failsWith("one.ttl: limitExceeded: The message has", with(file("one.ttl", "#".repeat(2_000))));
    assertThat(sent).isEmpty();
  }

  @Test
  void wrongCredentialsAreOneLine() throws Exception {
    failsWith("refuses this user name", file("one.ttl", ""), "--graph", "urn:g", "--url", url());
  }

  @Test
  void noBridgeIsOneLine() throws Exception {
    String url = url();
    server.stop(0);
    DemoLoadCommand hasty = new DemoLoadCommand(Duration.ofMillis(300));
    failsWith("no bridge answers", hasty, file("one.ttl", ""), "--graph", "urn:g", "--url", url);
  }

  @Test
  void whatIsNoUrlIsOneLine() throws Exception {
    failsWith("not a URL", file("one.ttl", ""), "--graph", "urn:g", "--url", "no url");
  }
}
