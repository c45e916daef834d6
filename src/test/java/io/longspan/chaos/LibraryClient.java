package io.longspan.chaos;

import io.longspan.chaos.JournalEntry.Delivered;
import io.longspan.chaos.JournalEntry.Gap;
import io.longspan.chaos.JournalEntry.Resumed;
import io.longspan.chaos.JournalEntry.Revoked;
import io.longspan.chaos.JournalEntry.Subscribed;
import io.longspan.chaos.JournalEntry.Unconfirmed;
import io.longspan.client.ClientListener;
import io.longspan.client.ConnectInfo;
import io.longspan.client.LongspanClient;
import io.longspan.client.LongspanException;
import io.longspan.client.Message;
import io.longspan.client.SendOptions;
import io.longspan.client.TopicSubscription;
import io.longspan.external.LinkProxy;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

/**
 * An application on {@link LongspanClient}. It subscribes, sends requests, and notes in its record
 * what the library tells it; to connect, to resume and to move is up to the library. The
 * application and the library's callbacks run on one strand.
 *
 * <p>The library knows one address. Behind it is a link to one bridge, which is switched to the
 * next one when the client has been without a connection for a while, or when its bridge drains.
 */
final class LibraryClient extends CrowdClient {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final long RETRY = RunClock.nanos(Duration.ofMillis(500));
  private static final long SWITCH_AFTER = RunClock.nanos(Duration.ofSeconds(3));
  private static final int MAX_OPEN_REQUESTS = 5;

  private final LinkProxy front;
  private final LongspanClient client;

  /** What the library would run while the client reads nothing. */
  private final List<Runnable> held = new ArrayList<>();

  private final Set<ChaosTopic> asked = EnumSet.noneOf(ChaosTopic.class);
  private final Set<ChaosTopic> subscribed = EnumSet.noneOf(ChaosTopic.class);

  /** Messages since the connection was lost: the bridge may count them as lost all the same. */
  private final Map<ChaosTopic, Integer> unconfirmed = new EnumMap<>(ChaosTopic.class);

  private ConnectInfo session;
  private int doorway;
  private boolean connecting;
  private boolean closed;
  private boolean connected;
  private long liveSince = Long.MAX_VALUE;
  private long awaySince;
  private long subscribeAt;
  private long nextRequestAt;
  private int lastId;

  LibraryClient(ClientSettings settings, Executor pool) {
    super(settings, pool);
    Doorway first = settings.doorways().get(0);
    this.front = new LinkProxy("127.0.0.1", first.url().getPort());
    String user = settings.user();
    this.client =
        LongspanClient.builder(URI.create("http://127.0.0.1:" + front.port() + "/cometd"))
            .user(user, user)
            .transports(settings.webSocket() ? "websocket" : "long-polling")
            .http(settings.http())
            .executor(task -> strand.execute(() -> runOrHold(task)))
            .connectTimeout(Duration.ZERO)
            .reconnect(Duration.ofMillis(100), Duration.ofSeconds(2))
            .requestTimeout(TIMEOUT)
            .listener(new Notes())
            .build();
  }

  @Override
  public void close() {
    strand.execute(
        () -> {
          closed = true;
          client.disconnect().whenComplete((done, failure) -> front.close());
        });
  }

  private void fail(String text) {
    record.find(Finding.Kind.CLIENT_FAILED, "client", text);
  }

  private void runOrHold(Runnable task) {
    if (isSlow()) {
      held.add(task);
    } else {
      task.run();
    }
  }

  @Override
  void broken(Throwable failure) {
    fail(failure.toString());
  }

  @Override
  void onTick() {
    long now = now();
    if (closed || isSlowStill(now)) {
      return;
    }
    if (isSlow()) {
      endSlowness();
    }
    if (!connecting) {
      connecting = true;
      awaySince = now;
      client.connect();
    }
    if (client.status() == ClientListener.Status.CONNECTED) {
      awaySince = now;
    } else if (now - awaySince > SWITCH_AFTER) {
      switchBridge("no connection");
      front.cut();
    }
    if (connected) {
      work(now);
    }
    settled = connected && subscribed.containsAll(settings.topics());
  }

  @Override
  void endSlowness() {
    super.endSlowness();
    liveSince = connected ? now() : liveSince;
    List<Runnable> tasks = List.copyOf(held);
    held.clear();
    tasks.forEach(Runnable::run);
  }

  private void switchBridge(String why) {
    doorway = (doorway + 1) % settings.doorways().size();
    awaySince = now();
    Doorway next = settings.doorways().get(doorway);
    record.session().add("is led to " + next.bridgeId() + ": " + why);
    front.redirect(next.url().getPort());
  }

  private void work(long now) {
    if (now >= subscribeAt) {
      subscribeAt = now + RETRY;
      settings.topics().stream().filter(asked::add).forEach(this::subscribe);
    }
    if (!requesting) {
      return;
    }
    if (now >= nextRequestAt && record.requests().open() < MAX_OPEN_REQUESTS) {
      int shortest = settings.pauseMillis();
      int pause = shortest + settings.random().nextInt(3 * shortest);
      nextRequestAt = now + RunClock.nanos(Duration.ofMillis(pause));
      request(now);
    }
    filler.next(now, record.requests().openFills()).ifPresent(queue -> send(queue, now));
  }

  private void subscribe(ChaosTopic topic) {
    client
        .subscribe(List.of(topic.logicalName()), message -> received(topic, message))
        .whenComplete((answer, failure) -> subscribed(topic, answer, failure));
  }

