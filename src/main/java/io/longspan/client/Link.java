package io.longspan.client;

import io.longspan.client.Incoming.Answer;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * One connection to a bridge, and its session. It sends {@code connect} with {@code resume} in each
 * new session and whenever messages may have been lost (protocol section 6), and delivers each
 * message once and in order. Used on the loop only.
 */
final class Link implements BayeuxConnection.Listener {
  private static final int MAX_UNANSWERED_CONNECTS = 20;

  /** Milliseconds that a reply may take beyond the bridge's own timeout. */
  private static final long MARGIN = 2_000;

  /** Receives what happens. */
  interface Listener {
    /** The bridge has connected this client; without {@code resumed} the old session is gone. */
    void connected(ConnectInfo info, boolean resumed);

    /** The network or the session is gone, or the bridge does not have the client. */
    void interrupted();

    void received(Incoming incoming);

    /** Messages may be missing and will not arrive. */
    void overrun();

    /** The link has failed for good. */
    void failed(LongspanException error);
  }

  /** A control message without an answer. */
  private static final class Command {
    final Map<String, Object> data;
    final CompletableFuture<Answer> answer = new CompletableFuture<>();
    Future<?> timer;

    /** Whether it may not have reached the bridge. */
    boolean uncertain;

    Command(Map<String, Object> data) {
      this.data = data;
    }
  }

  final CorrelationIds ids = new CorrelationIds();
  Listener listener;
  private final Settings settings;
  private final Loop loop;
  private final BayeuxConnection connection;
  private final InOrder inOrder = new InOrder(this::deliver);
  private final Backoff backoff;
  private final Map<String, Command> commands = new LinkedHashMap<>();
  private final Set<String> unanswered = new LinkedHashSet<>();
  private BayeuxSession session;
  private String user;
  private String token;
  private boolean connected;
  private String pending;
  private Future<?> timer;
  private Long neededFrom;
  private Long missingAfter;
  private boolean down;
  private boolean closed;
  private LongspanException error;

  Link(Settings settings, Loop loop, Listener listener) {
    this.settings = settings;
    this.loop = loop;
    this.listener = listener;
    this.backoff = new Backoff(settings);
    this.connection = new BayeuxConnection(settings, loop, this);
  }

  /** Returns why the client is not connected, for people; or null. */
  String problem() {
    return error == null ? connection.problem() : error.getMessage();
  }

  String transport() {
    return connection.transport();
  }

  void open() {
    connection.open();
  }

  void wake() {
    connection.wake();
  }

  /** Sends a message into JMS. */
  void send(Map<String, Object> data, Consumer<LongspanException> receipt) {
    publish(
        "/bridge",
        data,
        failure -> {
          noteIfNotConnected(failure);
          receipt.accept(failure);
        });
  }

  /** Sends a control message; completes with its answer or a {@link LongspanException}. */
  CompletableFuture<Answer> control(Map<String, Object> fields) {
    String id = ids.next();
    Map<String, Object> data = new LinkedHashMap<>(fields);
    data.put("correlationId", id);
    Command command = new Command(data);
    commands.put(id, command);
    command.timer =
        loop.later(
            settings.controlTimeout(),
            () -> {
              String message = "No answer to " + fields.get("type") + " in time";
              failCommand(
                  id,
                  command.uncertain
                      ? new LongspanException.ConnectionLost(message)
                      : new LongspanException.TimedOut(message));
            });
    sendCommand(id, command);
    return command.answer;
  }

  private void sendCommand(String id, Command command) {
    command.uncertain = false;
    publish(
        "/control",
        command.data,
        failure -> {
          // The answer may still arrive if the session is resumed.
          if (failure instanceof LongspanException.ConnectionLost) {
            command.uncertain = true;
          } else if (failure != null) {
            failCommand(id, failure);
          }
        });
  }

  private void failCommand(String id, LongspanException failure) {
    Command command = commands.remove(id);
    if (command != null) {
      Loop.cancel(command.timer);
      command.answer.completeExceptionally(failure);
    }
  }

  void failCommands(LongspanException failure) {
    List.copyOf(commands.keySet()).forEach(id -> failCommand(id, failure));
  }

  /** Stops calling the listener; messages in flight still get their receipts. */
  void leave() {
    closed = true;
    forgetConnect();
  }

  /** Closes the connection. With {@code goodbye} the bridge does not retain the session. */
  CompletableFuture<Void> close(boolean goodbye) {
    if (goodbye && connected) {
      publish("/control", Map.of("type", "disconnect", "correlationId", ids.next()), failure -> {});
    }
    forgetConnect();
    return connection.close().whenComplete((done, failure) -> leave());
  }

  private void publish(
      String channel, Map<String, Object> data, Consumer<LongspanException> receipt) {
    if (session == null) {
      receipt.accept(new LongspanException.NotSent("There is no session"));
    } else {
      connection.publish(session.root() + channel, data, receipt);
    }
  }

  /**
   * Connects again if the bridge says that the client is not connected in this session. It does so
   * while the last {@code connect} waits for the broker, if that could not resume.
   */
  private void noteIfNotConnected(LongspanException failure) {
    if (!closed
        && failure instanceof LongspanException.Refused refused
        && refused.bridgeCode().equals("notConnected")) {
      listener.interrupted();
      if (pending == null && !down) {
        sendConnect();
      }
    }
  }

  // The listener of the connection

  @Override
  public void opened(BayeuxSession opened) {
    if (closed) {
      return;
    }
    if (token != null && !Objects.equals(opened.user(), user)) {
      token = null;
    }
    if (token == null) {
      ids.begin(opened.clientId());
      inOrder.restart(0);
    }
    session = opened;
    user = opened.user();
    connected = false;
    down = false;
    unanswered.clear();
    neededFrom = null;
    listener.interrupted();
    sendConnect();
  }

