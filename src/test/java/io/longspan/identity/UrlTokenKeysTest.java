package io.longspan.identity;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.RSAKey;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.longspan.wire.TokenIssuer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An issuer whose keys change, that is slow, dead, or somebody else. */
@Timeout(120)
final class UrlTokenKeysTest {
  private static final RSAKey FIRST = TokenIssuer.RSA;
  private static final RSAKey SECOND = TokenIssuer.rsa("rsa-2");
  private static final long FOREVER = Duration.ofDays(1).toNanos();

  private final AtomicLong now = new AtomicLong(Duration.ofDays(1).toNanos());
  private final CountDownLatch end = new CountDownLatch(1);
  private final AtomicInteger requests = new AtomicInteger();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private volatile HttpHandler handler = serving(TokenIssuer.jwks(FIRST));
  private HttpServer server;
  private UrlTokenKeys keys;

  @BeforeEach
  void start() throws IOException {
    server = serve(exchange -> handler.handle(exchange), requests);
  }

  private HttpServer serve(HttpHandler served, AtomicInteger count) throws IOException {
    HttpServer http =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.setExecutor(threads);
    http.createContext(
        "/jwks",
        exchange -> {
          count.incrementAndGet();
          try (exchange) {
            served.handle(exchange);
          }
        });
    http.start();
    return http;
  }

  @AfterEach
  void stop() {
    end.countDown();
    if (keys != null) {
      keys.close();
    }
    threads.shutdownNow();
    server.stop(0);
  }

