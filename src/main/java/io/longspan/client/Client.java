package io.longspan.client;

import io.longspan.client.ClientListener.MissedTopic;
import io.longspan.client.ClientListener.Status;
import io.longspan.client.Incoming.Answer;
import io.longspan.client.Incoming.BridgeStatus;
import io.longspan.client.Incoming.Delivered;
import io.longspan.client.Incoming.Gap;
import io.longspan.client.Incoming.Outcome;
import io.longspan.client.Incoming.QueuesRevoked;
import io.longspan.client.Incoming.TopicsRevoked;
import java.lang.System.Logger.Level;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Function;

/** The state of a client: its wish to be connected, and what is in flight. On the loop only. */
final class Client implements Session, Link.Listener, Move.Host, Topics.Listener, Queues.Listener {
  /** Ids of unsolicited messages that are remembered: two bridges may deliver the same one. */
  private static final int MAX_SEEN = 1_000;

  /** Messages that may wait for a slow listener. */
  private static final int MAX_WAITING = 10_000;

  final Requests requests;
  final Topics topics;
  final Queues queues;
  private final Deliveries deliveries;
  private final Settings settings;
  private final Loop loop;
  private final Callbacks callbacks;
  private final ClientListener listener;
  private final Set<String> seen = new LinkedHashSet<>();
  private final Set<CompletableFuture<Void>> publishes = new HashSet<>();
  private final Backoff moves;
  private Link link;
  private Move move;

  /** Control messages in flight. */
  private int commands;

  private boolean draining;
  private CompletableFuture<ConnectInfo> wanted;
  private Future<?> connectTimer;

  /** Read by any thread. */
  private volatile Status status = Status.DISCONNECTED;

  /** Read by any thread. */
  private volatile ConnectInfo info;

  /** Read by any thread. */
  private volatile String transport;

  Client(Settings settings, Loop loop, Callbacks callbacks, ClientListener listener) {
    this.settings = settings;
    this.loop = loop;
    this.callbacks = callbacks;
    this.listener = listener;
    this.requests = new Requests(this, loop);
    this.deliveries = new Deliveries(this, loop);
    this.topics = new Topics(this, loop, callbacks, deliveries, new Backoff(settings), this);
    this.queues = new Queues(this, loop, callbacks, deliveries, new Backoff(settings), this);
    this.moves = new Backoff(settings);
  }

  Status status() {
    return status;
  }

  Optional<ConnectInfo> info() {
    return Optional.ofNullable(info);
  }

  Optional<String> transport() {
    return Optional.ofNullable(transport);
  }

  CompletableFuture<ConnectInfo> connect() {
    if (wanted == null) {
      wanted = new CompletableFuture<>();
      moves.reset();
      if (!settings.connectTimeout().isZero()) {
        connectTimer = loop.later(settings.connectTimeout(), this::connectLate);
      }
      setStatus(Status.CONNECTING);
      link = newLink(this);
      link.open();
    }
    return wanted;
  }

  private void connectLate() {
    if (info == null && link != null) {
      String problem = link.problem();
      String told = problem == null ? "" : " (" + problem + ")";
      failed(
          new LongspanException.ConnectionLost(
              "No connection in " + settings.connectTimeout().toMillis() + " ms" + told));
    }
  }

  void reconnect() {
    if (link != null) {
      link.wake();
    }
  }

  CompletableFuture<Void> disconnect() {
    if (wanted == null) {
      return CompletableFuture.completedFuture(null);
    }
    Link left = link;
    boolean goodbye = isConnected();
    end(new LongspanException.Cancelled("The client was disconnected"), Optional.empty());
    return left.close(goodbye);
  }

  /** Sends a message; completes when the broker has taken it. */
  CompletableFuture<Void> publish(Map<String, Object> data) {
    CompletableFuture<Void> taken = new CompletableFuture<>();
    publishes.add(taken);
    taken.whenComplete((done, failure) -> publishes.remove(taken));
    try {
      send(
          data,
          failure -> {
            if (failure == null) {
              taken.complete(null);
            } else {
              taken.completeExceptionally(failure);
            }
          });
    } catch (RuntimeException x) {
      taken.completeExceptionally(x);
    }
    return taken;
  }

