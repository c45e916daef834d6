package io.longspan.chaos;

import static io.longspan.wire.RawBayeuxClient.message;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * A web client as the protocol wants it: it comes back after every loss, in its Bayeux session or
 * in a new one, on its bridge or on another, resumes, subscribes what it must, and sends requests.
 * Its application notes everything in its record. All of it runs on the client's strand; the public
 * methods may be called from any thread and return at once.
 */
final class ChaosClient extends CrowdClient {
  /** How long a request waits for its answer while the client is in contact. */
  static final long REQUEST_TIMEOUT = RunClock.nanos(Duration.ofSeconds(25));

  private static final long REPLY_TIMEOUT = RunClock.nanos(Duration.ofSeconds(20));
  private static final long CONTROL_TIMEOUT = RunClock.nanos(Duration.ofSeconds(30));
  private static final long RETRY = RunClock.nanos(Duration.ofMillis(500));
  private static final long MAX_BACKOFF = RunClock.nanos(Duration.ofSeconds(2));
  private static final int FAILURES_BEFORE_MOVING = 2;
  private static final int MAX_OPEN_REQUESTS = 5;

  /** Where the client stands. */
  private enum Phase {
    /** It waits before it tries again. */
    AWAY,
    /** It shakes hands and subscribes to its channel. */
    SHAKING_HANDS,
    /** It has sent connect, or is about to send it again. */
    CONNECTING,
    LIVE
  }

  private final Exchanges exchanges = new Exchanges();
  private final ClientInbox inbox;
  private final ClientTopics topics;

  private Phase phase = Phase.AWAY;
  private BayeuxLink link;

  /** Counts connections, so that what an old one says is not heard. */
  private int generation;

  private int doorway;
  private int failures;
  private long retryAt;
  private long liveSince = Long.MAX_VALUE;
  private boolean pollPending;
  private long nextRequestAt;
  private int lastId;

  private String clientId;
  private String userChannel = "";
  private volatile Optional<String> bridgeId = Optional.empty();
  private String resumeToken;

  /** A control message that waits for its answer; null where none does. */
  private Map<String, Object> control;

  /** When it was sent, or when the next is due. */
  private long controlAt;

  ChaosClient(ClientSettings settings, Executor pool) {
    super(settings, pool);
    this.inbox = new ClientInbox(record, this::controlAnswered, this::topicRevoked);
    this.topics = new ClientTopics(record, inbox, settings.topics());
  }

  @Override
  void slowed() {
    if (link != null) {
      link.read(false);
    }
  }

  @Override
  public void close() {
    strand.execute(
        () -> {
          drop();
          retryAt = Long.MAX_VALUE;
        });
  }

  @Override
  void onTick() {
    long now = now();
    if (isSlowStill(now)) {
      return;
    }
    if (isSlow()) {
      endSlowness();
    }
    if (phase == Phase.AWAY) {
      if (now >= retryAt) {
        open();
      }
    } else {
      watch(now);
    }
    if (phase == Phase.LIVE) {
      work(now);
    }
    settled = phase == Phase.LIVE && topics.complete();
  }

  @Override
  void endSlowness() {
    super.endSlowness();
    liveSince = Math.max(liveSince, now());
    exchanges.refresh(now());
    controlAt = control == null ? controlAt : now();
    if (link != null) {
      link.read(true);
    }
    if (pollPending) {
      poll(null);
    }
  }

  private void watch(long now) {
    String unanswered = exchanges.unansweredSince(now - settings.patience() * REPLY_TIMEOUT);
    if (unanswered != null) {
      lost("no reply on " + unanswered);
    } else if (control != null && now - controlAt > settings.patience() * CONTROL_TIMEOUT) {
      lost("no answer to " + control.get("type"));
    } else if (phase == Phase.CONNECTING && control == null && now >= controlAt) {
      sendConnect();
    }
  }

  private void work(long now) {
    if (!topics.complete() && control == null && now >= controlAt) {
      sendControl(topics.request("topics-" + ++lastId));
    }
    record.requests().expire(liveSince, now, settings.patience() * REQUEST_TIMEOUT);
    if (requesting && now >= nextRequestAt && record.requests().open() < MAX_OPEN_REQUESTS) {
      nextRequestAt = now + pause();
      sendRequest(now);
    }
    if (requesting) {
      filler
          .next(now, record.requests().openFills())
          .ifPresent(
              queue -> {
                String id = nextRequestId();
                record.requests().filling(id, bridgeId.orElseThrow(), queue, now);
                send(id, queue, QueueFiller.BODY);
              });
    }
  }

