package io.longspan.client;

import io.longspan.client.Transport.Failure;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * Messages to the bridge that have no reply yet. Those of applications are sent in their order, one
 * request after the other; connects go beside them. Used on the loop only.
 */
final class Outbox {
  /** Bounds of one request: number of messages, and characters of their JSON. */
  private static final int MAX_BATCH = 50;

  private static final int MAX_BATCH_LENGTH = 100_000;

  /** Milliseconds after the transport's own deadline: it may fail the message alone. */
  private static final int MARGIN = 500;

  /** Receives the one outcome of a message; one of the arguments is null. */
  @FunctionalInterface
  interface Replied {
    void accept(Map<String, Object> reply, Failure failure);
  }

  private static final class Open {
    final Replied replied;
    boolean written;
    Future<?> timer;

    Open(Replied replied) {
      this.replied = replied;
    }
  }

  private final Loop loop;
  private final Map<String, Open> open = new LinkedHashMap<>();
  private final Deque<Map<String, Object>> waiting = new ArrayDeque<>();
  private boolean sending;
  private long replyMillis;
  private Transport transport;

  Outbox(Loop loop) {
    this.loop = loop;
  }

  /** Whether nothing waits to be written. */
  boolean isFlushed() {
    return !sending && waiting.isEmpty();
  }

  /** From now on messages go over this transport. */
  void use(Transport other) {
    transport = other;
    sending = false;
    flush();
  }

  /** Sets the deadline of replies. */
  void replyWithin(long millis) {
    replyMillis = millis;
  }

  /** Sends a message after those before it. */
  void add(Map<String, Object> message, Replied replied) {
    open.put(id(message), new Open(replied));
    waiting.add(message);
    // After the work that may add more, so that they travel together.
    loop.execute(this::flush);
  }

  /** Sends a message at once. Without a reply in time the transport is closed. */
  void ask(Map<String, Object> message, long millis, Replied replied) {
    open.put(id(message), new Open(replied));
    send(List.of(message), millis, failure -> {});
  }

  private void send(List<Map<String, Object>> messages, long millis, Consumer<Failure> done) {
    Transport used = transport;
    for (Map<String, Object> message : messages) {
      Open each = open.get(id(message));
      if (each != null) {
        each.written = true;
        each.timer = loop.later(Duration.ofMillis(millis + MARGIN), () -> late(used, message));
      }
    }
    used.send(
        messages,
        millis,
        failure -> {
          if (failure != null) {
            messages.forEach(message -> settle(id(message), null, failure));
          }
          if (used == transport) {
            done.accept(failure);
          }
        });
  }

  private void late(Transport used, Map<String, Object> message) {
    settle(id(message), null, new Failure("No reply in time", true, 0));
    used.close();
  }

  private void flush() {
    if (sending || waiting.isEmpty() || transport == null) {
      return;
    }
    sending = true;
    send(
        nextBatch(),
        replyMillis,
        failure -> {
          sending = false;
          if (failure != null) {
            failWaiting(new Failure("The previous request failed", false, 0));
          }
          flush();
        });
  }

  private List<Map<String, Object>> nextBatch() {
    List<Map<String, Object>> batch = new ArrayList<>();
    int length = 0;
    while (!waiting.isEmpty() && batch.size() < MAX_BATCH) {
      length += Json.write(waiting.peek()).length();
      if (!batch.isEmpty() && length > MAX_BATCH_LENGTH) {
        break;
      }
      batch.add(waiting.poll());
    }
    return batch;
  }

  private void failWaiting(Failure failure) {
    List<Map<String, Object>> unsent = List.copyOf(waiting);
    waiting.clear();
    unsent.forEach(message -> settle(id(message), null, failure));
  }

  /** Fails everything, written or not. */
  void failAll(String reason) {
    waiting.clear();
    for (Map.Entry<String, Open> each : List.copyOf(open.entrySet())) {
      settle(each.getKey(), null, new Failure(reason, each.getValue().written, 0));
    }
  }

  /** Fails what was written. */
  void failWritten(Failure failure) {
    for (Map.Entry<String, Open> each : List.copyOf(open.entrySet())) {
      if (each.getValue().written) {
        settle(each.getKey(), null, failure);
      }
    }
  }

  /** Whether a message with this id waits for its reply. */
  boolean awaits(Object id) {
    return open.containsKey(String.valueOf(id));
  }

  /** A reply has come. */
  void replied(Map<String, Object> reply) {
    settle(id(reply), reply, null);
  }

  private void settle(String id, Map<String, Object> reply, Failure failure) {
    Open each = open.remove(id);
    if (each != null) {
      Loop.cancel(each.timer);
      each.replied.accept(reply, failure);
    }
  }

  private static String id(Map<String, Object> message) {
    return String.valueOf(message.get("id"));
  }
}
