package io.longspan.client;

import io.longspan.client.Codec.BayeuxError;
import io.longspan.client.Transport.Failure;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Bayeux 1.0 with the bridge: one session after another, each kept alive, until the connection is
 * closed or fails for good. Used on the loop only.
 */
final class BayeuxConnection {
  /** Failed attempts in one session after which another transport is tried. */
  private static final int PATIENCE = 4;

  private static final long DEFAULT_HOLD = 30_000;
  private static final Pattern REASON =
      Pattern.compile("(limitExceeded|originRefused): *(.*)", Pattern.DOTALL);
  private static final Set<String> SIGN_IN_ENDED =
      Set.of("loggedOut", "credentialEnded", "signInLimit", "tokenExpired");

  /** Receives what happens. */
  interface Listener {
    /** There is a new session; messages may be published. */
    void opened(BayeuxSession session);

    /** The network or the session is gone; {@code opened} or {@code restored} may follow. */
    void interrupted();

    /** The network is back, in the same session. */
    void restored();

    /** A message has come on the user channel. */
    void received(Object data);

    /** The connection has failed for good; nothing follows. */
    void failed(LongspanException error);

    /** Returns the number of the last received message, 0 without one. */
    long acknowledged();
  }

  private final Settings settings;
  private final Loop loop;
  private final Listener listener;
  private final Tokens tokens;
  private final Backoff backoff;
  private final Outbox outbox;
  private Map<String, Object> advice = Map.of();
  private Transport transport;
  private BayeuxSession session;
  private long replyMillis;
  private long ids;

  /** Whether there is a session that may carry messages. */
  private boolean active;

  /** Whether its network works. */
  private boolean up;

  private boolean subscribed;

  /** Whether the last connect succeeded, so that the bridge may hold the next one. */
  private boolean connected;

  private long downSince;
  private int failures;

  /** Whether the bridge has rejected a session, and none has worked since. */
  private boolean told;

  private boolean closing;
  private CompletableFuture<Void> closed;
  private String endReason;
  private Future<?> timer;
  private Runnable attempt;
  private String problem;

  BayeuxConnection(Settings settings, Loop loop, Listener listener) {
    this.settings = settings;
    this.loop = loop;
    this.listener = listener;
    this.tokens = new Tokens(settings, loop);
    this.backoff = new Backoff(settings);
    this.outbox = new Outbox(loop);
    replyWithin(settings.networkTimeout().toMillis());
  }

  /** Returns the name of the transport in use, or null. */
  String transport() {
    return transport == null ? null : transport.name();
  }

  /** Returns why there is no connection, for people; or null. */
  String problem() {
    return problem;
  }

  void replyWithin(long millis) {
    replyMillis = millis;
    outbox.replyWithin(millis);
  }

  void open() {
    tokens.renew(
        failure -> {
          if (failure == null) {
            handshake(0);
          } else {
            fail(failure);
          }
        });
  }

  /** Starts the next attempt now, without back-off. */
  void wake() {
    backoff.reset();
    Runnable next = attempt;
    if (next != null) {
      Loop.cancel(timer);
      attempt = null;
      next.run();
    }
  }

  /** Sends a message. The receipt is called once, with null if the broker has taken it. */
  void publish(String channel, Map<String, Object> data, Consumer<LongspanException> receipt) {
    if (!active || closing) {
      receipt.accept(new LongspanException.NotSent("There is no connection"));
      return;
    }
    Map<String, Object> message = message(channel);
    message.put("data", data);
    outbox.add(message, (reply, failure) -> receipt.accept(receiptError(reply, failure)));
  }

  /** Ends the session; completes when the bridge has answered, or after the time for it. */
  CompletableFuture<Void> close() {
    if (closed != null) {
      return closed;
    }
    closed = new CompletableFuture<>();
    closing = true;
    stopTimer();
    if (up) {
      loop.later(settings.closeTimeout(), this::dispose);
      sayGoodbye();
    } else {
      dispose();
    }
    return closed;
  }

  private void sayGoodbye() {
    if (!outbox.isFlushed()) {
      loop.later(Duration.ofMillis(5), this::sayGoodbye);
    } else if (active) {
      long millis = settings.closeTimeout().toMillis();
      outbox.ask(message("/meta/disconnect"), millis, (reply, failure) -> dispose());
    }
  }