  // Session

  @Override
  public boolean isConnected() {
    return status == Status.CONNECTED;
  }

  @Override
  public String nextId() {
    return link == null ? "" : link.ids.next();
  }

  @Override
  public void send(Map<String, Object> data, Consumer<LongspanException> receipt) {
    Link ready = ready();
    Codec.checkSize(data, info.limits());
    ready.send(data, receipt);
  }

  @Override
  public CompletableFuture<Answer> control(Map<String, Object> command) {
    try {
      CompletableFuture<Answer> answer = ready().control(command);
      commands++;
      answer.whenComplete(
          (done, failure) -> {
            commands--;
            // After what the answer changes.
            loop.execute(this::callEnded);
          });
      return answer;
    } catch (LongspanException x) {
      return CompletableFuture.failedFuture(x);
    }
  }

  private Link ready() {
    if (link == null || !isConnected()) {
      throw new LongspanException.NotSent("The client is " + status);
    }
    return link;
  }

  @Override
  public void callEnded() {
    if (move != null) {
      move.tryNow();
    }
  }

  // The listener of the link

  @Override
  public void connected(ConnectInfo connected, boolean resumed) {
    info = connected;
    transport = link.transport();
    if (!resumed) {
      draining = false;
      failOpen(new LongspanException.ConnectionLost("The session was lost"));
      reset();
    }
    setStatus(Status.CONNECTED);
    wanted.complete(connected);
    deliveries.send();
    recreate();
    if (draining) {
      startMoving();
    }
  }

  /** Marks everything as missing in a new session. */
  private void reset() {
    deliveries.lost();
    queues.reset();
    topics.reset();
  }

  private void recreate() {
    topics.recreate();
    queues.recreate();
  }

  @Override
  public void interrupted() {
    stopMoving();
    setStatus(info == null ? Status.CONNECTING : Status.RECONNECTING);
  }

  @Override
  public void received(Incoming incoming) {
    if (incoming instanceof Delivered delivered) {
      received(delivered.message());
    } else if (incoming instanceof Outcome outcome) {
      requests.settle(outcome);
    } else if (incoming instanceof TopicsRevoked event) {
      topics.end(event);
    } else if (incoming instanceof QueuesRevoked event) {
      queues.end(event);
    } else if (incoming instanceof Gap event) {
      callbacks.call(() -> listener.gap(event.topics(), event.reason()));
    } else if (incoming instanceof BridgeStatus event) {
      callbacks.call(() -> listener.bridgeStatus(event.status(), event.broker()));
      if (event.status().equals("draining")) {
        draining = true;
        if (isConnected()) {
          startMoving();
        }
      }
    } else {
      Loop.LOG.log(Level.DEBUG, "ignored: {0}", incoming);
    }
  }

  private void received(Message message) {
    if (message.topic().isPresent()) {
      topics.dispatch(message);
    } else if (message.queue().isPresent()) {
      queues.dispatch(message);
    } else if (!requests.accept(message)) {
      if (!link.ids.made(message.correlationId().orElse(""))) {
        unsolicited(message);
      }
    }
  }

  private void unsolicited(Message message) {
    String id = message.messageId().orElse(null);
    if (id != null && !seen.add(id)) {
      return;
    }
    if (seen.size() > MAX_SEEN) {
      seen.remove(seen.iterator().next());
    }
    callbacks.call(() -> listener.received(message));
  }

  @Override
  public void overrun() {
    requests.failAll(new LongspanException.ConnectionLost("Messages of the bridge were lost"));
    tellGap(topics.names(), "sessionLost");
  }

  @Override
  public void failed(LongspanException error) {
    Link left = link;
    end(new LongspanException.ConnectionLost("The client gave up", "", error), Optional.of(error));
    if (left != null) {
      left.close(false);
    }
  }

  // Topics and queues

  @Override
  public void topicsRevoked(List<String> names, String reason) {
    callbacks.call(() -> listener.topicsRevoked(names, reason));
  }

  @Override
  public void topicMissed(String topic) {
    tellGap(List.of(topic), "sessionLost");
  }

