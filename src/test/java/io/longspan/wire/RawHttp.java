package io.longspan.wire;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLContext;

/** A connection on which a test writes whatever bytes it likes, as no HTTP client would. */
public final class RawHttp implements Closeable {
  private static final int PATIENCE_MILLIS = 120_000;

  public static final int TEXT = 1;
  static final int BINARY = 2;
  static final int CLOSE = 8;
  static final int PING = 9;
  static final int PONG = 10;

  private final Socket socket;
  private final String host;

  private RawHttp(URI uri, String from) {
    this.host = uri.getAuthority();
    Socket plain = new Socket();
    try {
      if (from != null) {
        plain.bind(new InetSocketAddress(InetAddress.getByName(from), 0));
      }
      plain.connect(new InetSocketAddress(uri.getHost(), uri.getPort()));
      plain.setSoTimeout(PATIENCE_MILLIS);
      socket = "https".equals(uri.getScheme()) ? encrypted(plain, uri) : plain;
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }

  /** Trusts whom the default context of this JVM trusts. */
  private static Socket encrypted(Socket plain, URI uri) throws IOException {
    try {
      return SSLContext.getDefault()
          .getSocketFactory()
          .createSocket(plain, uri.getHost(), uri.getPort(), true);
    } catch (NoSuchAlgorithmException x) {
      throw new IllegalStateException(x);
    }
  }

  static RawHttp to(TestBridge bridge) {
    return new RawHttp(bridge.uri(""), null);
  }

  public static RawHttp to(URI base) {
    return new RawHttp(base, null);
  }

  /**
   * Connects from an address of this machine.
   *
   * @param patience how long a read waits at most
   */
  public static RawHttp to(URI base, String from, Duration patience) {
    RawHttp http = new RawHttp(base, from);
    try {
      http.socket.setSoTimeout(Math.toIntExact(patience.toMillis()));
      return http;
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }

  /** Connects from another address of this machine. */
  static RawHttp to(TestBridge bridge, String from) {
    return new RawHttp(bridge.uri(""), from);
  }

  /**
   * Posts a body.
   *
   * @param from a local address of this machine, such as {@code 127.0.0.2}
   * @param headers whole lines; without a content type it is JSON
   * @return the whole answer
   */
  static String exchange(URI url, String from, List<String> headers, String body) {
    List<String> lines = new ArrayList<>(headers);
    if (lines.stream().noneMatch(line -> line.startsWith("Content-Type"))) {
      lines.add("Content-Type: application/json");
    }
    return exchange("POST", url, from, lines, body);
  }

  /** Gets a page; the answer is the whole one. */
  static String get(URI url, String from, String... headers) {
    return exchange("GET", url, from, List.of(headers), "");
  }

  private static String exchange(
      String method, URI url, String from, List<String> lines, String body) {
    try (RawHttp http = new RawHttp(url, from)) {
      http.request(
          method,
          url.getRawPath(),
          body.getBytes(StandardCharsets.UTF_8),
          lines.toArray(String[]::new));
      Answer answer = http.answer();
      return answer.head() + answer.body();
    }
  }

  /** An answer, its body as far as it was read. */
  public record Answer(int status, String head, String body) {
    /** Returns a header's values. */
    public List<String> header(String name) {
      String start = name.toLowerCase(Locale.ROOT) + ":";
      return head.lines()
          .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(start))
          .map(line -> line.substring(start.length()).strip())
          .toList();
    }
  }

  /** Sends one request on a connection of its own and reads the answer. */
  static Answer exchange(TestBridge bridge, String method, String target, String... headerLines) {
    return exchange(bridge, method, target, new byte[0], headerLines);
  }

  static Answer exchange(
      TestBridge bridge, String method, String target, Map<String, String> headers, String body) {
    return exchange(
        bridge,
        method,
        target,
        body.getBytes(StandardCharsets.UTF_8),
        headers.entrySet().stream()
            .map(header -> header.getKey() + ": " + header.getValue())
            .toArray(String[]::new));
  }

  static Answer exchange(
      TestBridge bridge, String method, String target, byte[] body, String... headerLines) {
    try (RawHttp http = to(bridge)) {
      http.request(method, target, body, headerLines);
      return http.answer();
    }
  }

  /** Writes a whole request; {@code Host} is the server's unless the lines hold one. */
  public RawHttp request(String method, String target, byte[] body, String... headerLines) {
    StringBuilder head = new StringBuilder(method + " " + target + " HTTP/1.1\r\n");
    if (List.of(headerLines).stream().noneMatch(line -> line.startsWith("Host:"))) {
      head.append("Host: ").append(host).append("\r\n");
    }
    if (List.of(headerLines).stream().noneMatch(line -> line.startsWith("Connection:"))) {
      head.append("Connection: close\r\n");
    }
    for (String line : headerLines) {
      head.append(line).append("\r\n");
    }
    head.append("Content-Length: ").append(body.length).append("\r\n\r\n");
    write(head.toString().getBytes(StandardCharsets.UTF_8));
    return write(body);
  }

  /** Upgrades to WebSocket; returns the answer. */
  public Answer upgrade(String... headerLines) {
    List<String> lines = new ArrayList<>(List.of(headerLines));
    lines.add("Connection: Upgrade");
    lines.add("Upgrade: websocket");
    lines.add("Sec-WebSocket-Version: 13");
    lines.add("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
    request("GET", "/cometd", new byte[0], lines.toArray(String[]::new));
    return answer();
  }

  public RawHttp write(byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
      socket.getOutputStream().flush();
      return this;
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }

  /** Writes a masked WebSocket frame; the mask is zero, which is allowed and readable. */
  public RawHttp frame(boolean last, boolean compressed, int opcode, byte[] payload) {
    ByteBuffer frame = ByteBuffer.allocate(14 + payload.length);
    frame.put((byte) ((last ? 0x80 : 0) | (compressed ? 0x40 : 0) | opcode));
    if (payload.length < 126) {
      frame.put((byte) (0x80 | payload.length));
    } else if (payload.length < 1 << 16) {
      frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
    } else {
      frame.put((byte) (0x80 | 127)).putLong(payload.length);
    }
    frame.putInt(0).put(payload);
    return write(java.util.Arrays.copyOf(frame.array(), frame.position()));
  }

  /** A WebSocket frame that the server sent. */
  public record Frame(int opcode, byte[] payload) {
    int closeCode() {
      return ByteBuffer.wrap(payload).getShort();
    }
  }

  /** Reads frames until one of a kind has come. */
  public Frame awaitFrame(int opcode) {
    try {
      InputStream in = socket.getInputStream();
      while (true) {
        int first = require(in.read());
        long length = require(in.read()) & 0x7F;
        if (length == 126) {
          length = require(in.read()) << 8 | require(in.read());
        } else if (length == 127) {
          length = ByteBuffer.wrap(in.readNBytes(8)).getLong();
        }
        byte[] payload = in.readNBytes(Math.toIntExact(length));
        if ((first & 0x0F) == opcode) {
          return new Frame(opcode, payload);
        }
      }
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }

  private static int require(int read) throws IOException {
    if (read < 0) {
      throw new IOException("the connection has ended");
    }
    return read;
  }

  /** Reads an answer: to the connection's end, or only its head when it upgrades. */
  public Answer answer() {
    try {
      ByteArrayOutputStream head = new ByteArrayOutputStream();
      InputStream in = socket.getInputStream();
      while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
        head.write(require(in.read()));
      }
      String text = head.toString(StandardCharsets.ISO_8859_1);
      int status = Integer.parseInt(text.substring(9, 12));
      List<String> length = new Answer(status, text, "").header("Content-Length");
      byte[] body =
          status == 101
              ? new byte[0]
              : length.isEmpty()
                  ? in.readAllBytes()
                  : in.readNBytes(Integer.parseInt(length.get(0)));
      return new Answer(status, text, new String(body, StandardCharsets.UTF_8));
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }

  /** Returns whether the server has sent something that was not read. */
  boolean hasInput() {
    try {
      return socket.getInputStream().available() > 0;
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }

  /** Waits until the server has closed the connection, whatever it says before. */
  void awaitEnd() {
    try {
      socket.getInputStream().readAllBytes();
    } catch (java.net.SocketTimeoutException stillOpen) {
      throw new AssertionError("the connection is still open", stillOpen);
    } catch (IOException reset) {
      // A reset is an end too.
    }
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
