package io.longspan.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.longspan.config.ConfigException;
import io.longspan.tls.TestAuthority;
import io.longspan.tls.TestIdentity;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** The embedded server with a certificate of its own. */
@Timeout(60)
final class HttpsTest {
  private final TestAuthority authority = new TestAuthority("CA of the server");

  @TempDir Path folder;

  private Path war;
  private Path certificate;
  private Path key;
  private SSLContext trusting;
  private HttpClient http;

  @BeforeEach
  void createFiles() throws Exception {
    war = TestWar.in(folder.resolve("war"));
    certificate = folder.resolve("cert.pem");
    key = folder.resolve("key.pem");
    trusting = authority.clientContext();
    http = HttpClient.newBuilder().sslContext(trusting).build();
    write(authority.issue("first", "localhost", "127.0.0.1"));
  }

  private void write(TestIdentity identity) {
    identity.certificatePem(certificate);
    identity.keyPem(key);
  }

  private LongspanServer start(Map<String, String> more) throws StartException {
    Map<String, String> keys = new HashMap<>(more);
    keys.put("http.tls.certificate", certificate.toString());
    keys.put("http.tls.key", key.toString());
    return LongspanServer.start(Configs.with(keys), war, broker -> () -> {});
  }

  private HttpResponse<String> get(LongspanServer server, String path) throws Exception {
    URI uri = URI.create(server.address() + path);
    return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
  }

  @Test
  void pagesCookiesAndWebSocketsUseTls() throws Exception {
    try (LongspanServer server = start(Map.of())) {
      assertThat(server.address()).matches("https://127\\.0\\.0\\.1:[1-9][0-9]*/");
      assertThat(get(server, "").body()).isEqualTo("<p>a page</p>");
      assertThat(get(server, "who?first=login").headers().firstValue("Set-Cookie"))
          .get()
          .asString()
          .contains("; Secure");
      assertThat(get(server, "").headers().map()).doesNotContainKey("strict-transport-security");
      assertThat(echoed(server, "hello")).isEqualTo("hello");
    }
  }

