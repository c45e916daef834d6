package io.longspan.chaos;

import static io.longspan.wire.RawBayeuxClient.message;

import io.longspan.chaos.QueueLedger.Settlement;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A client that consumes a queue or a durable subscription. It acknowledges, releases and rejects,
 * forgets what it has, dies and comes back as another one, and resumes after a loss, all at random.
 * All of it runs on its strand; the other methods return at once.
 */
final class QueueWorker {
  private static final long PATIENCE = RunClock.nanos(Duration.ofSeconds(15));
  private static final int SHORT_MILLIS = 40;

  private final String name;
  private final String user;
  private final Workload workload;
  private final boolean webSocket;
  private final List<Doorway> doors;
  private final HttpClient http;
  private final Random random;
  private final QueueLedger ledger;
  private final ScheduledExecutorService pool;
  private final Strand strand;
  private final Exchanges exchanges = new Exchanges();

  /** What it has and has not settled. */
  private final Set<String> held = new HashSet<>();

  /** What waits for the answer to a control message, by correlation id. */
  private final Map<Object, Consumer<Map<String, Object>>> controls = new LinkedHashMap<>();

  private BayeuxLink link;
  private int generation;
  private int door;
  private int lastId;
  private long retryAt;

  /** Since when the session has no connection; it has one while it is consuming. */
  private long awaySince;

  private long controlSince;
  private String clientId;
  private String userChannel = "";
  private volatile Optional<String> bridgeId = Optional.empty();
  private String resumeToken;
  private long lastSeq;
  private boolean calm;
  private boolean closed;
  private boolean consuming;
  private volatile boolean consumed;
  private volatile boolean idle;

  QueueWorker(
      int number,
      String user,
      Workload workload,
      List<Doorway> doors,
      HttpClient http,
      Random random,
      QueueLedger ledger,
      ScheduledExecutorService pool) {
    this.name = "worker-" + number;
    this.user = user;
    this.workload = workload;
    this.webSocket = number % 2 == 0;
    this.doors = doors;
    this.http = http;
    this.random = random;
    this.ledger = ledger;
    this.pool = pool;
    this.strand = new Strand(pool, failure -> failed(failure));
  }

  private void failed(Throwable failure) {
    failure.printStackTrace();
    ledger.events().add(name + " failed: " + failure);
  }

  /** Does what is due; to be called several times a second. */
  void tick() {
    strand.execute(
        () -> {
          long now = ledger.clock().now();
          if (link == null && !closed && now >= retryAt) {
            open();
          } else if (exchanges.unansweredSince(now - PATIENCE) != null
              || !controls.isEmpty() && now - controlSince > PATIENCE) {
            lost("no answer");
          }
          idle = closed || consuming && held.isEmpty() && controls.isEmpty();
        });
  }

  /** From now on acknowledges each message at once. */
  void calmDown() {
    strand.execute(() -> calm = true);
  }

  /** Returns whether it has ever begun to consume. */
  boolean hasConsumed() {
    return consumed;
  }

  /** Returns whether it consumes and has nothing that is not settled, or has ended. */
  boolean isIdle() {
    return idle;
  }

  void close() {
    strand.execute(
        () -> {
          closed = true;
          die();
        });
  }

  private void open() {
    int mine = ++generation;
    exchanges.clear();
    Doorway doorway = doors.get(door);
    BayeuxLink.Listener listener =
        new BayeuxLink.Listener() {
          @Override
          public void received(List<Map<String, Object>> messages) {
            strand.execute(() -> messages.forEach(each -> onMessage(mine, each)));
          }

          @Override
          public void lost(String why) {
            strand.execute(
                () -> {
                  if (mine == generation) {
                    QueueWorker.this.lost(why);
                  }
                });
          }
        };
    clientId = null;
    bridgeId = Optional.empty();
    link =
        webSocket
            ? new SocketLink(http, doorway.url(), user, listener)
            : new PollingLink(http, doorway.url(), user, () -> bridgeId, listener);
    exchange(
        message(
            "channel", "/meta/handshake",
            "version", "1.0",
            "supportedConnectionTypes", List.of(connectionType())),
        reply -> {
          clientId = (String) reply.get("clientId");
          Map<?, ?> bridge = (Map<?, ?>) ((Map<?, ?>) reply.get("ext")).get("bridge");
          userChannel = (String) bridge.get("userChannel");
          bridgeId = Optional.of((String) bridge.get("bridgeId"));
          exchange(
              message("channel", "/meta/subscribe", "subscription", userChannel),
              subscribed -> poll(Map.of("timeout", 0), this::connect));
        });
  }

  private String connectionType() {
    return webSocket ? "websocket" : "long-polling";
  }

  private void poll(Map<String, Object> advice, Runnable then) {
    Map<String, Object> connect =
        message("channel", "/meta/connect", "connectionType", connectionType());
    if (advice != null) {
      connect.put("advice", advice);
    }
    exchange(
        connect,
        reply -> {
          then.run();
          poll(null, () -> {});
        });
  }

  private void connect() {
    Map<String, Object> connect = message("type", "connect", "protocolVersion", "1.2");
    if (resumeToken != null) {
      connect.put("resume", Map.of("token", resumeToken, "seq", lastSeq));
    }
    control(
        connect,
        answer -> {
          if (!"connected".equals(answer.get("status"))) {
            lost("not connected: " + answer);
            return;
          }
          resumeToken = (String) answer.get("resumeToken");
          if (Boolean.TRUE.equals(answer.get("resumed"))) {
            ledger.events().add(name + " resumed on " + bridgeId.orElseThrow());
            consuming = true;
          } else {
            lastSeq = ((Number) answer.get("seq")).longValue();
            forgetAll();
            consume();
          }
        });
  }