  private long pause() {
    int shortest = settings.pauseMillis();
    return RunClock.nanos(Duration.ofMillis(shortest + settings.random().nextInt(3 * shortest)));
  }

  private void open() {
    int mine = ++generation;
    Doorway door = settings.doorways().get(doorway);
    inbox.hold();
    BayeuxLink.Listener listener =
        new BayeuxLink.Listener() {
          @Override
          public void received(List<Map<String, Object>> messages) {
            strand.execute(() -> messages.forEach(message -> onMessage(mine, message)));
          }

          @Override
          public void lost(String why) {
            strand.execute(
                () -> {
                  if (mine == generation) {
                    ChaosClient.this.lost(why);
                  }
                });
          }
        };
    link =
        settings.webSocket()
            ? new SocketLink(settings.http(), door.url(), settings.user(), listener)
            : new PollingLink(
                settings.http(), door.url(), settings.user(), () -> bridgeId, listener);
    if (clientId == null) {
      shakeHands();
    } else {
      record.session().add("comes back to " + door.bridgeId() + " as " + clientId);
      beginSession();
    }
  }

  private void shakeHands() {
    phase = Phase.SHAKING_HANDS;
    bridgeId = Optional.empty();
    exchange(
        Map.of(
            "channel", "/meta/handshake",
            "version", "1.0",
            "supportedConnectionTypes", List.of(connectionType())),
        reply -> {
          if (!isSuccessful(reply)) {
            lost("handshake refused: " + reply);
            return;
          }
          clientId = (String) reply.get("clientId");
          Map<?, ?> bridge = (Map<?, ?>) ((Map<?, ?>) reply.get("ext")).get("bridge");
          userChannel = (String) bridge.get("userChannel");
          bridgeId = Optional.of((String) bridge.get("bridgeId"));
          record.session().add("shook hands with " + bridgeId.get() + " as " + clientId);
          exchange(
              message("channel", "/meta/subscribe", "subscription", userChannel),
              subscribed -> {
                if (isSuccessful(subscribed)) {
                  beginSession();
                } else {
                  sessionLost("channel refused: " + subscribed);
                }
              });
        });
  }

  private String connectionType() {
    return settings.webSocket() ? "websocket" : "long-polling";
  }

  private void beginSession() {
    phase = Phase.CONNECTING;
    // Connect follows the first poll: else its answer could go to a poll that was lost.
    controlAt = Long.MAX_VALUE;
    poll(Map.of("timeout", 0));
  }

  private void poll(Map<String, Object> advice) {
    pollPending = isSlow();
    if (pollPending) {
      return;
    }
    Map<String, Object> connect =
        message("channel", "/meta/connect", "connectionType", connectionType());
    if (advice != null) {
      connect.put("advice", advice);
    }
    exchange(
        connect,
        reply -> {
          if (isSuccessful(reply)) {
            if (phase == Phase.CONNECTING && controlAt == Long.MAX_VALUE) {
              sendConnect();
            }
            poll(null);
          } else {
            sessionLost("connect refused: " + reply);
          }
        });
  }

  private void sendConnect() {
    Map<String, Object> connect =
        message(
            "type", "connect",
            "protocolVersion", "1.1",
            "correlationId", "connect-" + ++lastId);
    if (resumeToken != null) {
      connect.put("resume", Map.of("token", resumeToken, "seq", inbox.lastSeq()));
    }
    sendControl(connect);
  }

  private void sendControl(Map<String, Object> data) {
    control = data;
    controlAt = now();
    exchange(
        message("channel", "/anzo/control", "data", data),
        reply -> {
          if (!isSuccessful(reply)) {
            sessionLost(data.get("type") + " refused: " + reply);
          }
        });
  }

  private void sendRequest(long now) {
    String id = nextRequestId();
    record.requests().sent(id, bridgeId.orElseThrow(), now);
    send(id, ChaosTopic.SERVICE, id);
  }

  private String nextRequestId() {
    return record.name() + "-" + ++lastId;
  }

  private void send(String id, String queue, String body) {
    Map<String, Object> data =
        Map.of("destination", queue, "properties", Map.of("JMSCorrelationID", id), "body", body);
    exchange(
        message("channel", "/anzo/bridge", "data", data),
        reply -> {
          if (isSuccessful(reply)) {
            record.requests().taken(id, now());
          } else if (isSessionUnknown(reply)) {
            sessionLost("request refused: " + reply);
          } else {
            record.requests().refused(id, String.valueOf(reply.get("error")), now());
          }
        });
  }

