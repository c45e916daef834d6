package io.longspan.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * One Bayeux client: signs on, subscribes, keeps its connection alive, and counts what arrives; all
 * of it on its event loop's thread. What arrives is parsed until the client is ready; from then on
 * its bytes are only looked through for stamps.
 */
final class LoadClient {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final byte[] CONNECT = ascii("/meta/connect");
  private static final byte[] FAILED = ascii("\"successful\":false");
  private static final byte[] DELIVERY = ascii("\"delivery\":\"");
  private static final byte[] NOT_ACKNOWLEDGED = ascii("\"failedDeliveries\":[\"");

  private final Dialect dialect;
  private final List<String> topics;
  private final Recorder recorder;
  private final CompletableFuture<LoadClient> ready = new CompletableFuture<>();
  private Wire<?> wire;
  private byte[] bytes = new byte[4096];
  private String clientId = "";
  private Step step = Step.HANDSHAKE;
  private boolean joined;
  private boolean said;
  private Runnable changed = () -> {};
  private Runnable answered = () -> {};
  private long lastNumber;
  private boolean leaving;

  private enum Step {
    HANDSHAKE,
    CONNECT,
    JOIN,
    SUBSCRIBE,
    READY,
    CHANGE
  }

  LoadClient(Dialect dialect, List<String> topics, Recorder recorder) {
    this.dialect = dialect;
    this.topics = topics;
    this.recorder = recorder;
  }

  /** Completed on the event loop's thread when the client has everything it asked for. */
  CompletableFuture<LoadClient> ready() {
    return ready;
  }

  /** Calls back for each stamped message. */
  void whenAnswered(Runnable listener) {
    answered = listener;
  }

  /** Begins the conversation. */
  void open(Wire<?> opened) {
    wire = opened;
    say(dialect.handshake(wire.connectionType()));
  }

  /** Sends a request to the echo service; its answer is a stamped message. */
  void request(long number) {
    wire.sendAside(own(dialect.request(number, Stamp.body(number, System.nanoTime()))));
  }

  /** Sends a request to the echo service inside the server's process. */
  void requestLocally(long number) {
    wire.sendAside(own(dialect.localRequest(number, Stamp.body(number, System.nanoTime()))));
  }

  /**
   * Consumes the queue, and acknowledges each message; calls back when that has begun. There must
   * be no message in the queue until then. A poll must not be held.
   */
  void consume(Runnable done) {
    step = Step.CHANGE;
    changed = done;
    say(dialect.consume());
  }

  /** Subscribes or unsubscribes; calls back when that is answered. A poll must not be held. */
  void change(boolean subscribe, List<String> names, Runnable done) {
    step = Step.CHANGE;
    changed = done;
    say(subscribe ? dialect.subscribe(names) : dialect.unsubscribe(names));
  }

  /** Ends the session, and the connection when that is answered. */
  void disconnect(Runnable done) {
    // A poll that is on its way meets no session any more, and says so.
    leaving = true;
    step = Step.CHANGE;
    changed = done;
    say(Dialect.disconnect());
  }

  /** Ends the session, whatever is held. */
  void leave() {
    leaving = true;
    if (wire != null) {
      wire.sendAside(own(Dialect.disconnect()));
    }
  }

  void close() {
    if (wire != null) {
      wire.close();
    }
  }

  /** The connection is gone. */
  void lost(Throwable reason) {
    ready.completeExceptionally(reason);
  }

  /** Takes what has arrived on the connection that polls, where one does. */
  void received(ByteBuf content) {
    int length = copy(content);
    if (step != Step.READY) {
      converse(new String(bytes, 0, length, StandardCharsets.UTF_8));
    } else if (count(length) || wire.isPolling()) {
      say(Dialect.connect(wire.connectionType(), true));
    }
  }

  /** Takes the answer to what was sent while a poll was held. */
  void receivedAside(ByteBuf content) {
    count(copy(content));
  }

  private int copy(ByteBuf content) {
    int length = content.readableBytes();
    if (length > bytes.length) {
      bytes = new byte[2 * length];
    }
    content.getBytes(content.readerIndex(), bytes, 0, length);
    return length;
  }

  /** Counts the stamps; returns whether a connect was answered. */
  private boolean count(int length) {
    long now = System.nanoTime();
    boolean connected = false;
    int i = 0;
    while (i < length) {
      byte next = bytes[i];
      if (next == Stamp.MARK) {
        i = stamped(i + 1, now);
      } else if (next == '/' && matches(CONNECT, i, length)) {
        connected = true;
        i += CONNECT.length;
      } else if (next == '"' && matches(FAILED, i, length)) {
        fail(new String(bytes, 0, length, StandardCharsets.UTF_8));
        return false;
      } else if (next == '"' && matches(DELIVERY, i, length)) {
        i = acknowledge(i + DELIVERY.length);
      } else if (next == '"' && matches(NOT_ACKNOWLEDGED, i, length)) {
        recorder.outOfOrder();
        i += NOT_ACKNOWLEDGED.length;
      } else {
        i++;
      }
    }
    return connected;
  }

