package io.longspan.wire;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http2.hpack.HpackDecoder;
import org.eclipse.jetty.http2.hpack.HpackException;

/**
 * A plain connection on which a test writes whatever frames of HTTP/2 it likes. Not for several
 * threads.
 */
public final class RawHttp2 implements Closeable {
  public static final int DATA = 0;
  public static final int HEADERS = 1;
  public static final int RST_STREAM = 3;
  public static final int SETTINGS = 4;
  public static final int PING = 6;
  public static final int GOAWAY = 7;
  public static final int WINDOW_UPDATE = 8;
  public static final int CONTINUATION = 9;

  public static final int END_STREAM = 1;
  public static final int ACK = 1;
  public static final int END_HEADERS = 4;

  private static final int PATIENCE_MILLIS = 60_000;
  private static final int MAX_FRAME = 16 << 10;
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  /** A received frame. */
  public record Frame(int type, int flags, int stream, byte[] payload) {
    public int code() {
      return ByteBuffer.wrap(payload, type == GOAWAY ? 4 : 0, 4).getInt();
    }
  }

  /** What was received on a stream. */
  public static final class Answer {
    private MetaData.Response head;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private boolean ended;
    private int reset = -1;

    /** Returns the status; 0 without a header. */
    public int status() {
      return head == null ? 0 : head.getStatus();
    }

    public String header(String name) {
      return head.getHttpFields().get(name);
    }

    public String text() {
      return body.toString(StandardCharsets.UTF_8);
    }

    public byte[] bytes() {
      return body.toByteArray();
    }

    public boolean isOver() {
      return ended || reset >= 0;
    }

    /** Returns the error code of a reset; -1 without one. */
    public int reset() {
      return reset;
    }
  }

  private final Socket socket;
  private final DataInputStream in;
  private final String authority;
  private final HpackDecoder decoder = new HpackDecoder(1 << 20, System::nanoTime);
  private final Map<Integer, Answer> answers = new HashMap<>();
  private int nextStream = 1;
  private boolean closed;
  private int goneAway = -1;
  private boolean updatesWindows = true;

  private RawHttp2(URI uri, String from) {
    this.authority = uri.getAuthority();
    this.socket = new Socket();
    try {
      if (from != null) {
        socket.bind(new InetSocketAddress(InetAddress.getByName(from), 0));
      }
      socket.connect(new InetSocketAddress(uri.getHost(), uri.getPort()));
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.setTcpNoDelay(true);
      this.in = new DataInputStream(socket.getInputStream());
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }

  /** Connects without sending anything. */
  public static RawHttp2 silent(URI uri, String from) {
    return new RawHttp2(uri, from);
  }

  /** Connects and sends the preface with settings, pairs of key and value. */
  public static RawHttp2 to(URI uri, String from, int... settings) {
    RawHttp2 http = new RawHttp2(uri, from);
    http.start(settings);
    return http;
  }

  public static RawHttp2 to(URI uri) {
    return to(uri, null);
  }

  /** Sends the preface with settings. */
  public void start(int... settings) {
    write(PREFACE);
    settings(settings);
  }

  public void settings(int... settings) {
    ByteBuffer payload = ByteBuffer.allocate(settings.length * 3);
    for (int i = 0; i < settings.length; i += 2) {
      payload.putShort((short) settings[i]).putInt(settings[i + 1]);
    }
    frame(SETTINGS, 0, 0, payload.array());
  }

  /** Leaves the windows as they are, so that answers get stuck. */
  public RawHttp2 withoutWindowUpdates() {
    updatesWindows = false;
    return this;
  }

  public void write(byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }

  public static byte[] frameBytes(int type, int flags, int stream, byte[] payload) {
    return ByteBuffer.allocate(9 + payload.length)
        .put((byte) (payload.length >> 16))
        .putShort((short) payload.length)
        .put((byte) type)
        .put((byte) flags)
        .putInt(stream)
        .put(payload)
        .array();
  }

  public void frame(int type, int flags, int stream, byte[] payload) {
    write(frameBytes(type, flags, stream, payload));
  }

  /** Encodes fields, pairs of name and value, as literals of HPACK. */
  public static byte[] fields(String... fields) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    for (int i = 0; i < fields.length; i += 2) {
      block.write(0);
      literal(block, fields[i]);
      literal(block, fields[i + 1]);
    }
    return block.toByteArray();
  }

  private static void literal(ByteArrayOutputStream block, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    if (bytes.length < 127) {
      block.write(bytes.length);
    } else {
      block.write(127);
      int rest = bytes.length - 127;
      while (rest >= 128) {
        block.write(rest % 128 + 128);
        rest /= 128;
      }
      block.write(rest);
    }
    block.writeBytes(bytes);
  }

  /** Returns the header block of a request of this connection. */
  public byte[] head(String method, String path, String... fields) {
    List<String> all =
        new ArrayList<>(
            List.of(":method", method, ":scheme", "http", ":authority", authority, ":path", path));
    all.addAll(List.of(fields));
    return fields(all.toArray(String[]::new));
  }

  /** Returns the header field of a user whose password is the name. */
  public static String[] as(String user, String... more) {
    List<String> all = new ArrayList<>(List.of(more));
    all.add("authorization");
    all.add(
        "Basic "
            + Base64.getEncoder()
                .encodeToString((user + ":" + user).getBytes(StandardCharsets.UTF_8)));
    return all.toArray(String[]::new);
  }