  @Override
  public void interrupted() {
    if (!closed) {
      down = true;
      forgetConnect();
      listener.interrupted();
    }
  }

  @Override
  public void restored() {
    if (!closed) {
      down = false;
      sendConnect();
    }
  }

  @Override
  public void failed(LongspanException failure) {
    if (!closed) {
      listener.failed(failure);
    }
  }

  @Override
  public long acknowledged() {
    if (!connected) {
      return 0;
    }
    return neededFrom == null ? inOrder.last() : neededFrom;
  }

  @Override
  public void received(Object data) {
    if (closed) {
      return;
    }
    Incoming incoming = Codec.decode(data);
    Long seq =
        data instanceof Map<?, ?> map && map.get("seq") instanceof Number number
            ? number.longValue()
            : null;
    if (incoming instanceof Answer answer
        && unanswered.contains(answer.correlationId())
        && decides(answer, seq)) {
      return;
    }
    if (seq == null) {
      deliver(incoming);
      return;
    }
    InOrder.Order order = inOrder.take(seq, incoming);
    if (order == InOrder.Order.OVERRUN) {
      listener.overrun();
    } else if (order == InOrder.Order.HOLE && pending == null && !down) {
      sendConnect();
    }
  }

  // Connect and resume

  /** Sends {@code connect}, with {@code resume} if there is a token; repeats it until answered. */
  private void sendConnect() {
    forgetConnect();
    String id = ids.next();
    unanswered.add(id);
    if (unanswered.size() > MAX_UNANSWERED_CONNECTS) {
      unanswered.remove(unanswered.iterator().next());
    }
    if (neededFrom == null) {
      neededFrom = inOrder.last();
    }
    pending = id;
    timer =
        loop.later(
            settings.controlTimeout(),
            () -> connectFailed(id, new LongspanException.TimedOut("No answer in time")));
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("type", "connect");
    data.put("correlationId", id);
    data.put("protocolVersion", session.version());
    if (token != null) {
      data.put("resume", Map.of("token", token, "seq", inOrder.last()));
    }
    publish(
        "/control",
        data,
        failure -> {
          if (failure != null) {
            connectFailed(id, failure);
          }
        });
  }

  private void connectFailed(String id, LongspanException failure) {
    if (closed || !id.equals(pending)) {
      return;
    }
    error = failure;
    if (failure instanceof LongspanException.Refused && !failure.isTemporary()) {
      listener.failed(failure);
      return;
    }
    Loop.cancel(timer);
    timer = loop.later(backoff.next(), this::sendConnect);
  }

  private void forgetConnect() {
    Loop.cancel(timer);
    pending = null;
  }

  /** Returns whether the answer to a connect decided about the session. */
  private boolean decides(Answer answer, Long seq) {
    String id = answer.correlationId();
    unanswered.remove(id);
    if (!answer.ok()) {
      connectFailed(id, answer.refusal().toException());
      // A session in which the client is not connected has numbers of its own.
      return !connected;
    }
    // An earlier connect counts too, if its answer says that the old session is gone. The others
    // asked for the same session.
    if (!answer.resumed().orElse(true)) {
      unanswered.clear();
    } else if (!id.equals(pending)) {
      return false;
    }
    forgetConnect();
    if (answer.resumed().orElse(false) && mayMissMessages(seq)) {
      sendConnect();
      return false;
    }
    answered(answer, seq);
    return true;
  }

  /**
   * Whether messages before the answer may have been lost in transit. If the same ones are missing
   * after another connect, the bridge has discarded them.
   */
  private boolean mayMissMessages(Long seq) {
    long last = inOrder.last();
    boolean doubts =
        seq != null && seq > last + 1 && (missingAfter == null || missingAfter != last);
    missingAfter = doubts ? Long.valueOf(last) : null;
    return doubts;
  }

  private void answered(Answer answer, Long seq) {
    boolean asked = token != null;
    boolean resumed = asked && answer.resumed().orElse(false);
    if (seq != null) {
      // Without an earlier token there was nothing to resume; what arrived since is valid.
      if (resumed || !asked) {
        inOrder.settle(seq);
      } else {
        inOrder.restart(seq);
      }
    }
    if (closed) {
      return;
    }
    if (asked && !resumed && !connected) {
      ids.begin(session.clientId());
    }
    ConnectInfo info = answer.info();
    token = info.resumeToken().orElse(null);
    connected = true;
    neededFrom = null;
    error = null;
    backoff.reset();
    Number sendTimeout = info.limits().get("sendTimeout");
    long atLeast = sendTimeout == null ? 0 : sendTimeout.longValue() + MARGIN;
    connection.replyWithin(Math.max(settings.networkTimeout().toMillis(), atLeast));
    if (resumed) {
      // Commands are idempotent.
      Map.copyOf(commands)
          .forEach(
              (id, command) -> {
                if (command.uncertain) {
                  sendCommand(id, command);
                }
              });
    }
    listener.connected(info, resumed);
  }

  private void deliver(Incoming incoming) {
    if (closed) {
      return;
    }
    if (incoming instanceof Answer answer) {
      Command command = commands.remove(answer.correlationId());
      if (command != null) {
        Loop.cancel(command.timer);
        if (answer.ok()) {
          command.answer.complete(answer);
        } else {
          LongspanException refusal = answer.refusal().toException();
          command.answer.completeExceptionally(refusal);
          // A connect must not be sent while messages are being put in order.
          loop.execute(() -> noteIfNotConnected(refusal));
        }
        return;
      }
    }
    listener.received(incoming);
  }
}