  private void consume() {
    control(
        workload.subscribe(random),
        answer -> {
          if ("success".equals(answer.get("status"))) {
            consuming = true;
            consumed = true;
            if (workload.isDurable()) {
              ledger.takenOver(name);
            }
          } else {
            // A session without its consumer is of no use.
            ledger.events().add(name + " does not consume: " + answer);
            die();
          }
        });
  }

  private void control(Map<String, Object> data, Consumer<Map<String, Object>> onAnswer) {
    String id = "c" + ++lastId;
    data.put("correlationId", id);
    if (controls.isEmpty()) {
      controlSince = ledger.clock().now();
    }
    controls.put(id, onAnswer);
    exchange(message("channel", "/anzo/control", "data", data), reply -> {});
  }

  private void exchange(Map<String, Object> message, Consumer<Map<String, Object>> onReply) {
    if (clientId != null) {
      message.put("clientId", clientId);
    }
    exchanges.send(
        link,
        message,
        ledger.clock().now(),
        reply -> {
          if (Boolean.TRUE.equals(reply.get("successful"))) {
            onReply.accept(reply);
          } else {
            lost("refused: " + reply);
          }
        });
  }

  private void onMessage(int from, Map<String, Object> message) {
    if (from == generation
        && !exchanges.reply(message)
        && userChannel.equals(message.get("channel"))) {
      @SuppressWarnings("unchecked")
      Map<String, Object> data = (Map<String, Object>) message.get("data");
      onData(data);
    }
  }

  private void onData(Map<String, Object> data) {
    lastSeq = Math.max(lastSeq, ((Number) data.getOrDefault("seq", 0)).longValue());
    Consumer<Map<String, Object>> waiting = controls.remove(data.get("correlationId"));
    if (waiting != null) {
      controlSince = ledger.clock().now();
      waiting.accept(data);
    } else if (data.get("delivery") instanceof String handle) {
      delivered(Integer.parseInt((String) data.get("body")), handle);
    } else if ("draining".equals(data.get("status"))) {
      door = (door + 1) % doors.size();
      die();
    } else if ("takenOver".equals(data.get("reason"))) {
      // At the end the last one keeps it.
      closed = calm;
      die();
    }
  }

  private void delivered(int number, String handle) {
    long sentSince = consuming ? ledger.clock().now() : awaySince;
    ledger.received(number, handle, name, bridgeId.orElseThrow(), sentSince);
    held.add(handle);
    int dice = calm ? 0 : random.nextInt(100);
    if (dice < 70) {
      later(random.nextInt(SHORT_MILLIS), () -> settle(handle, Settlement.ACK));
    } else if (dice < 80) {
      later(random.nextInt(SHORT_MILLIS), () -> settle(handle, Settlement.RELEASE));
    } else if (dice < 84) {
      settle(handle, workload.rejects() ? Settlement.REJECT : Settlement.RELEASE);
    } else if (dice < 90) {
      // Too late: the bridge has released it.
      later(
          DeliveryStage.ACK_TIMEOUT.toMillis() + 1000 + random.nextInt(2000),
          () -> settle(handle, Settlement.ACK));
    } else if (dice < 96) {
      later(random.nextInt(2000), () -> settle(handle, Settlement.ACK));
    } else if (dice < 98) {
      lost("cuts its connection");
    } else {
      die();
    }
  }

  private void later(long millis, Runnable task) {
    pool.schedule(() -> strand.execute(task), millis, TimeUnit.MILLISECONDS);
  }

  private void settle(String handle, Settlement settlement) {
    if (!held.contains(handle)) {
      return;
    }
    if (link == null || !consuming) {
      later(SHORT_MILLIS, () -> settle(handle, settlement));
      return;
    }
    held.remove(handle);
    ledger.settling(handle, settlement);
    Map<String, Object> data =
        message("type", settlement.name().toLowerCase(), "deliveries", List.of(handle));
    if (settlement == Settlement.RELEASE && random.nextBoolean()) {
      data.put("delay", random.nextInt(800));
    }
    control(
        data,
        answer ->
            ledger.settled(
                handle, answer.get("failedDeliveries") instanceof List<?> f && f.isEmpty()));
  }

  /** The process ends: what it has is given up, and the next one knows nothing of it. */
  private void die() {
    forgetAll();
    drop();
    resumeToken = null;
    if (workload.isDurable()) {
      door = random.nextInt(doors.size());
    }
    int away = random.nextInt(calm ? 1000 : workload.awayMillis());
    retryAt = ledger.clock().now() + RunClock.nanos(Duration.ofMillis(away));
  }

  private void forgetAll() {
    held.forEach(ledger::gone);
    held.clear();
  }

  /** The connection is lost; the next one resumes the session, or not. */
  private void lost(String why) {
    ledger.events().add(name + " lost at " + bridgeId.orElse("a door") + ": " + why);
    if (random.nextInt(4) == 0) {
      door = (door + 1) % doors.size();
    }
    if (random.nextInt(3) == 0) {
      die();
      return;
    }
    held.forEach(ledger::lost);
    drop();
    retryAt = ledger.clock().now() + RunClock.nanos(Duration.ofMillis(random.nextInt(1500)));
  }

  private void drop() {
    generation++;
    if (consuming) {
      consuming = false;
      awaySince = ledger.clock().now();
    }
    controls.clear();
    exchanges.clear();
    if (link != null) {
      link.abort();
      link = null;
    }
  }
}
