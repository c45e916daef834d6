package io.longspan.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.longspan.bayeux.BayeuxIdentity;
import io.longspan.identity.Credential;
import io.longspan.identity.Identity;
import io.longspan.wire.RawHttp2;
import io.longspan.wire.RawHttp2.Answer;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.eclipse.jetty.http2.ErrorCode;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Clients of HTTP/2 that do what no honest client does. */
@Timeout(60)
final class Http2AttacksTest {
  private static final Duration SHORT = Duration.ofMillis(200);
  private static final long FAST = 1_000_000_000;
  private static final int INITIAL_WINDOW_SIZE = 4;
  private static final int LARGE = 5_000_000;
  private static final int MAX_WINDOW = Integer.MAX_VALUE - 65_535;

  /** Places for sixteen requests in all, and for as many of one address. */
  private static final long STRANGER_BYTES = 1;

  private static final int PER_USER = 10;

  private final Server server = new Server();
  private final StrangerConnections strangers =
      new StrangerConnections(STRANGER_BYTES, PER_USER, remote -> false);
  private final Queue<Callback> held = new ConcurrentLinkedQueue<>();
  private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
  private ServerConnector connector;

  @BeforeEach
  void start() throws Exception {
    HttpConfiguration messages = new HttpConfiguration();
    messages.addCustomizer(new Http2Requests(16 << 10));
    connector =
        new ServerConnector(
            server,
            BoundedHttpConnection.factory(messages, strangers),
            new BoundedHttp2Factory(messages, BoundedHttp2Factory.PLAIN, strangers));
    connector.setHost("127.0.0.1");
    connector.setIdleTimeout(Duration.ofDays(1).toMillis());
    server.addConnector(connector);
    server.addBean(new SlowHeaders(connector, SHORT, FAST, () -> {}));
    serve(SHORT);
  }

  /** Starts the server, with a time that each body has. */
  private void serve(Duration bodies) throws Exception {
    server.setHandler(new StrangerRequests(new SlowTransfers(new Application(), bodies, FAST)));
    server.start();
  }

  @AfterEach
  void stop() throws Exception {
    server.stop();
  }

