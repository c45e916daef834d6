package io.longspan.server;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A client that calls services in turn, again and again, over a WebSocket of its own. It sends
 * prepared text, and counts the answers without parsing them: the processor time is for the bridge,
 * and the compiler of the JVM has no client to compile. Errors end it silently.
 *
 * <p>It has one thread, which blocks on the socket.
 */
final class WarmUpSocket implements AutoCloseable {
  private static final int IN_FLIGHT = 4;

  /** How many answers come for each publication on the client's topic. */
  private static final int ANSWERS_PER_PUBLICATION = 8;

  /** Maximum time without a byte of the bridge, in milliseconds; after that the client ends. */
  private static final int SILENCE_MILLIS = 5000;

  private static final String ANSWER = "\"JMSCorrelationID\":\"r-";
  private static final String POLL_ENDED = "\"/meta/connect\"";
  private static final Pattern CLIENT = Pattern.compile("\"clientId\":\"([^\"]+)\"");
  private static final Pattern ROOT = Pattern.compile("\"userChannel\":\"([^\"]+)(/user/[^\"]+)\"");

  private static final int FINAL_TEXT = 0x81;
  private static final int MASKED = 0x80;
  private static final int LENGTH_BITS = 0x7f;
  private static final int SHORT_LENGTH = 126;
  private static final int LONG_LENGTH = 127;
  private static final int MAX_FRAME = 1 << 20;

  private static final String BODY =
      "{\"text\":\"" + "warm-up ".repeat(50) + "\",\"list\":[1,2.5,true]}";

  private final URI endpoint;
  private final String authorization;
  private final String topic;
  private final List<String> services;
  private final AtomicLong answers = new AtomicLong();
  private final ByteArrayOutputStream unsent = new ByteArrayOutputStream();
  private final Thread thread;
  private volatile boolean closed;
  private volatile boolean finishing;

  /** The number of requests so far. Written by the client's thread. */
  private volatile long requests;

  /** Null until it is connected. */
  private volatile Socket socket;

  private String clientId = "";
  private String root = "";

  /**
   * Starts to connect; returns at once.
   *
   * @param number distinguishes the client from others
   * @param services what it calls: each of them answers with an echo
   */
  WarmUpSocket(URI endpoint, String user, String password, int number, List<String> services) {
    this.endpoint = endpoint;
    this.services = services;
    this.topic = "topics/" + number;
    this.authorization =
        Base64.getEncoder()
            .encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    this.thread = new Thread(this::run, "warm-up-" + number);
    thread.setDaemon(true);
    thread.start();
  }

  /** Returns the number of answers so far. */
  long answers() {
    return answers.get();
  }

  /** Sends no more requests. */
  void finish() {
    finishing = true;
  }

  /** Returns whether no answer is expected any more. */
  boolean isDone() {
    return closed || finishing && requests == answers.get();
  }

  private void run() {
    try (Socket opened = new Socket(endpoint.getHost(), endpoint.getPort())) {
      socket = opened;
      opened.setTcpNoDelay(true);
      opened.setSoTimeout(SILENCE_MILLIS);
      DataInputStream in = new DataInputStream(new BufferedInputStream(opened.getInputStream()));
      OutputStream out = opened.getOutputStream();
      upgrade(in, out);
      add(
          "{\"channel\":\"/meta/handshake\",\"version\":\"1.0\","
              + "\"supportedConnectionTypes\":[\"websocket\"]}");
      while (!closed) {
        unsent.writeTo(out);
        unsent.reset();
        received(text(in));
      }
    } catch (IOException | RuntimeException ended) {
      // What is missing then is only speed.
      closed = true;
    }
  }

  private void upgrade(DataInputStream in, OutputStream out) throws IOException {
    String request =
        "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n"
            + "Authorization: Basic %s\r\n\r\n";
    String key = Base64.getEncoder().encodeToString(new byte[16]);
    out.write(
        request
            .formatted(endpoint.getPath(), endpoint.getAuthority(), key, authorization)
            .getBytes(StandardCharsets.US_ASCII));
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.readUnsignedByte());
    }
    if (!head.toString().startsWith("HTTP/1.1 101")) {
      throw new IOException("no WebSocket: " + head);
    }
  }

  /** Reads the text of the next frame. The bridge sends no fragments. */
  private static String text(DataInputStream in) throws IOException {
    int kind = in.readUnsignedByte();
    int length = in.readUnsignedByte() & LENGTH_BITS;
    if (length == SHORT_LENGTH) {
      length = in.readUnsignedShort();
    } else if (length == LONG_LENGTH) {
      length = Math.toIntExact(in.readLong());
    }
    if (kind != FINAL_TEXT || length > MAX_FRAME) {
      throw new IOException("not a text");
    }
    byte[] bytes = new byte[length];
    in.readFully(bytes);
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private void received(String text) {
    if (clientId.isEmpty()) {
      begin(text);
      return;
    }
    for (int i = text.indexOf(ANSWER); i >= 0; i = text.indexOf(ANSWER, i + 1)) {
      long count = answers.get() + 1;
      if (count % ANSWERS_PER_PUBLICATION == 0) {
        publish("/bridge", "\"destination\":\"" + topic + "\",\"body\":" + BODY);
      }
      request();
      answers.set(count);
    }
    if (text.contains(POLL_ENDED)) {
      poll();
    }
  }

  /** Connects and subscribes as clients do, and sends the first requests. */
  private void begin(String handshake) {
    Matcher client = CLIENT.matcher(handshake);
    Matcher channel = ROOT.matcher(handshake);
    if (!client.find() || !channel.find()) {
      throw new IllegalStateException("the handshake was refused");
    }
    clientId = client.group(1);
    root = channel.group(1);
    add(message("/meta/subscribe", "\"subscription\":\"" + root + channel.group(2) + "\""));
    publish("/control", "\"type\":\"connect\",\"correlationId\":\"c\",\"protocolVersion\":\"1.1\"");
    publish(
        "/control",
        "\"type\":\"topicSubscribe\",\"correlationId\":\"t\",\"topics\":[\"" + topic + "\"]");
    poll();
    for (int i = 0; i < IN_FLIGHT; i++) {
      request();
    }
  }

  private void request() {
    if (finishing) {
      return;
    }
    long id = requests + 1;
    requests = id;
    publish(
        "/bridge",
        "\"destination\":\""
            + services.get((int) (id % services.size()))
            + "\",\"properties\":{\"JMSCorrelationID\":\"r-"
            + id
            + "\",\"n\":5},\"body\":"
            + BODY);
  }

  private void poll() {
    add(message("/meta/connect", "\"connectionType\":\"websocket\""));
  }

  private void publish(String channel, String data) {
    add(message(root + channel, "\"data\":{" + data + "}"));
  }

  private String message(String channel, String members) {
    return "{\"channel\":\"" + channel + "\",\"clientId\":\"" + clientId + "\"," + members + "}";
  }

  /** Adds a frame with one message. The key of its mask is zero, so its text stays as it is. */
  private void add(String message) {
    int length = message.length() + 2;
    unsent.write(FINAL_TEXT);
    if (length < SHORT_LENGTH) {
      unsent.write(MASKED | length);
    } else {
      unsent.write(MASKED | SHORT_LENGTH);
      unsent.write(length >> Byte.SIZE);
      unsent.write(length);
    }
    unsent.writeBytes(new byte[Integer.BYTES]);
    unsent.writeBytes(("[" + message + "]").getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Drops the connection, and waits for the end of the thread. */
  @Override
  public void close() throws Exception {
    closed = true;
    Socket open = socket;
    if (open != null) {
      open.close();
    }
    thread.join();
  }
}