  private static URI url(HttpServer server) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/jwks");
  }

  private static HttpHandler serving(String text) {
    return exchange -> {
      byte[] body = text.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    };
  }

  /** Begins an answer, and never ends it. */
  private void hang(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(200, 0);
    exchange.getResponseBody().write('{');
    exchange.getResponseBody().flush();
    dripUntilTheEnd(exchange.getResponseBody());
  }

  /** As slowly as no time-out of a single read notices. */
  private void dripUntilTheEnd(OutputStream out) throws IOException {
    try {
      while (!end.await(100, java.util.concurrent.TimeUnit.MILLISECONDS)) {
        out.write(' ');
        out.flush();
      }
    } catch (InterruptedException x) {
      Thread.currentThread().interrupt();
    }
  }

  private UrlTokenKeys keys(long patience) {
    keys = new UrlTokenKeys(url(server), now::get, patience);
    return keys;
  }

  private List<JWK> find(String kid) {
    return keys.matching(new JWKMatcher.Builder().keyID(kid).build());
  }

  private void pass(Duration time) {
    now.addAndGet(time.toNanos());
  }

  private void awaitFetches(int count) {
    Awaitility.await().until(() -> requests.get() >= count);
  }

  @Test
  void aRequestWaitsForTheFirstFetch() {
    keys(FOREVER);
    assertThat(find("rsa-1")).hasSize(1);
    assertThat(requests).hasValue(1);
  }

  /** Whoever waited has seen the end of a fetch that it began: the counts are exact. */
  @Test
  void anUnknownKeyIsFetchedOnceInTenSeconds() {
    keys(FOREVER);
    assertThat(find("rsa-1")).hasSize(1);
    handler = serving(TokenIssuer.jwks(SECOND));
    for (int i = 0; i < 50; i++) {
      assertThat(find("made-up-" + i)).isEmpty();
    }
    assertThat(find("rsa-2")).isEmpty();
    assertThat(requests).hasValue(1);
    pass(Duration.ofSeconds(11));
    assertThat(find("rsa-1")).as("a known key asks nobody").hasSize(1);
    assertThat(requests).hasValue(1);
    assertThat(find("rsa-2")).hasSize(1);
    assertThat(find("rsa-1")).as("taken away").isEmpty();
    for (int i = 0; i < 50; i++) {
      find("made-up-" + i);
    }
    assertThat(requests).hasValue(2);
  }

  @Test
  void theKeysAreFetchedAgainAfterFiveMinutes() {
    keys(FOREVER);
    find("rsa-1");
    handler = serving(TokenIssuer.jwks(FIRST, SECOND));
    pass(Duration.ofMinutes(4));
    keys.refresh();
    pass(Duration.ofSeconds(61));
    keys.refresh();
    awaitFetches(2);
    Awaitility.await().until(() -> !find("rsa-2").isEmpty());
    assertThat(requests).hasValue(2);
  }

  @Test
  void whatIsTooLargeOrNoKeySetOrAnErrorChangesNothing() {
    keys(FOREVER);
    assertThat(find("rsa-1")).hasSize(1);
    String padding = " ".repeat(TokenKeys.MAX_BYTES);
    List<HttpHandler> bad =
        List.of(
            serving(TokenIssuer.jwks(SECOND) + padding),
            serving("<html>"),
            serving("{\"keys\":[]}"),
            serving(""),
            exchange -> exchange.sendResponseHeaders(500, -1));
    for (HttpHandler answer : bad) {
      handler = answer;
      pass(Duration.ofSeconds(11));
      int before = requests.get();
      assertThat(find("rsa-2")).isEmpty();
      assertThat(requests.get()).isEqualTo(before + 1);
      assertThat(find("rsa-1")).hasSize(1);
    }
    // After a failure it is tried again sooner than in five minutes.
    handler = serving(TokenIssuer.jwks(SECOND));
    int before = requests.get();
    pass(Duration.ofSeconds(11));
    keys.refresh();
    awaitFetches(before + 1);
    Awaitility.await().until(() -> !find("rsa-2").isEmpty());
  }

  @Test
  void withoutAnAnswerTheKeysAreBelievedForAnHour() {
    keys(FOREVER);
    find("rsa-1");
    handler = exchange -> exchange.sendResponseHeaders(503, -1);
    pass(Duration.ofMinutes(59));
    keys.refresh();
    assertThat(find("rsa-1")).hasSize(1);
    pass(Duration.ofMinutes(2));
    keys.refresh();
    assertThat(find("rsa-1")).isEmpty();
  }

  @Test
  void aRedirectIsNotFollowed() throws IOException {
    AtomicInteger elsewhere = new AtomicInteger();
    HttpServer other = serve(serving(TokenIssuer.jwks(SECOND)), elsewhere);
    handler =
        exchange -> {
          exchange.getResponseHeaders().add("Location", url(other).toString());
          exchange.sendResponseHeaders(302, -1);
        };
    keys(FOREVER);
    assertThat(find("rsa-2")).isEmpty();
    assertThat(requests).hasValue(1);
    assertThat(elsewhere).hasValue(0);
    other.stop(0);
  }

  @Test
  void aDeadIssuerIsWaitedForNoLongerThanStated() {
    handler = this::hang;
    UrlTokenKeys impatient = new UrlTokenKeys(url(server), now::get, 1);
    try {
      // The fetch does not end; who waits for it does.
      assertThat(impatient.matching(new JWKMatcher.Builder().keyID("rsa-1").build())).isEmpty();
    } finally {
      impatient.close();
    }
  }

  @Test
  void fewWaitForASlowIssuerAndKnownKeysForNobody() {
    keys(FOREVER);
    find("rsa-1");
    handler = this::hang;
    pass(Duration.ofSeconds(11));
    List<Thread> waiting = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      Thread thread = new Thread(() -> find("made-up"));
      thread.setDaemon(true);
      thread.start();
      waiting.add(thread);
    }
    Awaitility.await()
        .until(() -> waiting.stream().allMatch(t -> t.getState() == Thread.State.TIMED_WAITING));
    for (int i = 0; i < 20; i++) {
      assertThat(find("made-up-" + i)).isEmpty();
      assertThat(find("rsa-1")).hasSize(1);
      keys.refresh();
    }
    assertThat(requests).hasValue(2);
    assertThat(waiting).allMatch(Thread::isAlive);
    waiting.forEach(Thread::interrupt);
  }

  @Test
  void aFetchThatDripsEndsAtItsDeadline() {
    keys(FOREVER);
    find("rsa-1");
    handler = this::hang;
    pass(Duration.ofSeconds(11));
    keys.refresh();
    awaitFetchOf("made-up", 2);
    handler = serving(TokenIssuer.jwks(SECOND));
    // Its own thread sees the deadline pass; then the next fetch may begin.
    pass(Duration.ofSeconds(11));
    Awaitility.await()
        .until(
            () -> {
              keys.refresh();
              pass(Duration.ofSeconds(11));
              return !select("rsa-2").isEmpty();
            });
  }

  @Test
  void aHeadThatDripsEndsAtItsDeadline() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      AtomicInteger accepted = new AtomicInteger();
      threads.execute(
          () -> {
            while (!socket.isClosed()) {
              try (Socket one = socket.accept()) {
                accepted.incrementAndGet();
                one.getOutputStream().write("HTTP/1.1 200 OK\r\nX-Slow: ".getBytes("US-ASCII"));
                dripUntilTheEnd(one.getOutputStream());
              } catch (IOException closed) {
                // The next one.
              }
            }
          });
      keys =
          new UrlTokenKeys(
              URI.create("http://127.0.0.1:" + socket.getLocalPort() + "/jwks"), now::get, FOREVER);
      Awaitility.await().until(() -> accepted.get() == 1);
      Awaitility.await()
          .until(
              () -> {
                pass(Duration.ofSeconds(11));
                keys.refresh();
                return accepted.get() > 1;
              });
    }
  }

  /** Begins a fetch by an unknown key without waiting for its end. */
  private void awaitFetchOf(String kid, int count) {
    Thread asks = new Thread(() -> find(kid));
    asks.setDaemon(true);
    asks.start();
    awaitFetches(count);
    Awaitility.await().until(() -> asks.getState() == Thread.State.TIMED_WAITING);
  }

  /** What is known, without asking the issuer: a known key never waits. */
  private List<JWK> select(String kid) {
    Thread.currentThread().interrupt(); // whoever would wait goes on at once
    try {
      return find(kid);
    } finally {
      Thread.interrupted();
    }
  }
}
