package io.longspan.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.awaitility.Awaitility;

/** A Bayeux client that knows nothing of ours: it sends JSON and keeps what comes. */
public abstract class RawBayeuxClient implements AutoCloseable {
  /** Escapes all but ASCII, so that an attack can send half a surrogate pair. */
  static final ObjectMapper JSON =
      JsonMapper.builder(JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build())
          .build();

  private static final long PATIENCE = 120;

  private final Map<String, CompletableFuture<Map<String, Object>>> pending =
      new ConcurrentHashMap<>();
  private final List<Map<String, Object>> received = new CopyOnWriteArrayList<>();
  private final AtomicInteger ids = new AtomicInteger();
  final URI url;
  volatile String authorization;
  volatile String cookie;
  volatile boolean closed;
  private final Object pollLock = new Object();

  /** Guarded by the lock. */
  private boolean polling;

  /** Guarded by the lock. */
  private CompletableFuture<Map<String, Object>> lastPoll;

  private volatile boolean pollRefused;

  /** The batch that this client has seen last; null where it doesn't acknowledge. */
  private volatile Long acknowledged;

  private String clientId;
  private String userChannel;
  private String bridgeId;

  RawBayeuxClient(URI url, String user, String password) {
    this.url = url;
    this.authorization = user == null ? null : basic(user, password);
  }

  /** Changes the header of later requests, or of an upgrade that is still to come. */
  public RawBayeuxClient withAuthorization(String header) {
    authorization = header;
    return this;
  }

  RawBayeuxClient withCookie(String header) {
    cookie = header;
    return this;
  }

  static String basic(String user, String password) {
    byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(pair);
  }

  public abstract String connectionType();

  /** Sends messages; replies come to {@link #dispatch}. */
  abstract void transmit(List<Map<String, Object>> messages);

  /** Cuts the connection, without a word to the server. */
  abstract void cut();