  /** Answers at once, with a large body, with a body that was sent, or never. */
  private final class Application extends Handler.Abstract {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
      String user = request.getHeaders().get("user");
      if (user != null) {
        request.setAttribute(
            BayeuxIdentity.REQUEST_ATTRIBUTE,
            new Credential.Password(new Identity(user, Set.of())));
      }
      switch (request.getHttpURI().getCanonicalPath()) {
        case "/large" -> Content.Sink.write(response, true, "x".repeat(LARGE), callback);
        case "/held" -> {
          request.addFailureListener(failures::add);
          held.add(callback);
        }
        case "/tunnel" -> {
          request.setAttribute(
              HttpStream.UPGRADE_CONNECTION_ATTRIBUTE,
              new Tunnel(request.getTunnelSupport().getEndPoint(), server.getThreadPool()));
          response.write(true, null, callback);
        }
        case "/uri" ->
            Content.Sink.write(
                response,
                true,
                "%s %s %s"
                    .formatted(
                        request.getHttpURI().getScheme(),
                        request.isSecure(),
                        request.getHeaders().getValuesList("Host")),
                callback);
        case "/body" -> Content.copy(request, response, callback);
        default -> Content.Sink.write(response, true, "hello", callback);
      }
      return true;
    }
  }

  /** Writes more than its client lets pass, and closes the stream. */
  private static final class Tunnel extends AbstractConnection {
    Tunnel(EndPoint endPoint, Executor executor) {
      super(endPoint, executor);
    }

    @Override
    public void onOpen() {
      super.onOpen();
      getEndPoint().write(Callback.NOOP, ByteBuffer.allocate(100_000));
      getEndPoint().close();
    }

    @Override
    public void onFillable() {
      // Nobody writes.
    }
  }

  private URI uri() {
    return URI.create("http://127.0.0.1:" + connector.getLocalPort());
  }

  private RawHttp2 connect(int... settings) {
    return RawHttp2.to(uri(), null, settings);
  }

  private static void assertServes(RawHttp2 http) {
    assertThat(http.answer(http.get("/")).text()).isEqualTo("hello");
  }

  /** Writes the same bytes until the server has closed the connection. */
  private static int flood(RawHttp2 http, byte[] bytes) {
    Thread writer =
        new Thread(
            () -> {
              try {
                while (true) {
                  http.write(bytes);
                }
              } catch (UncheckedIOException closed) {
                // The reader sees how.
              }
            });
    writer.setDaemon(true);
    writer.start();
    return http.awaitEnd();
  }

  private void awaitNoConnection() {
    await().until(() -> connector.getConnectedEndPoints().isEmpty());
  }

  @Test
  void bodiesAreReadAndAnswered() throws Exception {
    server.stop();
    serve(Duration.ofMinutes(1));
    try (RawHttp2 http = connect()) {
      assertServes(http);
      String body = "body ".repeat(50_000);
      int stream = http.open(RawHttp2.END_HEADERS, http.head("POST", "/body"));
      byte[] bytes = body.getBytes(StandardCharsets.US_ASCII);
      for (int i = 0; i < bytes.length; i += 10_000) {
        int end = Math.min(bytes.length, i + 10_000);
        http.frame(
            RawHttp2.DATA,
            end == bytes.length ? RawHttp2.END_STREAM : 0,
            stream,
            Arrays.copyOfRange(bytes, i, end));
        // The window has room again when the echo of these bytes is back.
        while (http.received(stream).bytes().length < end && http.next() != null) {}
      }
      assertThat(http.answer(stream).text()).isEqualTo(body);
    }
  }

  @Test
  void whatPrecedesARequestMustEndInTime() {
    byte[] head = RawHttp2.fields(":method", "GET");
    try (RawHttp2 noPreface = RawHttp2.silent(uri(), null);
        RawHttp2 halfAFrame = connect();
        RawHttp2 halfAHeader = connect();
        RawHttp2 idle = connect()) {
      noPreface.write("PRI * HTTP/2.0\r\n\r\nSM".getBytes(StandardCharsets.US_ASCII));
      halfAFrame.write(new byte[] {0, 0});
      halfAHeader.frame(RawHttp2.HEADERS, RawHttp2.END_STREAM, 1, head);
      noPreface.awaitEnd();
      halfAFrame.awaitEnd();
      halfAHeader.awaitEnd();
      assertServes(idle);
    }
  }

  @Test
  void aHeaderBlockInManySmallPartsEndsTheConnection() {
    try (RawHttp2 http = connect()) {
      http.frame(RawHttp2.HEADERS, RawHttp2.END_STREAM, 1, RawHttp2.fields(":method", "GET"));
      byte[] part = RawHttp2.fields("x", "y");
      assertThat(flood(http, RawHttp2.frameBytes(RawHttp2.CONTINUATION, 0, 1, part)))
          .isIn(-1, ErrorCode.ENHANCE_YOUR_CALM_ERROR.code, ErrorCode.PROTOCOL_ERROR.code);
      awaitNoConnection();
    }
  }

  @Test
  void aResponseThatNobodyReadsEndsItsStreamOnly() {
    try (RawHttp2 http = connect(INITIAL_WINDOW_SIZE, 1000)) {
      http.withoutWindowUpdates().window(0, MAX_WINDOW);
      Answer slow = http.answer(http.get("/large"));
      assertThat(slow.bytes()).hasSize(1000);
      assertThat(slow.reset()).isPositive();
      assertServes(http);
    }
  }

  @Test
  void aTunnelThatEndsWhileItsDataIsStuckLeavesNothing() {
    try (RawHttp2 http = connect(INITIAL_WINDOW_SIZE, 1000)) {
      http.withoutWindowUpdates();
      byte[] head = http.head("CONNECT", "/tunnel", ":protocol", "websocket", "user", "alice");
      Answer tunnel = http.answer(http.open(RawHttp2.END_HEADERS, head));
      assertThat(tunnel.bytes()).hasSize(1000);
      BoundedHttp2Connection connection =
          (BoundedHttp2Connection)
              connector.getConnectedEndPoints().iterator().next().getConnection();
      await().until(() -> connection.getSession().getStreams().isEmpty());
      assertServes(http);
    }
  }

  @Test
  void aConnectionWhoseWindowStaysClosedIsClosed() {
    try (RawHttp2 http = connect(INITIAL_WINDOW_SIZE, MAX_WINDOW)) {
      http.withoutWindowUpdates();
      int last = http.get("/held", "user", "alice");
      await().until(() -> held.size() == 1);
      http.answer(http.get("/large"));
      http.get("/");
      http.awaitEnd();
      awaitNoConnection();
      assertThat(http.received(last).isOver()).isFalse();
      await().until(() -> failures.size() == 1);
    }
  }

  @Test
  void aConnectionThatNobodyReadsIsClosed() {
    try (RawHttp2 http = connect(INITIAL_WINDOW_SIZE, MAX_WINDOW)) {
      http.window(0, MAX_WINDOW);
      for (int i = 0; i < 8; i++) {
        http.get("/large", "user", "alice");
      }
      awaitNoConnection();
    }
  }

  static Stream<byte[]> costlyFrames() {
    return Stream.of(
        RawHttp2.frameBytes(RawHttp2.PING, 0, 0, new byte[8]),
        RawHttp2.frameBytes(RawHttp2.SETTINGS, 0, 0, new byte[0]),
        RawHttp2.frameBytes(RawHttp2.DATA, 0, 1, new byte[0]));
  }

  @ParameterizedTest
  @MethodSource("costlyFrames")
  void aFloodOfFramesThatAreAnsweredEndsTheConnection(byte[] frame) {
    try (RawHttp2 http = connect()) {
      http.open(RawHttp2.END_HEADERS, http.head("POST", "/held"));
      assertThat(flood(http, frame)).isIn(-1, ErrorCode.ENHANCE_YOUR_CALM_ERROR.code);
      awaitNoConnection();
    }
  }

  @Test
  void requestsThatAreResetAtOnceEndTheConnection() {
    try (RawHttp2 http = connect()) {
      try {
        for (int i = 0; i < 1000; i++) {
          http.reset(http.get("/held", "user", "alice"));
        }
      } catch (UncheckedIOException closed) {
        // As it should.
      }
      assertThat(http.awaitEnd()).isIn(-1, ErrorCode.ENHANCE_YOUR_CALM_ERROR.code);
      assertThat(held.size()).isLessThan(1000);
      awaitNoConnection();
    }
  }

  @Test
  void windowUpdatesThatPileUpEndTheConnection() {
    try (RawHttp2 http = connect()) {
      http.open(RawHttp2.END_HEADERS, http.head("POST", "/held"));
      ByteBuffer one = ByteBuffer.allocate(4).putInt(1);
      byte[] update = RawHttp2.frameBytes(RawHttp2.WINDOW_UPDATE, 0, 1, one.array());
      assertThat(flood(http, update)).isIn(-1, ErrorCode.ENHANCE_YOUR_CALM_ERROR.code);
      awaitNoConnection();
    }
  }

  /** Jetty would retain its network buffers. */
  @Test
  void manySmallPartsOfABodyThatNobodyReadsEndTheConnection() {
    try (RawHttp2 http = connect()) {
      int stream = http.open(RawHttp2.END_HEADERS, http.head("POST", "/held"));
      assertThat(flood(http, RawHttp2.frameBytes(RawHttp2.DATA, 0, stream, new byte[1])))
          .isIn(-1, ErrorCode.ENHANCE_YOUR_CALM_ERROR.code);
      awaitNoConnection();
    }
  }

  @Test
  void refusalsThatNobodyReadsEndTheConnection() throws Exception {
    try (RawHttp2 http = connect(INITIAL_WINDOW_SIZE, MAX_WINDOW)) {
      http.window(0, MAX_WINDOW);
      for (int i = 0; i < BoundedHttp2Connection.MAX_STREAMS; i++) {
        http.get("/large", "user", "user" + i);
      }
      Thread writer =
          new Thread(
              () -> {
                try {
                  while (true) {
                    http.get("/", "user", "alice");
                  }
                } catch (UncheckedIOException closed) {
                  // As it should.
                }
              });
      writer.start();
      awaitNoConnection();
      writer.join();
    }
  }

  @Test
  void theStreamsOfStrangersAreBoundedAndThoseOfUsersStay() {
    try (RawHttp2 http = connect()) {
      int own = http.get("/held", "user", "alice");
      await().until(() -> held.size() == 1);
      List<Integer> anonymous = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        anonymous.add(http.get("/held"));
      }
      for (int stream : anonymous.subList(0, 20)) {
        assertThat(http.answer(stream).reset()).isPositive();
      }
      await().until(() -> strangers.size() <= 16);
      assertServes(http);
      assertThat(http.received(own).isOver()).isFalse();
      assertThat(http.received(anonymous.get(39)).isOver()).isFalse();
    }
    await().until(() -> strangers.size() == 0);
  }

  @Test
  void aUsersStreamsBeyondTheLimitAreStrangers() {
    try (RawHttp2 http = connect()) {
      List<Integer> all = new ArrayList<>();
      for (int i = 1; i <= 40; i++) {
        int requests = i;
        all.add(http.get("/held", "user", "alice"));
        await().until(() -> held.size() == requests);
      }
      // The connection counts too.
      int first = all.get(PER_USER - 1);
      assertThat(http.answer(first).reset()).isPositive();
      assertServes(http);
      assertThat(http.received(all.get(0)).isOver()).isFalse();
    }
  }

  @Test
  void requestsThatFailEarlyLeaveNothing() {
    try (RawHttp2 http = connect()) {
      for (int i = 0; i < 40; i++) {
        assertThat(http.answer(http.get("/", "host", "other.example.org")).status()).isEqualTo(400);
      }
      await().until(() -> strangers.size() <= 1);
      assertServes(http);
    }
  }

  @Test
  void aHeaderTooLargeFailsItsStreamOnly() {
    String[] many = new String[2 * 101];
    Arrays.fill(many, "x");
    try (RawHttp2 http = connect()) {
      assertThat(http.answer(http.get("/", many)).status()).isEqualTo(431);
      assertThat(
              http.answer(http.get("/", "x", "y".repeat(15_000), "z", "y".repeat(2000))).status())
          .isEqualTo(431);
      assertServes(http);
    }
  }

  @Test
  void aRequestHasOneHostAndTheSchemeOfItsConnection() {
    try (RawHttp2 http = connect()) {
      for (String[] head :
          new String[][] {
            {":method", "GET", ":scheme", "http", ":path", "/"},
            {":method", "GET", ":scheme", "http", ":path", "/", "host", "a", "host", "b"}
          }) {
        int stream = http.open(RawHttp2.END_HEADERS | RawHttp2.END_STREAM, RawHttp2.fields(head));
        assertThat(http.answer(stream).status()).isEqualTo(400);
      }
      int secure =
          http.open(
              RawHttp2.END_HEADERS | RawHttp2.END_STREAM,
              RawHttp2.fields(":method", "GET", ":scheme", "https", ":path", "/uri", "host", "a"));
      assertThat(http.answer(secure).text()).isEqualTo("http false [a]");
    }
  }

  /** A proxy may pass the header on for WebSockets. */
  @Test
  void anUpgradeOfAnHttp1RequestIsIgnored() throws Exception {
    try (Socket socket = new Socket("127.0.0.1", connector.getLocalPort())) {
      socket
          .getOutputStream()
          .write(
              ("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\n"
                      + "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      assertThat(new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
          .isEqualTo("HTTP/1.1 200");
    }
  }
}