  /** Takes an answer, which a revocation may have overtaken. */
  private void subscribed(ChaosTopic topic, TopicSubscription answer, Throwable failure) {
    if (failure == null && !answer.topics().isEmpty()) {
      subscribed.add(topic);
      record.journal(topic).add(new Subscribed(now()));
    } else {
      asked.remove(topic);
      record.session().add("not subscribed to " + topic.logicalName() + ": " + failure);
    }
  }

  private void request(long now) {
    String id = nextId();
    record.requests().sent(id, bridgeId(), now);
    client
        .request(ChaosTopic.SERVICE, id)
        .whenComplete(
            (answer, failure) -> {
              if (failure == null) {
                record.requests().answered(id, String.valueOf(answer.body()), now());
              } else {
                failed(id, failure);
              }
            });
  }

  private void send(String queue, long now) {
    String id = nextId();
    record.requests().filling(id, bridgeId(), queue, now);
    client
        .publish(queue, QueueFiller.BODY, SendOptions.NONE)
        .whenComplete(
            (done, failure) -> {
              if (failure == null) {
                record.requests().taken(id, now());
              } else {
                failed(id, failure);
              }
            });
  }

  private String nextId() {
    return record.name() + "-" + ++lastId;
  }

  private String bridgeId() {
    return client.info().flatMap(ConnectInfo::bridgeId).orElse("");
  }

  private void failed(String id, Throwable failure) {
    Throwable cause = failure instanceof CompletionException x ? x.getCause() : failure;
    RequestBook book = record.requests();
    if (cause instanceof LongspanException.Refused refused) {
      book.failed(id, refused.bridgeCode() + ":" + refused.getMessage(), now());
    } else if (cause instanceof LongspanException.ConnectionLost lost) {
      if (lost.bridgeCode().equals("brokerUnavailable")) {
        book.failed(id, lost.bridgeCode() + ":" + lost.getMessage(), now());
      } else {
        book.lost(id, lost.getMessage(), now());
      }
    } else if (cause instanceof LongspanException.NotSent notSent) {
      book.notSent(id, notSent.getMessage(), now());
    } else if (cause instanceof LongspanException.TimedOut) {
      book.timedOut(id, liveSince, now());
    } else if (!closed) {
      fail(id + ": " + cause);
    }
  }

  private void received(ChaosTopic topic, Message message) {
    noteSession();
    int number = ((Number) message.properties().get("number")).intValue();
    boolean whole = NumberedPublisher.BODY.equals(message.body());
    // The application is not told the number in the session.
    record.journal(topic).add(new Delivered(now(), number, 0, whole));
    if (!connected) {
      unconfirmed.merge(topic, 1, Integer::sum);
    }
  }

  /** A new session goes on after the last message of each topic; a move is not told. */
  private void noteSession() {
    ConnectInfo latest = client.info().orElse(session);
    if (latest == session) {
      return;
    }
    if (session != null) {
      record.resumed(latest.resumed());
      // The library need not say that it was interrupted: a new session means that the last is
      // lost.
      record.requests().cut(now());
      if (!latest.resumed()) {
        settings.topics().forEach(topic -> record.journal(topic).add(new Resumed(now())));
      }
    }
    session = latest;
    record.session().add("at " + bridgeId() + ", resumed: " + latest.resumed());
  }

  /** Notes what the library reports. */
  private final class Notes implements ClientListener {
    @Override
    public void statusChanged(Status status, Optional<LongspanException> error) {
      record.session().add(status + error.map(x -> ": " + x).orElse(""));
      connected = status == Status.CONNECTED;
      liveSince = connected ? now() : Long.MAX_VALUE;
      noteSession();
      if (connected) {
        unconfirmed.forEach((t, n) -> record.journal(t).add(new Unconfirmed(now(), n)));
        unconfirmed.clear();
      } else {
        settled = false;
        record.requests().cut(now());
      }
      if (status == Status.DISCONNECTED && !closed) {
        fail("gave up: " + error);
        asked.clear();
        subscribed.clear();
        connecting = false;
      }
    }

    @Override
    public void gap(List<MissedTopic> topics, String reason) {
      noteSession();
      record.session().add("missed " + topics + ": " + reason);
      for (MissedTopic missed : topics) {
        topic(missed.topic())
            .ifPresent(topic -> record.journal(topic).add(new Gap(now(), reason, missed.lost())));
      }
    }

    @Override
    public void topicsRevoked(List<String> topics, String reason) {
      noteSession();
      record.session().add("revoked " + topics + ": " + reason);
      for (String name : topics) {
        topic(name)
            .ifPresent(
                topic -> {
                  record.journal(topic).add(new Revoked(now()));
                  subscribed.remove(topic);
                  asked.remove(topic);
                  settled = false;
                });
      }
    }

    @Override
    public void bridgeStatus(String status, Optional<String> broker) {
      record.session().add("bridge " + status);
      if (status.equals("draining")) {
        switchBridge("it drains");
        if (!settings.webSocket()) {
          // Its requests would come to both bridges.
          front.cut();
        }
      }
    }

    @Override
    public void received(Message message) {
      record.find(Finding.Kind.UNEXPECTED_MESSAGE, "message", "nobody expects " + message);
    }

    private Optional<ChaosTopic> topic(String name) {
      Optional<ChaosTopic> known = ChaosTopic.of(name);
      if (known.isEmpty()) {
        record.find(Finding.Kind.UNEXPECTED_MESSAGE, "topic", "nobody knows " + name);
      }
      return known;
    }
  }
}
