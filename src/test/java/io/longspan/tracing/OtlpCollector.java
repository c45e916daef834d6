package io.longspan.tracing;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A collector that takes spans as OTLP over HTTP in protobuf, and decodes what tests look at. */
public final class OtlpCollector implements AutoCloseable {
  private final HttpServer server;
  private final List<Span> spans = new CopyOnWriteArrayList<>();
  private volatile int status = 200;

  /** One span; ids in hexadecimal. */
  public record Span(
      String trace,
      String id,
      String parent,
      String name,
      int kind,
      long start,
      long end,
      Map<String, String> attributes) {}

  public OtlpCollector() {
    try {
      server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
    server.createContext(
        "/v1/traces",
        exchange -> {
          byte[] body = exchange.getRequestBody().readAllBytes();
          if (status == 200) {
            // TracesData: resource spans (1), their scopes (2), their spans (2)
            each(body, 1, resource -> each(resource, 2, scope -> each(scope, 2, this::add)));
          }
          exchange.sendResponseHeaders(status, -1);
          exchange.close();
        });
    server.start();
  }

  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** From now on every export is answered with this status. */
  public void answer(int next) {
    status = next;
  }

  public List<Span> spans() {
    return spans;
  }

  /** Returns the span of a name in a trace. */
  public Optional<Span> find(String trace, String name) {
    return spans.stream()
        .filter(span -> span.trace().equals(trace) && span.name().equals(name))
        .findFirst();
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private interface Part {
    void read(byte[] content);
  }

  private void add(byte[] span) {
    Map<String, String> attributes = new TreeMap<>();
    each(span, 9, attribute -> attributes.put(text(attribute, 1), value(attribute)));
    spans.add(
        new Span(
            hex(span, 1),
            hex(span, 2),
            hex(span, 4),
            text(span, 5),
            (int) number(span, 6),
            number(span, 7),
            number(span, 8),
            attributes));
  }

  private static String value(byte[] attribute) {
    byte[][] value = {new byte[0]};
    each(attribute, 2, content -> value[0] = content);
    String text = text(value[0], 1);
    return text.isEmpty() ? Long.toString(number(value[0], 3)) : text;
  }

  private static String hex(byte[] message, int field) {
    StringBuilder hex = new StringBuilder();
    each(message, field, content -> hex.append(HexFormat.of().formatHex(content)));
    return hex.toString();
  }

  private static String text(byte[] message, int field) {
    StringBuilder text = new StringBuilder();
    each(message, field, content -> text.append(new String(content, StandardCharsets.UTF_8)));
    return text.toString();
  }

  private static void each(byte[] message, int field, Part part) {
    walk(message, field, part, new long[1]);
  }

  private static long number(byte[] message, int field) {
    long[] number = new long[1];
    walk(message, field, content -> {}, number);
    return number[0];
  }

  /** Reads the fields of a protobuf message. */
  private static void walk(byte[] message, int field, Part part, long[] number) {
    ByteBuffer in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
    while (in.hasRemaining()) {
      long tag = varint(in);
      boolean wanted = tag >> 3 == field;
      switch ((int) (tag & 7)) {
        case 0 -> number[0] = wanted ? varint(in) : keep(number[0], varint(in));
        case 1 -> number[0] = wanted ? in.getLong() : keep(number[0], in.getLong());
        case 5 -> in.getInt();
        default -> {
          byte[] content = new byte[(int) varint(in)];
          in.get(content);
          if (wanted) {
            part.read(content);
          }
        }
      }
    }
  }

  private static long keep(long value, long ignored) {
    return value;
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = in.get();
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }
}