  private void onMessage(int from, Map<String, Object> message) {
    if (from != generation || exchanges.reply(message)) {
      return;
    }
    if ("/meta/disconnect".equals(message.get("channel"))) {
      sessionLost("the bridge disconnected: " + message);
    } else if (userChannel.equals(message.get("channel"))) {
      onData(message);
    }
  }

  @SuppressWarnings("unchecked")
  private void onData(Map<String, Object> message) {
    Map<String, Object> data = (Map<String, Object>) message.get("data");
    inbox.receive(data);
    if (phase == Phase.CONNECTING
        && control != null
        && control.get("correlationId").equals(data.get("correlationId"))) {
      connectAnswered(data);
    }
  }

  private void connectAnswered(Map<String, Object> answer) {
    boolean asked = control.containsKey("resume");
    control = null;
    if (!"connected".equals(answer.get("status"))) {
      record.session().add("not connected: " + answer);
      controlAt = now() + RETRY;
      return;
    }
    boolean resumed = Boolean.TRUE.equals(answer.get("resumed"));
    record.session().add("connected, resumed: " + (asked ? resumed : "not asked"));
    if (asked) {
      record.resumed(resumed);
      if (!resumed) {
        record.requests().voidAll(now());
        topics.lose();
      }
    }
    resumeToken = (String) answer.get("resumeToken");
    phase = Phase.LIVE;
    failures = 0;
    liveSince = now();
    if (resumed) {
      inbox.resume();
    } else {
      inbox.restart(answer);
    }
  }

  /** Hears of what the inbox lets through: answers but that to connect, and the bridge's status. */
  private void controlAnswered(String correlationId, Map<String, Object> answer) {
    if (correlationId.equals("bridgeStatus")) {
      if ("draining".equals(answer.get("status"))) {
        moveOn("the bridge is draining");
      }
    } else if (control != null && correlationId.equals(control.get("correlationId"))) {
      record.session().add("told " + answer);
      boolean complete = topics.answered(control, answer);
      control = null;
      controlAt = complete ? now() : now() + RETRY;
    }
  }

  /** Asks for it again until it is granted. */
  private void topicRevoked(ChaosTopic topic) {
    topics.revoked(topic);
    settled = false;
  }

  private void moveOn(String why) {
    doorway = (doorway + 1) % settings.doorways().size();
    failures = 0;
    sessionLost(why);
  }

  /** The Bayeux session is of no use any more. */
  private void sessionLost(String why) {
    clientId = null;
    lost(why);
  }

  /** The connection is of no use any more. */
  private void lost(String why) {
    record.session().add("lost at " + bridgeId.orElse("a door") + " while " + phase + ": " + why);
    drop();
    failures++;
    if (failures > FAILURES_BEFORE_MOVING && settings.random().nextBoolean()) {
      doorway = (doorway + 1) % settings.doorways().size();
      clientId = null;
    } else if (settings.random().nextInt(3) == 0) {
      // As after the reload of a page.
      clientId = null;
    }
    long backoff = Math.min(MAX_BACKOFF, RETRY / 4 << Math.min(failures, 5));
    retryAt = now() + backoff / 2 + (long) (settings.random().nextDouble() * backoff / 2);
  }

  /** The client itself has failed, or got what no bridge may send. */
  @Override
  void broken(Throwable failure) {
    StringWriter trace = new StringWriter();
    failure.printStackTrace(new PrintWriter(trace));
    record.find(Finding.Kind.CLIENT_FAILED, "client", trace.toString());
  }

  private void drop() {
    generation++;
    phase = Phase.AWAY;
    liveSince = Long.MAX_VALUE;
    settled = false;
    pollPending = false;
    control = null;
    record.requests().cut(now());
    exchanges.clear();
    if (link != null) {
      link.abort();
    }
    link = null;
  }

  private void exchange(Map<String, Object> message, Consumer<Map<String, Object>> onReply) {
    Map<String, Object> complete = new LinkedHashMap<>(message);
    if (clientId != null) {
      complete.put("clientId", clientId);
    }
    exchanges.send(link, complete, now(), onReply);
  }

  private static boolean isSuccessful(Map<String, Object> reply) {
    return Boolean.TRUE.equals(reply.get("successful"));
  }

  private static boolean isSessionUnknown(Map<String, Object> reply) {
    return String.valueOf(reply.get("error")).startsWith("402");
  }
}