  @Override
  public void queuesRevoked(List<String> names, String reason) {
    callbacks.call(() -> listener.queuesRevoked(names, reason));
  }

  @Override
  public void deliver(Function<Message, CompletionStage<?>> handler, Message message) {
    if (callbacks.waiting() >= MAX_WAITING) {
      slowConsumer(message);
    } else {
      callbacks.call(
          () -> {
            CompletionStage<?> unused = handler.apply(message);
          });
    }
  }

  /** A message was dropped, because its reader is too slow. */
  void slowConsumer(Message message) {
    MissedTopic missed = new MissedTopic(message.subscription().orElse(""), OptionalLong.of(1));
    callbacks.call(() -> listener.gap(List.of(missed), "slowConsumer"));
  }

  // State

  private void end(LongspanException forOpen, Optional<LongspanException> error) {
    CompletableFuture<ConnectInfo> connecting = wanted;
    if (connecting == null) {
      return;
    }
    wanted = null;
    Loop.cancel(connectTimer);
    stopMoving();
    link.leave();
    status = Status.DISCONNECTED;
    info = null;
    transport = null;
    draining = false;
    failOpen(forOpen);
    Set.copyOf(publishes).forEach(publish -> publish.completeExceptionally(forOpen));
    link = null;
    deliveries.lost();
    queues.clear();
    topics.clear();
    // Has no effect if it has connected before.
    connecting.completeExceptionally(error.orElse(forOpen));
    callbacks.call(() -> listener.statusChanged(Status.DISCONNECTED, error));
  }

  private void failOpen(LongspanException error) {
    requests.failAll(error);
    link.failCommands(error);
  }

  private void tellGap(List<String> names, String reason) {
    if (!names.isEmpty()) {
      List<MissedTopic> missed =
          names.stream().map(name -> new MissedTopic(name, OptionalLong.empty())).toList();
      callbacks.call(() -> listener.gap(missed, reason));
    }
  }

  private void setStatus(Status next) {
    if (next != status && wanted != null) {
      status = next;
      callbacks.call(() -> listener.statusChanged(next, Optional.empty()));
    }
  }

  // Moving to another bridge

  private void startMoving() {
    if (move == null) {
      move = new Move(this, loop, moves, info.bridgeId().orElse(null));
      move.start();
    }
  }

  private void stopMoving() {
    Move stopped = move;
    move = null;
    if (stopped != null) {
      stopped.stop();
    }
  }

  @Override
  public Link newLink(Link.Listener to) {
    return new Link(settings, loop, to);
  }

  @Override
  public boolean isIdle() {
    return isConnected() && commands == 0 && requests.isEmpty() && deliveries.isEmpty();
  }

  @Override
  public void moved(Link to, ConnectInfo connected, List<Message> pushes) {
    Link left = link;
    move = null;
    draining = false;
    link = to;
    info = connected;
    transport = to.transport();
    to.listener = this;
    left.listener = new LateListener(left, this::unsolicited);
    left.failCommands(
        new LongspanException.ConnectionLost("The client has moved to another bridge"));
    CompletableFuture.allOf(publishes.toArray(CompletableFuture<?>[]::new))
        .whenCompleteAsync((done, failure) -> left.close(true), loop);
    pushes.forEach(this::unsolicited);
    reset();
    recreate();
  }

  /** Of a link that was left only unsolicited messages still count. */
  private record LateListener(Link link, Consumer<Message> unsolicited) implements Link.Listener {
    @Override
    public void connected(ConnectInfo info, boolean resumed) {
      // It is being closed.
    }

    @Override
    public void interrupted() {
      // It is being closed.
    }

    @Override
    public void received(Incoming incoming) {
      if (incoming instanceof Delivered delivered
          && delivered.message().topic().isEmpty()
          && delivered.message().queue().isEmpty()
          && !link.ids.made(delivered.message().correlationId().orElse(""))) {
        unsolicited.accept(delivered.message());
      }
    }

    @Override
    public void overrun() {
      // It is being closed.
    }

    @Override
    public void failed(LongspanException error) {
      // It is being closed.
    }
  }
}