  @Test
  void plainHttpIsNotAnswered() throws Exception {
    try (LongspanServer server = start(Map.of())) {
      try (Socket plain = connect(server, "127.0.0.1")) {
        write(plain, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assertThat(new String(plain.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1))
            .doesNotContain("HTTP/");
      }
      assertThat(get(server, "").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void theClientSelectsTheVersionOfHttp() throws Exception {
    try (LongspanServer server = start(Map.of("http.http2", "true"))) {
      assertThat(selected(server, "h2", "http/1.1")).isEqualTo("h2");
      assertThat(selected(server, "http/1.1")).isEqualTo("http/1.1");
      assertThat(selected(server)).isEmpty();
      HttpRequest page = HttpRequest.newBuilder(URI.create(server.address())).build();
      HttpResponse<String> answer = http.send(page, BodyHandlers.ofString());
      assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
      assertThat(answer.body()).isEqualTo("<p>a page</p>");
      assertThat(echoed(server, "hello")).isEqualTo("hello");
    }
    try (LongspanServer server = start(Map.of())) {
      assertThat(selected(server, "h2", "http/1.1")).isEmpty();
    }
  }

  /** Offers protocols, and gets a page by HTTP/1.1 unless HTTP/2 is selected. */
  private String selected(LongspanServer server, String... offered) throws IOException {
    SSLSocket socket =
        (SSLSocket)
            trusting
                .getSocketFactory()
                .createSocket(
                    connect(server, "127.0.0.1"),
                    "127.0.0.1",
                    URI.create(server.address()).getPort(),
                    true);
    try (socket) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setApplicationProtocols(offered);
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      String selected = socket.getApplicationProtocol();
      if (!selected.equals("h2")) {
        assertThat(request(socket)).contains("200 OK");
      }
      return selected;
    }
  }

  @Test
  void aRenewedCertificateIsUsedWithoutEndingConnections() throws Exception {
    try (LongspanServer server = start(Map.of());
        SSLSocket open = handshake(connect(server, "127.0.0.1"), server)) {
      assertThat(request(open)).contains("200 OK");
      assertThat(subject(open)).isEqualTo("CN=first");

      write(authority.issueRsa("second", "localhost", "127.0.0.1"));

      await().until(() -> presented(server), "CN=second"::equals);
      assertThat(request(open)).contains("200 OK");
      assertThat(echoed(server, "over the new one")).isEqualTo("over the new one");
    }
  }

  @Test
  void aBrokenPairIsReportedOnceAndTheOldOneStays() throws Exception {
    try (Warnings log = new Warnings();
        LongspanServer server = start(Map.of())) {
      authority.issue("without its key", "localhost", "127.0.0.1").certificatePem(certificate);
      await().until(() -> log.text().contains("does not belong to the first certificate"));
      assertThat(presented(server)).isEqualTo("CN=first");

      authority.issueExpired("expired", "localhost").certificatePem(certificate);
      await().until(() -> log.text().contains("has expired"));
      Files.delete(key);
      assertThat(presented(server)).isEqualTo("CN=first");

      write(authority.issue("repaired", "localhost", "127.0.0.1"));
      await().until(() -> presented(server), "CN=repaired"::equals);
      assertThat(log.text().split("does not belong", -1)).hasSize(2);
    }
  }

  @Test
  void wrongFilesStopTheStartWithTheirKey() throws Exception {
    assertThatThrownBy(() -> Configs.with(Map.of("http.tls.certificate", certificate.toString())))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("http.tls.key: not set, but needed by http.tls.certificate");
    assertThatThrownBy(() -> Configs.with(Map.of("http.tls.key", key.toString())))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("http.tls.certificate: not set, but needed by http.tls.key");

    authority.issue("another").keyPem(key);
    assertRefused("http.tls.key", "does not belong to the first certificate of " + certificate);
    authority.issueRsa("rsa").keyPem(key);
    assertRefused("http.tls.key", "does not belong to the first certificate of " + certificate);
    authority.issueRsa("rsa").oldKeyPem(key);
    assertRefused("http.tls.key", "a private key of RSA does not belong to a certificate of EC");
    authority.issue("encrypted").keyPem(key, "secret");
    assertRefused("http.tls.key", "the private key is encrypted");
    Files.writeString(key, "-----BEGIN PRIVATE KEY-----\n!!!\n-----END PRIVATE KEY-----\n");
    assertRefused("http.tls.key", "the private key is malformed");
    Files.copy(certificate, key, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    assertRefused("http.tls.key", "no private key in PEM");
    Files.delete(key);
    assertRefused("http.tls.key", "is not a readable file");

    write(authority.issueExpired("expired", "localhost"));
    assertRefused("http.tls.certificate", "the certificate has expired: it was valid until 20");
    Files.writeString(certificate, "no PEM");
    assertRefused("http.tls.certificate", "no certificate in PEM");
  }

  private void assertRefused(String setting, String cause) {
    assertThatThrownBy(() -> start(Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith(setting + ": \"")
        .hasMessageContaining(cause)
        .hasMessageNotContaining("\n");
  }

  @Test
  void eachFormOfAKeyIsRead() throws Exception {
    for (TestIdentity identity :
        new TestIdentity[] {
          authority.issue("old EC", "127.0.0.1"), authority.issueRsa("old RSA", "127.0.0.1")
        }) {
      certificate = identity.oldPem(folder.resolve("both.pem"));
      key = certificate;
      try (LongspanServer server = start(Map.of())) {
        assertThat(presented(server))
            .isEqualTo(identity.chain().get(0).getSubjectX500Principal().getName());
      }
    }
  }

  @Test
  void theConnectionsOfAnAddressAreCountedOnce() throws Exception {
    try (LongspanServer server =
        start(
            Map.of(
                "http.host", "0.0.0.0",
                "http.trustedProxies", "127.0.0.2",
                "limits.connectionsPerAddress", "1"))) {
      for (int i = 0; i < 3; i++) {
        // The connection before it may not have ended yet.
        try (SSLSocket only =
            await()
                .ignoreExceptions()
                .until(() -> handshake(connect(server, "127.0.0.3"), server), x -> true)) {
          assertThat(request(only)).contains("200 OK");
          assertThatThrownBy(() -> handshake(connect(server, "127.0.0.3"), server))
              .isInstanceOf(IOException.class);
          assertThat(request(only)).contains("200 OK");
        }
      }
    }
  }

  @Test
  void aTrustedProxyNamesTheClientBeforeTls() throws Exception {
    try (LongspanServer server =
        start(Map.of("http.host", "0.0.0.0", "http.trustedProxies", "127.0.0.2"))) {
      String header = "PROXY TCP4 203.0.113.7 192.0.2.1 4711 443\r\n";
      Socket proxy = connect(server, "127.0.0.2");
      write(proxy, header);
      try (SSLSocket socket = handshake(proxy, server)) {
        assertThat(request(socket, "/who")).contains("nobody from 203.0.113.7");
      }
      Socket stranger = connect(server, "127.0.0.3");
      write(stranger, header);
      assertThatThrownBy(() -> handshake(stranger, server)).isInstanceOf(IOException.class);
      try (SSLSocket socket = handshake(connect(server, "127.0.0.2"), server)) {
        assertThat(request(socket, "/who", "X-Forwarded-For: 203.0.113.8"))
            .contains("nobody from 203.0.113.8");
      }
    }
  }

  @Test
  void aLoopbackServerChecksTheHostOverTlsToo() throws Exception {
    try (LongspanServer server = start(Map.of());
        SSLSocket socket = handshake(connect(server, "127.0.0.1"), server)) {
      write(socket, "GET / HTTP/1.1\r\nHost: evil.example.org\r\nConnection: close\r\n\r\n");
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1))
          .startsWith("HTTP/1.1 421 ");
    }
  }

  private static final class Warnings extends AppenderBase<ILoggingEvent> implements AutoCloseable {
    private final Logger logger = (Logger) LoggerFactory.getLogger(ServerCertificate.class);
    private final StringBuffer text = new StringBuffer();

    Warnings() {
      setContext(logger.getLoggerContext());
      start();
      logger.addAppender(this);
    }

    @Override
    protected void append(ILoggingEvent event) {
      text.append(event.getFormattedMessage()).append('\n');
    }

    String text() {
      return text.toString();
    }

    @Override
    public void close() {
      logger.detachAppender(this);
    }
  }

  private static Socket connect(LongspanServer server, String from) throws IOException {
    Socket socket = new Socket();
    socket.bind(new InetSocketAddress(InetAddress.getByName(from), 0));
    socket.connect(new InetSocketAddress("127.0.0.1", URI.create(server.address()).getPort()));
    socket.setSoTimeout(50_000);
    return socket;
  }

  private SSLSocket handshake(Socket plain, LongspanServer server) throws IOException {
    int port = URI.create(server.address()).getPort();
    SSLSocket socket =
        (SSLSocket) trusting.getSocketFactory().createSocket(plain, "127.0.0.1", port, true);
    socket.startHandshake();
    return socket;
  }

  private String presented(LongspanServer server) throws IOException {
    try (SSLSocket socket = handshake(connect(server, "127.0.0.1"), server)) {
      return subject(socket);
    }
  }

  private static String subject(SSLSocket socket) throws IOException {
    return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
        .getSubjectX500Principal()
        .getName();
  }

  private static void write(Socket socket, String text) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(text.getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  private static String request(SSLSocket socket) throws IOException {
    return request(socket, "/");
  }

  /** Sends a request and returns the answer, whose body has a length. */
  private static String request(SSLSocket socket, String path, String... headers)
      throws IOException {
    String more = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
    write(socket, "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + more + "\r\n");
    InputStream in = socket.getInputStream();
    StringBuilder answer = new StringBuilder();
    while (!answer.toString().endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("closed after " + answer);
      }
      answer.append((char) next);
    }
    int length =
        Integer.parseInt(answer.toString().replaceFirst("(?s).*Content-Length: ([0-9]+).*", "$1"));
    return answer + new String(in.readNBytes(length), StandardCharsets.UTF_8);
  }

  private String echoed(LongspanServer server, String text) throws Exception {
    CompletableFuture<String> answer = new CompletableFuture<>();
    WebSocket socket =
        http.newWebSocketBuilder()
            .buildAsync(
                URI.create(server.address().replace("https:", "wss:") + "echo"),
                new WebSocket.Listener() {
                  @Override
                  public CompletionStage<?> onText(
                      WebSocket from, CharSequence received, boolean last) {
                    answer.complete(received.toString());
                    return null;
                  }
                })
            .get(50, TimeUnit.SECONDS);
    socket.sendText(text, true);
    String echoed = answer.get(50, TimeUnit.SECONDS);
    socket.abort();
    return echoed;
  }
}