  private boolean matches(byte[] text, int from, int length) {
    if (from + text.length > length) {
      return false;
    }
    for (int i = 1; i < text.length; i++) {
      if (bytes[from + i] != text[i]) {
        return false;
      }
    }
    return true;
  }

  private int acknowledge(int from) {
    int end = from;
    while (bytes[end] != '"') {
      end++;
    }
    String delivery = new String(bytes, from, end - from, StandardCharsets.US_ASCII);
    wire.sendAside(own(dialect.acknowledge(delivery)));
    return end;
  }

  private int stamped(int from, long now) {
    int i = from;
    long number = 0;
    while (bytes[i] != ';') {
      number = 10 * number + bytes[i++] - '0';
    }
    i++;
    long nanos = 0;
    while (bytes[i] != Stamp.MARK) {
      nanos = 10 * nanos + bytes[i++] - '0';
    }
    recorder.received(now - nanos);
    if (topics.size() == 1 && lastNumber != 0 && number != 1 && number != lastNumber + 1) {
      recorder.outOfOrder();
    }
    lastNumber = number;
    answered.run();
    return i + 1;
  }

  private void fail(String text) {
    if (leaving) {
      return;
    }
    recorder.outOfOrder();
    ready.completeExceptionally(new IOException(text));
    System.err.println("a client was refused: " + text);
    close();
  }

  /** Says whether the server has given this client another time, and then comes back. */
  private boolean isPostponed(String text) {
    if (step != Step.HANDSHAKE || !text.contains("\"503::busy\"")) {
      return false;
    }
    try {
      long interval = JSON.readTree(text).path(0).path("advice").path("interval").asLong();
      wire.channel().eventLoop().schedule(() -> open(wire), interval, TimeUnit.MILLISECONDS);
      return true;
    } catch (IOException x) {
      return false;
    }
  }

  private void converse(String text) {
    if (isPostponed(text)) {
      return;
    }
    if (text.contains("\"successful\":false") || text.contains("\"status\":\"failed\"")) {
      fail(text);
      return;
    }
    boolean connected = false;
    said = false;
    try {
      for (JsonNode message : JSON.readTree(text)) {
        connected |= message.path("channel").asText().equals("/meta/connect");
        take(message);
      }
    } catch (IOException x) {
      fail(x + ": " + text);
      return;
    }
    if (wire.isPolling() ? !said : connected) {
      say(Dialect.connect(wire.connectionType(), true));
    }
  }

  private void take(JsonNode message) {
    String on = message.path("channel").asText();
    JsonNode data = message.path("data");
    joined |= data.path("status").asText().equals("connected");
    switch (step) {
      case HANDSHAKE -> {
        clientId = message.path("clientId").asText();
        boolean joins = message.path("ext").path("bridge").path("connecting").asBoolean();
        joined = !joins;
        if (joins) {
          next(Step.JOIN, Dialect.connect(wire.connectionType(), true));
        } else {
          next(Step.CONNECT, Dialect.connect(wire.connectionType(), false));
        }
      }
      case CONNECT -> {
        if (on.equals("/meta/connect")) {
          step = Step.JOIN;
        }
      }
      case SUBSCRIBE -> {
        if (isAnswer(on, data)) {
          begin();
        }
      }
      case CHANGE -> {
        if (isAnswer(on, data)) {
          step = Step.READY;
          changed.run();
        }
      }
      case JOIN, READY -> {}
    }
    if (step == Step.JOIN && joined) {
      subscribe();
    }
  }

  private static boolean isAnswer(String on, JsonNode data) {
    return on.equals("/meta/subscribe")
        || on.equals("/meta/unsubscribe")
        || on.equals("/meta/disconnect")
        || data.path("status").asText().equals("success");
  }

  private void subscribe() {
    if (topics.isEmpty()) {
      begin();
    } else {
      next(Step.SUBSCRIBE, dialect.subscribe(topics));
    }
  }

  private void begin() {
    step = Step.READY;
    ready.complete(this);
  }

  private void next(Step following, String text) {
    step = following;
    say(text);
  }

  private void say(String text) {
    said = true;
    wire.send(own(text));
  }

  private String own(String text) {
    return text.replace(Dialect.CLIENT_ID, clientId);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
