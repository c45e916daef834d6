package io.longspan.external;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.longspan.wire.TestService;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.awaitility.Awaitility;

/**
 * JavaScript clients in a process of Node.js that account for every request and message ({@code
 * js-client/scripts/crowd.mjs}), with the service that answers them and the publisher of their
 * topics.
 */
public final class WebCrowd implements AutoCloseable {
  private static final List<String> TOPICS = List.of("ticks/1", "ticks/2", "ticks/3", "ticks/4");
  private static final String SERVICE = "services/crowd";

  /** Ends only what hangs: on a busy machine hundreds of clients need minutes for anything. */
  private static final Duration PATIENCE = Duration.ofMinutes(30);

  private static final ObjectMapper JSON = new ObjectMapper();

  private final TestService service;
  private final Map<String, AtomicInteger> asked = new ConcurrentHashMap<>();
  private final AtomicInteger published = new AtomicInteger();
  private final ScheduledExecutorService publisher = Executors.newScheduledThreadPool(1);
  private final ChildProcess process;

  /**
   * Starts clients, service and publisher.
   *
   * @param endpoint the Bayeux endpoint
   * @param ca whom the clients trust
   * @param pauseMillis the mean pause between two requests of a client
   * @param publishMillis the pause between two messages of a topic
   * @param timeoutMillis how long a request may take
   */
  public WebCrowd(
      ConnectionFactory broker,
      URI endpoint,
      Path ca,
      int clients,
      int pauseMillis,
      int publishMillis,
      int timeoutMillis) {
    service = new TestService(broker).serve(SERVICE, this::answer);
    publisher.scheduleAtFixedRate(this::publish, 0, publishMillis, TimeUnit.MILLISECONDS);
    String options =
        write(
            Map.of(
                "url", endpoint.toString(),
                "clients", clients,
                "topics", TOPICS,
                "service", SERVICE,
                "pause", pauseMillis,
                "timeout", timeoutMillis));
    process =
        ChildProcess.start(
            "crowd",
            Path.of("js-client"),
            Map.of("NODE_EXTRA_CA_CERTS", ca.toString()),
            List.of("node", "scripts/crowd.mjs", options));
  }

  /** Returns the users of a crowd, in the form of a users file. */
  public static String users(int clients) {
    StringBuilder users = new StringBuilder();
    for (int i = 0; i < clients; i++) {
      users.append("user-%d: user-%d\n".formatted(i, i));
    }
    return users.toString();
  }

  /** Returns the entries of the catalogue that the crowd needs. */
  public static String entries() {
    StringBuilder entries =
        new StringBuilder("  - {name: %s, kind: queue, send: [\"*\"]}\n".formatted(SERVICE));
    TOPICS.forEach(
        topic ->
            entries.append(
                ("  - {name: %s, kind: topic, subscribe: [\"*\"],"
                        + " keep: {messages: 1000, bytes: 1MiB, age: 5m, always: true}}\n")
                    .formatted(topic)));
    return entries.toString();
  }

  private void answer(Session session, Message request) throws JMSException {
    if (request.propertyExists("cancel")) {
      // Of a request that the client has given up.
      return;
    }
    asked
        .computeIfAbsent(request.getBody(String.class), body -> new AtomicInteger())
        .incrementAndGet();
    TestService.echo(session, request);
  }

  private void publish() {
    String number = Integer.toString(published.get() + 1);
    TOPICS.forEach(topic -> service.publish(topic, session -> session.createTextMessage(number)));
    published.incrementAndGet();
  }

  private static String write(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException x) {
      throw new IllegalStateException(x);
    }
  }

  /** Returns what the clients have said last about themselves, as an object. */
  public JsonNode state() {
    return line("state ");
  }

  private JsonNode line(String start) {
    String last =
        process
            .log()
            .lines()
            .filter(line -> line.startsWith(start) && line.endsWith("}"))
            .reduce((earlier, later) -> later)
            .orElse(start + "{}");
    try {
      return JSON.readTree(last.substring(start.length()));
    } catch (JsonProcessingException x) {
      throw new AssertionError(last, x);
    }
  }

  /** Waits until the clients say so. */
  public void await(String what, Predicate<JsonNode> condition) {
    Awaitility.await(what)
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(100))
        .failFast("the clients have ended", () -> !process.isAlive())
        .until(() -> condition.test(state()));
  }

  /**
   * Waits until all clients are connected, each topic has brought each client a message that was
   * published after this call, and as many requests as there are clients were answered.
   */
  public void awaitService(int clients) {
    int number = published.get() + 2;
    int answered = state().path("answered").asInt();
    await(
        "all clients are served",
        state ->
            state.path("connected").asInt() == clients
                && state.path("answered").asInt() >= answered + clients
                && hasSeen(state, number));
  }

  private static boolean hasSeen(JsonNode state, int number) {
    return TOPICS.stream().allMatch(topic -> state.path("seen").path(topic).asInt() >= number);
  }

  /**
   * Ends the traffic, waits until every request has ended and every message was seen, and ends the
   * clients. Returns their report, as an object.
   */
  public JsonNode finish() {
    publisher.shutdown();
    try {
      publisher.awaitTermination(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException x) {
      Thread.currentThread().interrupt();
    }
    await("all messages have come", state -> hasSeen(state, published.get()));
    process.stop();
    return line("report ");
  }

  /** Returns the requests that the service has got more than once. */
  public Set<String> askedTwice() {
    Set<String> twice = new HashSet<>();
    asked.forEach(
        (body, times) -> {
          if (times.get() > 1) {
            twice.add(body);
          }
        });
    return twice;
  }

  @Override
  public void close() {
    publisher.shutdownNow();
    process.kill();
    service.close();
  }
}
