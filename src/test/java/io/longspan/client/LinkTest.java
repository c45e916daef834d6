package io.longspan.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How a client connects and resumes, at a bridge whose answers the test gives. */
@Timeout(60)
final class LinkTest {
  private static final Map<String, Object> END = Map.of("end", true);

  private final BlockingQueue<Map<String, Object>> sent = new LinkedBlockingQueue<>();
  private final BlockingQueue<Map<String, Object>> toClient = new LinkedBlockingQueue<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private volatile int sessions;
  private HttpServer server;
  private LongspanClient client;

  @BeforeEach
  void open() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
    client =
        LongspanClient.builder(URI.create("http://127.0.0.1:" + server.getAddress().getPort()))
            .transports("long-polling")
            .controlTimeout(Duration.ofMillis(200))
            .reconnect(Duration.ofMillis(10), Duration.ofMillis(20))
            .build();
  }

  @AfterEach
  void close() {
    client.close();
    server.stop(0);
    threads.shutdownNow();
  }

  private void handle(HttpExchange exchange) {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      List<Object> replies = new ArrayList<>();
      for (Map<String, Object> message : Transport.parse(body)) {
        reply(message, replies);
      }
      byte[] answer = Json.write(replies).getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(200, answer.length);
      exchange.getResponseBody().write(answer);
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    } catch (InterruptedException x) {
      Thread.currentThread().interrupt();
    }
  }

  private String clientId() {
    return "s" + sessions;
  }

  private String userChannel() {
    return "/anzo/user/alice/" + clientId();
  }

  private void reply(Map<String, Object> message, List<Object> replies)
      throws InterruptedException {
    String channel = Json.text(message, "channel");
    Map<String, Object> reply = new LinkedHashMap<>();
    reply.put("channel", channel);
    reply.put("id", message.get("id"));
    reply.put("successful", true);
    switch (channel) {
      case "/meta/handshake" -> {
        sessions++;
        reply.put("clientId", clientId());
        reply.put("advice", Map.of("reconnect", "retry", "timeout", 20_000, "interval", 0));
        Map<String, Object> bridge =
            Map.of(
                "userChannel",
                userChannel(),
                "bridgeId",
                "b",
                "user",
                "alice",
                "protocolVersions",
                List.of("1.2"));
        reply.put("ext", Map.of("bridge", bridge));
      }
      case "/meta/connect" -> {
        boolean held = !message.containsKey("advice");
        Map<String, Object> data = held ? toClient.poll(20, TimeUnit.SECONDS) : toClient.poll();
        if (data == END) {
          reply.put("successful", false);
          reply.put("error", "402::session_unknown");
          reply.put("advice", Map.of("reconnect", "handshake"));
        } else if (data != null) {
          replies.add(Map.of("channel", userChannel(), "data", data));
        }
      }
      default -> {
        if (message.containsKey("data")) {
          sent.add(Json.object(message, "data"));
        }
      }
    }
    replies.add(reply);
  }

  private Map<String, Object> awaitConnect() throws InterruptedException {
    Map<String, Object> next = sent.poll(20, TimeUnit.SECONDS);
    assertThat(next).containsEntry("type", "connect");
    return next;
  }

  private void answer(Map<String, Object> connect, int seq, Map<String, Object> more) {
    Map<String, Object> answer = new LinkedHashMap<>(more);
    answer.put("seq", seq);
    answer.put("correlationId", connect.get("correlationId"));
    answer.put("status", "connected");
    toClient.add(answer);
  }

  @Test
  void severalRefusalsToResumeLoseWhatIsOpenOnlyOnce() throws Exception {
    CompletableFuture<ConnectInfo> connected = client.connect();
    for (int seq = 1; !connected.isDone(); seq++) {
      answer(awaitConnect(), seq, Map.of("resumeToken", "t1"));
      // A client that has waited for too long asks once more.
      Awaitility.await().until(() -> connected.isDone() || !sent.isEmpty());
    }
    sent.clear();
    toClient.add(END);
    Map<String, Object> first = awaitConnect();
    Map<String, Object> second = awaitConnect();
    assertThat(Json.object(first, "resume")).containsEntry("token", "t1");
    assertThat(Json.object(second, "resume")).containsEntry("token", "t1");
    Map<String, Object> refused = Map.of("resumed", false, "resumeToken", "t2");
    answer(first, 1, refused);
    Awaitility.await()
        .until(() -> client.info().flatMap(ConnectInfo::resumeToken).equals(Optional.of("t2")));
    CompletableFuture<Message> request = client.request("services/echo", "x");
    Map<String, Object> asked = sent.poll(20, TimeUnit.SECONDS);
    while ("connect".equals(asked.get("type"))) {
      asked = sent.poll(20, TimeUnit.SECONDS);
    }
    answer(second, 2, refused);
    String id = Json.text(Json.object(asked, "properties"), "JMSCorrelationID");
    toClient.add(Map.of("seq", 3, "properties", Map.of("JMSCorrelationID", id), "body", "answer"));
    assertThat(request.get(20, TimeUnit.SECONDS).text()).isEqualTo("answer");
  }
}
