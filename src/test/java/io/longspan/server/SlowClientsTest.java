package io.longspan.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.tls.ServerTls;
import io.longspan.tls.TestAuthority;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import javax.net.ssl.SSLSocket;
import org.awaitility.Awaitility;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.ProxyConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Clients that give or take a byte now and then, so that they are never idle. */
final class SlowClientsTest {
  private static final Duration SHORT = Duration.ofMillis(200);

  private final Server server = new Server();
  private final ServerConnector connector = new ServerConnector(server);

  @BeforeEach
  void start() throws Exception {
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    server.addBean(new SlowHeaders(connector, SHORT, () -> {}));
    server.setHandler(
        new SlowTransfers(
            new Handler.Abstract() {
              @Override
              public boolean handle(Request request, Response response, Callback callback) {
                if (request.getMethod().equals("GET")) {
                  Content.Sink.write(response, true, "x".repeat(50_000_000), callback);
                } else {
                  Content.Source.asByteBuffer(
                      request,
                      org.eclipse.jetty.util.Promise.from(
                          body -> callback.succeeded(),
                          failure ->
                              Response.writeError(
                                  request, response, callback, HttpStatus.REQUEST_TIMEOUT_408)));
                }
                return true;
              }
            },
            SHORT,
            1_000_000_000));
    server.start();
  }

  @AfterEach
  void stop() throws Exception {
    server.stop();
  }

  /** Writes a text's last byte again and again until the server has closed the connection. */
  private void assertCut(String request) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", connector.getLocalPort())) {
      socket.setSoTimeout(1);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      InputStream in = socket.getInputStream();
      byte[] buffer = new byte[1000];
      Awaitility.await()
          .until(
              () -> {
                try {
                  socket.getOutputStream().write('x');
                  return in.read(buffer) < 0;
                } catch (java.net.SocketTimeoutException stillOpen) {
                  return false;
                } catch (IOException reset) {
                  return true;
                }
              });
    }
  }

  @Test
  void aHeaderThatNeverEndsIsCut() throws Exception {
    assertCut("GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ");
  }

  @Test
  void theHeaderOfALaterRequestOfAConnectionIsCutToo() throws Exception {
    assertCut(
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nxGET / HTTP/1.1\r\nHost: x\r\nX: ");
  }

  @Test
  void aProxysHeaderThatNeverEndsIsCut() throws Exception {
    ServerConnector proxied =
        new ServerConnector(server, new ProxyConnectionFactory(), new HttpConnectionFactory());
    proxied.setHost("127.0.0.1");
    proxied.setIdleTimeout(Duration.ofDays(1).toMillis());
    server.addConnector(proxied);
    proxied.start();
    SlowHeaders slow = new SlowHeaders(proxied, SHORT, () -> {});
    server.addBean(slow);
    slow.start();
    try (Socket socket = new Socket("127.0.0.1", proxied.getLocalPort())) {
      socket.getOutputStream().write("PROXY TCP4 192.0.2.1".getBytes(StandardCharsets.US_ASCII));
      socket.setSoTimeout(60_000);
      assertThat(socket.getInputStream().read()).isNegative();
    }
  }

  @Test
  void aHandshakeOfTlsThatNeverEndsIsCutAndThenAHeader() throws Exception {
    Path folder = Files.createTempDirectory("longspan-test-");
    TestAuthority authority = new TestAuthority("CA of the server");
    Path both = authority.issue("server", "127.0.0.1").pem(folder.resolve("both.pem"));
    ServerCertificate certificate = ServerCertificate.of(new ServerTls(both, both));
    ServerConnector secure =
        new ServerConnector(server, certificate.protocol("http/1.1"), new HttpConnectionFactory());
    secure.setHost("127.0.0.1");
    secure.setIdleTimeout(Duration.ofDays(1).toMillis());
    server.addConnector(secure);
    secure.start();
    SlowHeaders slow = new SlowHeaders(secure, SHORT, () -> {});
    server.addBean(slow);
    slow.start();
    try (Socket silent = new Socket("127.0.0.1", secure.getLocalPort())) {
      silent.setSoTimeout(60_000);
      assertThat(silent.getInputStream().read()).isNegative();
    }
    try (Socket idle =
            authority
                .clientContext()
                .getSocketFactory()
                .createSocket("127.0.0.1", secure.getLocalPort());
        Socket slowHeader =
            authority
                .clientContext()
                .getSocketFactory()
                .createSocket("127.0.0.1", secure.getLocalPort())) {
      idle.setSoTimeout(60_000);
      slowHeader.setSoTimeout(60_000);
      ((SSLSocket) idle).startHandshake();
      slowHeader
          .getOutputStream()
          .write("GET / HTTP/1.1\r\nX: ".getBytes(StandardCharsets.US_ASCII));
      assertThat(slowHeader.getInputStream().read()).isNegative();
      idle.getOutputStream()
          .write(
              "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx"
                  .getBytes(StandardCharsets.US_ASCII));
      assertThat(new String(idle.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
          .isEqualTo("HTTP/1.1 200");
    }
    Files.delete(both);
    Files.delete(folder);
  }

  @Test
  void aBodyThatTricklesIsCut() throws Exception {
    assertCut("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nx");
  }

  @Test
  void aResponseThatNobodyReadsIsCut() throws Exception {
    try (Socket socket = new Socket("127.0.0.1", connector.getLocalPort())) {
      socket
          .getOutputStream()
          .write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      // The connection is there, and then it is not.
      assertThat(socket.getInputStream().read()).isPositive();
      Awaitility.await().until(() -> connector.getConnectedEndPoints().isEmpty());
    }
  }

  @Test
  void anIdleConnectionIsNoSlowHeader() throws Exception {
    try (Socket idle = new Socket("127.0.0.1", connector.getLocalPort())) {
      assertCut("GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ");
      idle.getOutputStream()
          .write(
              "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx"
                  .getBytes(StandardCharsets.US_ASCII));
      assertThat(new String(idle.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
          .isEqualTo("HTTP/1.1 200");
    }
  }

  @Test
  void aWholeNetworkOfVersion6CountsAsOneAddress() throws UnknownHostException {
    Object one = AddressLimit.networkOf(InetAddress.getByName("2001:db8:1:2::1"));
    assertThat(AddressLimit.networkOf(InetAddress.getByName("2001:db8:1:2:ffff::9")))
        .isEqualTo(one);
    assertThat(AddressLimit.networkOf(InetAddress.getByName("2001:db8:1:3::1"))).isNotEqualTo(one);
    assertThat(AddressLimit.networkOf(InetAddress.getByName("192.0.2.1")))
        .isNotEqualTo(AddressLimit.networkOf(InetAddress.getByName("192.0.2.2")));
  }
}