  private void dispose() {
    active = false;
    up = false;
    stopTimer();
    if (transport != null) {
      transport.close();
    }
    outbox.failAll("The connection was closed");
    if (closed != null) {
      closed.complete(null);
    }
  }

  private void fail(LongspanException error) {
    if (!closing) {
      closing = true;
      dispose();
      listener.failed(error);
    }
  }

  // Sessions

  private void handshake(int index) {
    if (closing) {
      return;
    }
    String name = settings.transports().get(index);
    use(name);
    Map<String, Object> message = message("/meta/handshake");
    message.put("version", "1.0");
    message.put("minimumVersion", "1.0");
    message.put("supportedConnectionTypes", List.of(name));
    message.put("advice", Map.of("timeout", 60_000, "interval", 0));
    boolean socket = name.equals(Transport.WEB_SOCKET);
    long millis = socket ? settings.webSocketTimeout().toMillis() : replyMillis;
    outbox.ask(
        message,
        millis,
        (reply, failure) -> {
          if (failure != null) {
            afterFailedHandshake(index, name, failure);
          } else {
            afterHandshake(name, reply);
          }
        });
  }

  private void afterFailedHandshake(int index, String name, Failure failure) {
    if (closing) {
      return;
    }
    problem = name + ": " + failure.reason();
    if (isRefusal(failure.status())) {
      refused(failure.status(), failure.reason(), () -> handshake(0));
      return;
    }
    Loop.LOG.log(Level.DEBUG, "no handshake over {0}", problem);
    if (index + 1 < settings.transports().size()) {
      handshake(index + 1);
    } else {
      later(backoff.next(), () -> handshake(0));
    }
  }

  private void afterHandshake(String name, Map<String, Object> reply) {
    if (closing) {
      return;
    }
    if (Boolean.TRUE.equals(reply.get("successful"))) {
      begin(reply);
      return;
    }
    BayeuxError error = BayeuxError.of(reply.get("error"));
    problem = name + ": " + error.text();
    int status = status(error.code());
    if (isRefusal(status)) {
      refused(status, error.text(), () -> handshake(0));
    } else if ("none".equals(advice.get("reconnect"))) {
      String code = error.code().isEmpty() ? "handshake" : error.code();
      fail(new LongspanException.Refused(code, error.text(), false));
    } else {
      // A bridge to which many clients return gives each of them another time.
      later(backoff.next().plusMillis(millis("interval", 0)), () -> handshake(0));
    }
  }

  private void begin(Map<String, Object> reply) {
    BayeuxSession begun = BayeuxSession.of(reply);
    if (begun == null) {
      fail(
          new LongspanException.Refused(
              "unsupportedVersion", "The server is not a Longspan bridge", false));
      return;
    }
    outbox.failAll("The session was lost");
    session = begun;
    tokens.accepted();
    endReason = null;
    active = true;
    up = true;
    connected = false;
    downSince = 0;
    failures = 0;
    subscribe();
    listener.opened(begun);
    connect();
  }

  private void subscribe() {
    BayeuxSession subscriber = session;
    subscribed = true;
    Map<String, Object> message = message("/meta/subscribe");
    message.put("subscription", subscriber.userChannel());
    outbox.add(
        message,
        (reply, failure) -> {
          if (session != subscriber) {
            return;
          }
          if (failure != null) {
            // The bridge may have received it.
            subscribed = false;
          } else if (!Boolean.TRUE.equals(reply.get("successful"))) {
            BayeuxError error = BayeuxError.of(reply.get("error"));
            // 402: the session is gone; the next one subscribes again.
            if (!error.code().equals("402")) {
              fail(new LongspanException.Refused(error.code(), error.text(), false));
            }
          }
        });
  }

  private void connect() {
    long hold = connected ? millis("timeout", DEFAULT_HOLD) : 0;
    tokens.renewIfDue(Duration.ofMillis(hold), () -> connect(hold));
  }

