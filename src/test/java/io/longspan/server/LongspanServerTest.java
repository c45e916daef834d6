package io.longspan.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.longspan.config.ConfigException;
import jakarta.jms.Connection;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.apache.activemq.ActiveMQConnectionFactory;
import org.eclipse.jetty.util.security.Credential;
import org.eclipse.jetty.util.security.Password;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class LongspanServerTest {

  private static final DemoServicesFactory NO_DEMO = broker -> () -> {};
  private static final Map<String, String> NO_KEYS = Map.of();

  @TempDir Path folder;

  private Path war;
  private final HttpClient http = HttpClient.newHttpClient();

  @BeforeEach
  void unpackWar() throws IOException {
    war = TestWar.in(folder.resolve("war"));
  }

  @Test
  void thePageIsServedAtTheAddressToldWithTheActualPort() throws Exception {
    try (LongspanServer server = start(NO_KEYS)) {
      assertThat(server.address()).matches("http://127\\.0\\.0\\.1:[1-9][0-9]*/");
      HttpResponse<String> page = get(server, "");
      assertThat(page.statusCode()).isEqualTo(200);
      assertThat(page.body()).isEqualTo("<p>a page</p>");
      assertThat(page.headers().map()).doesNotContainKeys("server", "x-powered-by");
    }
  }

  @Test
  void theApplicationMayHaveAContextPath() throws Exception {
    try (LongspanServer server = start(Map.of("http.contextPath", "/the/bridge"))) {
      assertThat(server.address()).endsWith("/the/bridge/");
      assertThat(get(server, "files/one.txt").body()).isEqualTo("one");
    }
  }

  @Test
  void anAddressForEveryInterfaceIsToldAsOneThatABrowserCanOpen() throws Exception {
    try (LongspanServer server = start(Map.of("http.host", "0.0.0.0"))) {
      assertThat(server.address()).startsWith("http://127.0.0.1:");
      assertThat(get(server, "").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void neitherAListOfFilesNorWhatLiesInWebInfIsServed() throws Exception {
    try (LongspanServer server = start(NO_KEYS)) {
      assertThat(get(server, "files/").statusCode()).isEqualTo(403);
      assertThat(get(server, "WEB-INF/web.xml").statusCode()).isEqualTo(404);
      assertThat(get(server, "web-inf/web.xml").statusCode()).isEqualTo(404);
      assertThat(get(server, "files/%2e%2e/WEB-INF/web.xml").statusCode())
          .isGreaterThanOrEqualTo(400);
    }
  }

  @Test
  void textFilesAreSentCompressedToThoseWhoAcceptIt() throws Exception {
    String script = "const line = 'a line of a script';\n".repeat(200);
    Files.writeString(war.resolve("files").resolve("app.js"), script);
    try (LongspanServer server = start(NO_KEYS)) {
      HttpRequest accepting =
          HttpRequest.newBuilder(URI.create(server.address() + "files/app.js"))
              .header("Accept-Encoding", "gzip")
              .build();
      HttpResponse<byte[]> compressed = http.send(accepting, BodyHandlers.ofByteArray());
      assertThat(compressed.headers().firstValue("Content-Encoding")).contains("gzip");
      assertThat(compressed.headers().firstValue("Content-Type").orElseThrow())
          .startsWith("text/javascript");
      assertThat(compressed.headers().firstValue("Vary")).contains("Accept-Encoding");
      assertThat(compressed.body().length).isLessThan(script.length() / 10);
      assertThat(new GZIPInputStream(new ByteArrayInputStream(compressed.body())).readAllBytes())
          .asString(StandardCharsets.UTF_8)
          .isEqualTo(script);
      assertThat(get(server, "files/app.js").body()).isEqualTo(script);
      assertThat(war.resolve("WEB-INF").resolve("web.xml.gz")).doesNotExist();
    }
  }

  @Test
  void traceIsRefused() throws Exception {
    try (LongspanServer server = start(NO_KEYS)) {
      HttpRequest trace =
          HttpRequest.newBuilder(URI.create(server.address()))
              .method("TRACE", HttpRequest.BodyPublishers.noBody())
              .build();
      assertThat(http.send(trace, BodyHandlers.ofString()).statusCode()).isEqualTo(405);
    }
  }

  @Test
  void aRequestIsAuthenticatedWhenTheApplicationAsks() throws Exception {
    try (LongspanServer server = start(NO_KEYS)) {
      HttpResponse<String> refused = get(server, "who?first=authenticate");
      assertThat(refused.statusCode()).isEqualTo(401);
      assertThat(refused.headers().firstValue("WWW-Authenticate"))
          .contains("Basic realm=\"Longspan\", charset=\"UTF-8\"");

      assertThat(get(server, "who?first=authenticate", "alice:wrong").statusCode()).isEqualTo(401);
      assertThat(get(server, "who?first=authenticate", "mallory:alice").statusCode())
          .isEqualTo(401);
      assertThat(get(server, "who?first=authenticate", "alice:alice").body())
          .isEqualTo("alice [editor, trader] true");
    }
  }

  @Test
  void credentialsAreReadWhereTheApplicationOnlyLooks() throws Exception {
    try (LongspanServer server = start(NO_KEYS)) {
      assertThat(get(server, "who", "bob:bob").body()).isEqualTo("bob [viewer] false");
      assertThat(get(server, "who").body()).isEqualTo("nobody from 127.0.0.1");
      assertThat(get(server, "who", "bob:wrong").body()).isEqualTo("nobody from 127.0.0.1");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Basic %%%", "Basic", "Basic YWxpY2U=", "Bearer x", "Basic OmFsaWNl"})
  void malformedCredentialsAreNone(String header) throws Exception {
    try (LongspanServer server = start(NO_KEYS)) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(server.address() + "who?first=authenticate"))
              .header("Authorization", header)
              .build();
      HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
      assertThat(response.statusCode()).isEqualTo(401);
      assertThat(response.headers().firstValue("WWW-Authenticate"))
          .contains("Basic realm=\"Longspan\", charset=\"UTF-8\"");
    }
  }

  @Test
  void usersComeFromTheFileWithEveryFormOfPasswordAndAnyLetter() throws Exception {
    Path users =
        Files.writeString(
            folder.resolve("users.properties"),
            """
            # one of each form
            jürgen: pässwörd, b, a , editor
            a\\ b: plain
            md5: %s
            obf: %s
            crypt: %s,viewer
            """
                .formatted(
                    Credential.MD5.digest("m"),
                    Password.obfuscate("o"),
                    Credential.Crypt.crypt("crypt", "c")));
    try (LongspanServer server = start(Map.of("users", users.toString()))) {
      assertThat(get(server, "who", "jürgen:pässwörd").body())
          .isEqualTo("jürgen [b, a, editor] true");
      assertThat(get(server, "who", "md5:m").body()).isEqualTo("md5 [] false");
      assertThat(get(server, "who", "obf:o").body()).isEqualTo("obf [] false");
      assertThat(get(server, "who", "crypt:c").body()).isEqualTo("crypt [viewer] false");
      assertThat(get(server, "who", "a b:plain").body()).isEqualTo("a b [] false");
      assertThat(get(server, "who", "alice:alice").body()).startsWith("nobody");
    }
  }

  /** That form ignores what follows the eighth character. */
  @Test
  void aPasswordThatIsLongerThanCryptReadsIsRefused() throws Exception {
    Path users =
        Files.writeString(
            folder.resolve("users.properties"),
            "eight: %s\nlong: %s\n"
                .formatted(
                    Credential.Crypt.crypt("eight", "12345678"),
                    Credential.Crypt.crypt("long", "123456789")));
    try (LongspanServer server = start(Map.of("users", users.toString()))) {
      assertThat(get(server, "who", "eight:12345678").body()).isEqualTo("eight [] false");
      assertThat(get(server, "who", "eight:123456789").body()).startsWith("nobody");
      assertThat(get(server, "who", "long:123456789").body()).startsWith("nobody");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'alice:', 'user \"alice\" has no password'",
    "'alice: ,editor', 'user \"alice\" has no password'",
    "'alice: OBF:hunter2', 'the password of user \"alice\" is malformed'",
    "'alice: \\u00', 'a malformed \\u escape'",
  })
  void aFileThatDoesNotListUsersStopsTheStart(String line, String reason) throws Exception {
    Path users = Files.writeString(folder.resolve("users.properties"), line);

    assertThatThrownBy(() -> start(Map.of("users", users.toString())))
        .isInstanceOf(ConfigException.class)
        .hasMessage(
            "users: %s; allowed: a file in UTF-8 with user: password,role,role; read from %s",
            reason, users);
  }

  @Test
  void aFileOfUsersThatIsNotUtf8StopsTheStart() throws Exception {
    Path users = Files.write(folder.resolve("users.properties"), new byte[] {'j', (byte) 0xfc});

    assertThatThrownBy(() -> start(Map.of("users", users.toString())))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("MalformedInputException");
  }

  @Test
  void theDemosUsersAreNotThoseOfAnotherBroker() {
    assertThatThrownBy(
            () -> start(Map.of("broker.provider", "activemq", "broker.url", "tcp://127.0.0.1:1")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("users: not set");
  }

  @Test
  void aSessionsCookieIsKeptFromScriptsAndOtherSites() throws Exception {
    try (LongspanServer server = start(NO_KEYS)) {
      HttpResponse<String> response = get(server, "who?first=login");

      assertThat(response.body()).isEqualTo("alice [editor, trader] true");
      assertThat(response.headers().firstValue("Set-Cookie").orElseThrow())
          .startsWith("JSESSIONID=")
          .contains("HttpOnly")
          .contains("SameSite=Strict");
    }
  }

  @Test
  void forwardedAddressesAreNotBelieved() throws Exception {
    try (LongspanServer server = start(NO_KEYS)) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(server.address() + "who"))
              .header("X-Forwarded-For", "10.9.8.7")
              .header("Forwarded", "for=10.9.8.7")
              .build();
      assertThat(http.send(request, BodyHandlers.ofString()).body())
          .isEqualTo("nobody from 127.0.0.1");
    }
  }

  @Test
  void aWebSocketEndpointOfTheApplicationWorks() throws Exception {
    try (LongspanServer server = start(NO_KEYS)) {
      CompletableFuture<String> answer = new CompletableFuture<>();
      WebSocket socket =
          http.newWebSocketBuilder()
              .buildAsync(
                  URI.create(server.address().replace("http:", "ws:") + "echo"),
                  new WebSocket.Listener() {
                    @Override
                    public CompletionStage<?> onText(
                        WebSocket from, CharSequence text, boolean last) {
                      answer.complete(text.toString());
                      return null;
                    }
                  })
              .get(120, TimeUnit.SECONDS);
      socket.sendText("hello", true);
      assertThat(answer.get(120, TimeUnit.SECONDS)).isEqualTo("hello");
      socket.abort();
    }
  }

  @Test
  void theDemoMeetsTheEmbeddedBrokerAndStopsBeforeIt() throws Exception {
    List<String> events = new ArrayList<>();
    DemoServicesFactory demo =
        broker -> {
          Connection connection = new ActiveMQConnectionFactory(broker.url()).createConnection();
          connection.start();
          events.add(echoed(connection));
          return () -> {
            events.add(echoed(connection));
            connection.close();
          };
        };

    LongspanServer.start(Configs.with(NO_KEYS), war, demo).close();

    assertThat(events).containsExactly("hello", "hello");
  }

  @Test
  void theDemoRunsOnAnotherBrokerOnlyWhenItIsAsked() throws Exception {
    List<String> started = new ArrayList<>();
    DemoServicesFactory demo =
        broker -> {
          started.add(broker.url());
          return () -> {};
        };
    Path users = Files.writeString(folder.resolve("users.properties"), "alice: alice\n");
    Map<String, String> other =
        Map.of(
            "broker.provider", "activemq",
            "broker.url", "tcp://127.0.0.1:1",
            "users", users.toString());

    LongspanServer.start(Configs.with(other), war, demo).close();
    assertThat(started).isEmpty();

    Map<String, String> asked = new HashMap<>(other);
    asked.put("demo", "true");
    LongspanServer.start(Configs.with(asked), war, demo).close();
    assertThat(started).containsExactly("tcp://127.0.0.1:1");
  }

  @Test
  void aHeldRequestIsAnsweredBeforeTheServerStops() throws Exception {
    CompletableFuture<HttpResponse<String>> held;
    try (LongspanServer server = start(NO_KEYS)) {
      held =
          http.sendAsync(
              HttpRequest.newBuilder(URI.create(server.address() + "held")).build(),
              BodyHandlers.ofString());
      await().until(() -> get(server, "held?count=").body().equals("1"));
    }
    assertThat(held.get(120, TimeUnit.SECONDS).body()).isEqualTo("draining");
  }

  @Test
  void aPortInUseIsToldInOneLine() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String port = Integer.toString(taken.getLocalPort());

      assertThatThrownBy(() -> start(Map.of("http.port", port)))
          .isInstanceOf(StartException.class)
          .hasMessage(
              "http.host \"127.0.0.1\", http.port \"%s\": cannot listen there: Address already in"
                  + " use",
              port);
    }
  }

  @Test
  void aHostThatIsNotOursIsToldInOneLine() {
    assertThatThrownBy(() -> start(Map.of("http.host", "192.0.2.1")))
        .isInstanceOf(StartException.class)
        .hasMessageStartingWith("http.host \"192.0.2.1\", http.port \"0\": cannot listen there: ");
    assertThatThrownBy(() -> start(Map.of("http.host", "no-such-host.invalid")))
        .isInstanceOf(StartException.class)
        .hasMessageStartingWith("http.host \"no-such-host.invalid\", http.port \"0\": cannot");
  }

  @Test
  void aConfigurationThatTheApplicationRefusesIsAConfigurationError() throws Exception {
    int port = freePort();

    assertThatThrownBy(
            () -> start(Map.of("bridge.id", "refused", "http.port", Integer.toString(port))))
        .isInstanceOf(ConfigException.class)
        .hasMessage("catalogue: refused by the application");

    new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1")).close(); // was given back
  }

  @Test
  void aPartThatCannotStartStopsTheOthers() throws Exception {
    int port = freePort();
    DemoServicesFactory broken =
        broker -> {
          throw new IOException("no demo");
        };

    assertThatThrownBy(
            () ->
                LongspanServer.start(
                    Configs.with(Map.of("http.port", Integer.toString(port))), war, broken))
        .isInstanceOf(StartException.class)
        .hasMessage("cannot start: java.io.IOException: no demo");

    new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1")).close();
  }

  @Test
  void closingTwiceIsClosingOnce() throws Exception {
    LongspanServer server = start(NO_KEYS);
    get(server, "");
    server.close();
    server.close();

    assertThatThrownBy(() -> get(server, "")).isInstanceOf(ConnectException.class);
  }

  private LongspanServer start(Map<String, String> keys) throws StartException {
    return LongspanServer.start(Configs.with(keys), war, NO_DEMO);
  }

  private HttpResponse<String> get(LongspanServer server, String path) throws Exception {
    URI uri = URI.create(server.address() + path);
    return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> get(LongspanServer server, String path, String credentials)
      throws Exception {
    String header =
        "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8));
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(server.address() + path))
            .header("Authorization", header)
            .build();
    return http.send(request, BodyHandlers.ofString(StandardCharsets.UTF_8));
  }

  private static String echoed(Connection connection) throws Exception {
    try (Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE)) {
      var replies = session.createTemporaryTopic();
      var consumer = session.createConsumer(replies);
      session.createProducer(replies).send(session.createTextMessage("hello"));
      return ((TextMessage) consumer.receive(10_000)).getText();
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return free.getLocalPort();
    }
  }
}