  /** Opens a stream and returns its id. */
  public int open(int flags, byte[] head) {
    int stream = nextStream;
    nextStream += 2;
    answers.put(stream, new Answer());
    int first = Math.min(head.length, MAX_FRAME);
    boolean whole = first == head.length;
    frame(HEADERS, whole ? flags : flags & ~END_HEADERS, stream, Arrays.copyOf(head, first));
    for (int sent = first; sent < head.length; sent += MAX_FRAME) {
      int end = Math.min(head.length, sent + MAX_FRAME);
      frame(
          CONTINUATION,
          end == head.length ? END_HEADERS : 0,
          stream,
          Arrays.copyOfRange(head, sent, end));
    }
    return stream;
  }

  public int get(String path, String... fields) {
    return open(END_HEADERS | END_STREAM, head("GET", path, fields));
  }

  public int post(String path, String body, String... fields) {
    int stream = open(END_HEADERS, head("POST", path, fields));
    frame(DATA, END_STREAM, stream, body.getBytes(StandardCharsets.UTF_8));
    return stream;
  }

  /** Opens a stream for a WebSocket. */
  public int webSocket(String path, String... fields) {
    List<String> all =
        new ArrayList<>(List.of(":protocol", "websocket", "sec-websocket-version", "13"));
    all.addAll(List.of(fields));
    return open(END_HEADERS, head("CONNECT", path, all.toArray(String[]::new)));
  }

  /** Sends a masked text on the WebSocket of a stream. */
  public void text(int stream, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    ByteBuffer frame = ByteBuffer.allocate(14 + bytes.length);
    frame.put((byte) 0x81);
    if (bytes.length < 126) {
      frame.put((byte) (0x80 | bytes.length));
    } else {
      frame.put((byte) (0x80 | 126)).putShort((short) bytes.length);
    }
    frame.putInt(0).put(bytes).flip();
    byte[] payload = new byte[frame.remaining()];
    frame.get(payload);
    frame(DATA, 0, stream, payload);
  }

  public void window(int stream, int bytes) {
    frame(WINDOW_UPDATE, 0, stream, ByteBuffer.allocate(4).putInt(bytes).array());
  }

  public void reset(int stream) {
    frame(RST_STREAM, 0, stream, ByteBuffer.allocate(4).putInt(8).array());
  }

  public void ping() {
    frame(PING, 0, 0, new byte[8]);
  }

  /** Reads the next frame; null at the end of the connection. */
  public Frame next() {
    try {
      int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
      Frame frame =
          new Frame(in.readUnsignedByte(), in.readUnsignedByte(), in.readInt(), new byte[length]);
      in.readFully(frame.payload());
      handle(frame);
      return frame;
    } catch (UncheckedIOException notAcknowledged) {
      return new Frame(-1, 0, 0, new byte[0]);
    } catch (SocketTimeoutException x) {
      throw new UncheckedIOException(x);
    } catch (IOException end) {
      closed = true;
      return null;
    }
  }

  private void handle(Frame frame) {
    Answer answer = answers.computeIfAbsent(frame.stream(), id -> new Answer());
    switch (frame.type()) {
      case HEADERS -> {
        try {
          if (decoder.decode(ByteBuffer.wrap(frame.payload())) instanceof MetaData.Response head) {
            answer.head = head;
          }
        } catch (HpackException x) {
          throw new IllegalStateException(x);
        }
        answer.ended |= (frame.flags() & END_STREAM) != 0;
      }
      case DATA -> {
        answer.body.writeBytes(frame.payload());
        answer.ended |= (frame.flags() & END_STREAM) != 0;
        if (updatesWindows && frame.payload().length > 0) {
          window(0, frame.payload().length);
          if (!answer.ended) {
            window(frame.stream(), frame.payload().length);
          }
        }
      }
      case RST_STREAM -> answer.reset = frame.code();
      case GOAWAY -> goneAway = frame.code();
      case SETTINGS -> {
        if ((frame.flags() & ACK) == 0) {
          frame(SETTINGS, ACK, 0, new byte[0]);
        }
      }
      default -> {}
    }
  }

  /** Reads until the answer of a stream has a header, or the stream or connection is over. */
  public Answer begun(int stream) {
    Answer answer = answers.get(stream);
    while (answer.head == null && !answer.isOver() && next() != null) {}
    return answer;
  }

  /** Reads until a stream or the connection is over. */
  public Answer answer(int stream) {
    Answer answer = answers.get(stream);
    while (!answer.isOver() && next() != null) {}
    return answer;
  }

  /** Reads until a stream has received a text, or is over. */
  public Answer awaitText(int stream, String text) {
    Answer answer = answers.get(stream);
    while (!answer.text().contains(text) && !answer.isOver() && next() != null) {}
    return answer;
  }

  public Answer received(int stream) {
    return answers.get(stream);
  }

  /** Reads until the connection ends, and returns the code of GOAWAY; -1 without one. */
  public int awaitEnd() {
    while (next() != null) {}
    return goneAway;
  }

  public boolean isClosed() {
    return closed;
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }
}