  private void connect(long hold) {
    if (closing || !active) {
      return;
    }
    Map<String, Object> message = message("/meta/connect");
    message.put("connectionType", transport.name());
    if (hold == 0) {
      message.put("advice", Map.of("timeout", 0));
    }
    ext(message).put("bridge", Map.of("seq", listener.acknowledged()));
    boolean probes = hold == 0 && transport.name().equals(Transport.WEB_SOCKET);
    long patience = probes ? settings.webSocketTimeout().toMillis() : replyMillis;
    BayeuxSession current = session;
    outbox.ask(
        message,
        patience + hold,
        (reply, failure) -> {
          if (closing || session != current) {
            return;
          }
          if (failure != null) {
            afterFailedConnect(failure);
          } else if (Boolean.TRUE.equals(reply.get("successful"))) {
            afterConnect();
          } else {
            afterRefusedConnect(reply);
          }
        });
  }

  private void afterConnect() {
    if ("none".equals(advice.get("reconnect"))) {
      fail(ended(endReason));
      return;
    }
    tokens.accepted();
    backoff.reset();
    connected = true;
    downSince = 0;
    failures = 0;
    told = false;
    if (!subscribed) {
      subscribe();
    }
    if (!up) {
      up = true;
      listener.restored();
    }
    long interval = millis("interval", 0);
    if (interval > 0) {
      later(Duration.ofMillis(interval), this::connect);
    } else {
      connect();
    }
  }

  private void afterRefusedConnect(Map<String, Object> reply) {
    BayeuxError error = BayeuxError.of(reply.get("error"));
    Object reconnect = Json.object(reply, "advice").get("reconnect");
    int status = status(error.code());
    if ("handshake".equals(reconnect)) {
      interrupt();
      active = false;
      // The bridge is reachable, so the first handshake is immediate; further ones wait.
      later(told ? backoff.next() : Duration.ZERO, () -> handshake(0));
      told = true;
    } else if (isRefusal(status)) {
      interrupt();
      active = false;
      refused(status, error.text(), () -> handshake(0));
    } else if ("none".equals(reconnect)) {
      fail(ended(error.text()));
    } else {
      afterFailedConnect(new Failure(error.text(), true, 0));
    }
  }

  private void afterFailedConnect(Failure failure) {
    connected = false;
    interrupt();
    problem = transport.name() + ": " + failure.reason();
    if (isRefusal(failure.status())) {
      active = false;
      refused(failure.status(), failure.reason(), () -> handshake(0));
      return;
    }
    long now = System.nanoTime() / 1_000_000;
    downSince = downSince == 0 ? now : downSince;
    Duration delay = backoff.next();
    long lasts = millis("maxInterval", 0);
    if (lasts > 0 && now - downSince + delay.toMillis() > lasts + millis("timeout", DEFAULT_HOLD)) {
      active = false;
      later(delay, () -> handshake(0));
      return;
    }
    if (++failures >= PATIENCE) {
      settings.transports().stream()
          .filter(name -> !name.equals(transport.name()))
          .findFirst()
          .ifPresent(this::use);
    }
    later(delay, this::connect);
  }

  /** Fetches a new token if that may help; else the connection fails. */
  private void refused(int status, String text, Runnable then) {
    Matcher reason = REASON.matcher(text);
    if (reason.find()) {
      boolean limit = reason.group(1).equals("limitExceeded");
      fail(new LongspanException.Refused(reason.group(1), reason.group(2).strip(), limit));
    } else if (tokens.mayHelp()) {
      tokens.renew(
          failure -> {
            if (failure == null) {
              then.run();
            } else {
              fail(failure);
            }
          });
    } else {
      fail(
          new LongspanException.Authentication(
              "The bridge does not know this user (" + status + ")", null));
    }
  }

  private void interrupt() {
    if (up) {
      up = false;
      listener.interrupted();
    }
  }

  private void later(Duration delay, Runnable next) {
    if (closing) {
      return;
    }
    attempt = next;
    timer =
        loop.later(
            delay,
            () -> {
              attempt = null;
              next.run();
            });
  }

  private void stopTimer() {
    attempt = null;
    Loop.cancel(timer);
  }

  // Messages

  private void use(String name) {
    if (transport != null) {
      transport.close();
    }
    Transport.Listener receiver = new Receiver();
    transport =
        name.equals(Transport.LONG_POLLING)
            ? new PollingTransport(settings, loop, this::headers, receiver)
            : new SocketTransport(settings, loop, this::headers, receiver);
    outbox.use(transport);
  }