  void dispatch(String json) {
    try {
      for (Map<String, Object> message :
          JSON.readValue(json, new TypeReference<List<Map<String, Object>>>() {})) {
        Object id = message.get("id");
        CompletableFuture<Map<String, Object>> reply = id == null ? null : pending.remove(id);
        if (acknowledged != null
            && message.get("ext") instanceof Map<?, ?> ext
            && ext.get("ack") instanceof Number batch) {
          acknowledged = batch.longValue();
        }
        if (reply != null) {
          reply.complete(message);
        } else if (message.containsKey("data")) {
          received.add(message);
        }
      }
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }

  void fail(Throwable failure) {
    pending.values().forEach(reply -> reply.completeExceptionally(failure));
    pending.clear();
  }

  public static Map<String, Object> message(Object... keysAndValues) {
    Map<String, Object> message = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      message.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return message;
  }

  /** Sends one message and returns the reply to it. */
  public Map<String, Object> exchange(Map<String, Object> message) {
    return await(start(message));
  }

  public CompletableFuture<Map<String, Object>> start(Map<String, Object> message) {
    return startAll(List.of(message)).get(0);
  }

  List<CompletableFuture<Map<String, Object>>> startAll(List<Map<String, Object>> messages) {
    List<CompletableFuture<Map<String, Object>>> replies = new ArrayList<>();
    List<Map<String, Object>> complete = new ArrayList<>();
    for (Map<String, Object> message : messages) {
      Map<String, Object> copy = new LinkedHashMap<>(message);
      String id = String.valueOf(ids.incrementAndGet());
      copy.put("id", id);
      if (!copy.containsKey("clientId") && clientId != null) {
        copy.put("clientId", clientId);
      }
      CompletableFuture<Map<String, Object>> reply = new CompletableFuture<>();
      pending.put(id, reply);
      replies.add(reply);
      complete.add(copy);
    }
    transmit(complete);
    return replies;
  }

  static <T> T await(CompletableFuture<T> future) {
    try {
      return future.get(PATIENCE, TimeUnit.SECONDS);
    } catch (Exception x) {
      throw new AssertionError("no reply", x);
    }
  }

  /** From the handshake on, messages come only in replies to polls, and are acknowledged. */
  RawBayeuxClient acknowledging() {
    acknowledged = 0L;
    return this;
  }

  public Map<String, Object> tryHandshake(Object... moreFields) {
    Map<String, Object> handshake =
        message(
            "channel", "/meta/handshake",
            "version", "1.0",
            "supportedConnectionTypes", List.of(connectionType()));
    if (acknowledged != null) {
      handshake.put("ext", Map.of("ack", true));
    }
    handshake.putAll(message(moreFields));
    return exchange(handshake);
  }

  /** Shakes hands, subscribes to the own channel and begins to poll. */
  @SuppressWarnings("unchecked")
  public RawBayeuxClient handshake(Object... moreFields) {
    Map<String, Object> reply = tryHandshake(moreFields);
    assertThat(reply).containsEntry("successful", true);
    clientId = (String) reply.get("clientId");
    Map<String, Object> bridge =
        (Map<String, Object>) ((Map<String, Object>) reply.get("ext")).get("bridge");
    userChannel = (String) bridge.get("userChannel");
    bridgeId = (String) bridge.get("bridgeId");
    assertThat(exchange(message("channel", "/meta/subscribe", "subscription", userChannel)))
        .containsEntry("successful", true);
    startPolling();
    return this;
  }

  void startPolling() {
    synchronized (pollLock) {
      polling = true;
      poll(0);
    }
  }

  /** Polls no more once the poll that is held is answered. */
  void stopPolling() {
    synchronized (pollLock) {
      polling = false;
    }
  }

  /** Polls no more; over long polling the server holds no poll any longer either. */
  public void endPolling() {
    stopPolling();
    String id = nextCorrelationId();
    publish("/anzo/control", message("type", "nothing", "correlationId", id));
    // The poll that was held brings the answer, if it had not been answered before.
    Awaitility.await()
        .atMost(PATIENCE, TimeUnit.SECONDS)
        .until(() -> hasAnswer(id) || lastPoll().isDone());
    while (!hasAnswer(id)) {
      exchange(pollMessage(0));
    }
  }

  private CompletableFuture<Map<String, Object>> lastPoll() {
    synchronized (pollLock) {
      return lastPoll;
    }
  }

  private boolean hasAnswer(String correlationId) {
    return data().stream().anyMatch(data -> correlationId.equals(data.get("correlationId")));
  }

  private Map<String, Object> pollMessage(int timeout) {
    Map<String, Object> connect =
        message("channel", "/meta/connect", "connectionType", connectionType());
    if (timeout == 0) {
      connect.put("advice", Map.of("timeout", 0));
    }
    if (acknowledged != null) {
      connect.put("ext", Map.of("ack", acknowledged));
    }
    return connect;
  }

  private void poll(int timeout) {
    lastPoll = start(pollMessage(timeout));
    lastPoll.whenComplete(
        (reply, failure) -> {
          boolean refused = failure != null || !Boolean.TRUE.equals(reply.get("successful"));
          pollRefused |= refused;
          if (!refused) {
            pollAgain();
          }
        });
  }

  private void pollAgain() {
    synchronized (pollLock) {
      if (polling && !closed) {
        poll(1);
      }
    }
  }

  private String nextCorrelationId() {
    return "c-" + ids.incrementAndGet();
  }

  /** Sends a control message and returns its answer. */
  public Map<String, Object> control(Object... fields) {
    Map<String, Object> data = message(fields);
    data.putIfAbsent("correlationId", nextCorrelationId());
    Object expected = data.get("correlationId");
    publish("/anzo/control", data);
    return awaitData(d -> expected.equals(d.get("correlationId")));
  }

  public Map<String, Object> connect() {
    return control("type", "connect", "protocolVersion", "1.1");
  }

  public Map<String, Object> subscribe(String... topics) {
    return control("type", "topicSubscribe", "topics", List.of(topics));
  }

  /** Shakes hands and connects. */
  public RawBayeuxClient connected(Object... fieldsOfTheHandshake) {
    handshake(fieldsOfTheHandshake);
    assertThat(connect()).containsEntry("status", "connected");
    return this;
  }

  Map<String, Object> publish(String channel, Object data) {
    return exchange(message("channel", channel, "data", data));
  }

  /** Sends a message into JMS and returns the publish reply. */
  public Map<String, Object> send(String destination, Map<String, Object> properties, Object body) {
    return publish(
        "/anzo/bridge",
        message("destination", destination, "properties", properties, "body", body));
  }

  /** Returns the data of every message on the user channel so far. */
  @SuppressWarnings("unchecked")
  public List<Map<String, Object>> data() {
    return received.stream().map(m -> (Map<String, Object>) m.get("data")).toList();
  }

  public List<Map<String, Object>> received() {
    return received;
  }

  public Map<String, Object> awaitData(Predicate<Map<String, Object>> wanted) {
    return Awaitility.await()
        .atMost(PATIENCE, TimeUnit.SECONDS)
        .pollInterval(2, TimeUnit.MILLISECONDS)
        .until(() -> data().stream().filter(wanted).findFirst().orElse(null), x -> x != null);
  }

  public Map<String, Object> awaitAnswer(String correlationId) {
    return awaitData(d -> correlationId.equals(properties(d).get("JMSCorrelationID")));
  }

  @SuppressWarnings("unchecked")
  public static Map<String, Object> properties(Map<String, Object> data) {
    return data.get("properties") instanceof Map<?, ?> properties
        ? (Map<String, Object>) properties
        : Map.of();
  }

  /** Returns whether a poll has failed: over long polling the end may fall between two polls. */
  public boolean pollRefused() {
    return pollRefused;
  }

  public String clientId() {
    return clientId;
  }

  /** Returns which bridge the session is on; null before the handshake. */
  public String bridgeId() {
    return bridgeId;
  }

  public void useClientId(String id) {
    clientId = id;
  }

  String userChannel() {
    return userChannel;
  }

  /** Says goodbye, if there is a session, and cuts the connection. */
  @Override
  public void close() {
    stopPolling();
    if (!closed && clientId != null && userChannel != null) {
      start(message("channel", "/meta/disconnect"))
          .handle((r, x) -> null)
          .completeOnTimeout(null, 2, TimeUnit.SECONDS)
          .join();
    }
    closed = true;
    cut();
  }
}