  private final class Receiver implements Transport.Listener {
    @Override
    public void received(List<Map<String, Object>> messages) {
      for (Map<String, Object> message : messages) {
        // A defect in the handling of one message must not lose the others.
        try {
          handle(message);
        } catch (RuntimeException x) {
          Loop.LOG.log(Level.ERROR, "unexpected", x);
        }
      }
    }

    @Override
    public void lost(Failure failure) {
      outbox.failWritten(failure);
    }
  }

  private void handle(Map<String, Object> message) {
    if (message.get("advice") instanceof Map<?, ?>) {
      advice = Json.object(message, "advice");
    }
    if (Transport.isReply(message)) {
      if ("/meta/disconnect".equals(message.get("channel")) && !outbox.awaits(message.get("id"))) {
        fail(ended(endReason));
      }
      outbox.replied(message);
    } else if (session != null && session.userChannel().equals(message.get("channel"))) {
      if ("sessionEnded".equals(Json.object(message, "data").get("type"))) {
        endReason = String.valueOf(Json.object(message, "data").get("reason"));
      } else {
        listener.received(message.get("data"));
      }
    }
  }

  private Map<String, Object> message(String channel) {
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("id", Long.toString(++ids));
    message.put("channel", channel);
    boolean handshake = channel.equals("/meta/handshake");
    if (session != null && !handshake) {
      message.put("clientId", session.clientId());
    }
    if (tokens.current() != null && (handshake || channel.equals("/meta/connect"))) {
      ext(message).put("token", tokens.current());
    }
    return message;
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> ext(Map<String, Object> message) {
    return (Map<String, Object>) message.computeIfAbsent("ext", k -> new LinkedHashMap<>());
  }

  private Map<String, String> headers() {
    Map<String, String> headers = new LinkedHashMap<>();
    if (settings.user() != null) {
      byte[] pair = (settings.user() + ":" + settings.password()).getBytes(StandardCharsets.UTF_8);
      headers.put("Authorization", "Basic " + Base64.getEncoder().encodeToString(pair));
    }
    if (tokens.current() != null) {
      headers.put("Authorization", "Bearer " + tokens.current());
    }
    headers.putAll(settings.headers());
    if (active && session.bridgeId() != null) {
      headers.put(Transport.BRIDGE_ID, session.bridgeId());
    }
    return headers;
  }

  private long millis(String name, long otherwise) {
    return advice.get(name) instanceof Number number ? number.longValue() : otherwise;
  }

  private static boolean isRefusal(int status) {
    return status == 401 || status == 403;
  }

  private static int status(String code) {
    return code.matches("\\d{3}") ? Integer.parseInt(code) : 0;
  }

  /** Returns the error for a session that the bridge has terminated. */
  private static LongspanException ended(String reason) {
    String told = reason == null || reason.isEmpty() ? "" : " (" + reason + ")";
    String message = "The bridge has ended the session" + told;
    return SIGN_IN_ENDED.contains(String.valueOf(reason))
        ? new LongspanException.Authentication(message, null)
        : new LongspanException.ConnectionLost(message, reason == null ? "" : reason, null);
  }

  /** Returns the error of a message; null if the broker has taken it. One argument is null. */
  static LongspanException receiptError(Map<String, Object> reply, Failure failure) {
    if (failure != null) {
      return failure.written()
          ? new LongspanException.ConnectionLost(failure.reason())
          : new LongspanException.NotSent(failure.reason());
    }
    if (Boolean.TRUE.equals(reply.get("successful"))) {
      return null;
    }
    BayeuxError error = BayeuxError.of(reply.get("error"));
    // 402 is Bayeux's "unknown session": the bridge has not processed the message then.
    if (error.code().equals("402")) {
      return reply.containsKey(Transport.REPEATED)
          ? new LongspanException.ConnectionLost("The session was lost")
          : new LongspanException.NotSent("The session was lost");
    }
    Map<String, Object> bridge = Json.object(Json.object(reply, "ext"), "bridge");
    return new LongspanException.Refused(
        error.code().equals("403") ? "notAuthorized" : error.code(),
        error.text(),
        Boolean.TRUE.equals(bridge.get("temporary")));
  }
}
