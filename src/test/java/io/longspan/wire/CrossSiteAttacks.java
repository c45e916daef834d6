package io.longspan.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.wire.RawHttp.Answer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a page of another site makes its visitor's browser send. */
interface CrossSiteAttacks extends AttackTarget {
  String ALICE = "Authorization: " + RawBayeuxClient.basic("alice", "alice");
  String JSON_TYPE = "Content-Type: application/json;charset=UTF-8";

  byte[] HANDSHAKE =
      ("[{\"channel\":\"/meta/handshake\",\"version\":\"1.0\","
              + "\"supportedConnectionTypes\":[\"long-polling\"]}]")
          .getBytes(StandardCharsets.UTF_8);

  byte[] CONNECT =
      "[{\"channel\":\"/meta/connect\",\"clientId\":\"x\",\"connectionType\":\"long-polling\"}]"
          .getBytes(StandardCharsets.UTF_8);

  /** Begins a session as a browser would, with alice's credentials. */
  static Answer begin(Transport transport, TestBridge bridge, String... headerLines) {
    List<String> lines = new ArrayList<>(List.of(headerLines));
    lines.add(ALICE);
    if (transport == Transport.WEBSOCKET) {
      try (RawHttp http = RawHttp.to(bridge)) {
        return http.upgrade(lines.toArray(String[]::new));
      }
    }
    lines.add(JSON_TYPE);
    return RawHttp.exchange(bridge, "POST", "/cometd", HANDSHAKE, lines.toArray(String[]::new));
  }

  /** Returns the header with which a page of a bridge comes. */
  private static String ownOrigin(TestBridge bridge) {
    URI base = bridge.uri("");
    return "Origin: " + base.getScheme() + "://" + base.getAuthority();
  }

  static void assertServed(Transport transport, Answer answer) {
    assertThat(answer.status()).isEqualTo(transport == Transport.WEBSOCKET ? 101 : 200);
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aPageOfAnotherOriginCannotBeginASession(Transport transport) {
    String own = bridge().uri("").getAuthority();
    int port = bridge().uri("").getPort();
    for (String origin :
        List.of(
            "https://evil.example",
            "null",
            "",
            "*",
            "file://",
            "http://" + own + ".evil.example",
            "http://evil" + own,
            "http://evil.example/" + own,
            "http://" + own + "@evil.example",
            "http://evil.example@" + own,
            "http://" + own + "/",
            "http://" + own + "#",
            "http://" + own + "\\evil.example",
            "http://127.0.0.1.:" + port,
            "http://localhost:" + port,
            "http://127.0.0.1",
            "http://127.0.0.1:" + (port + 1),
            "http://127.0.0.1:0" + port + "0",
            "HTTP://" + own,
            "ws://" + own,
            "//" + own,
            own,
            "http://" + own + ", https://evil.example",
            "http://" + own + " https://evil.example")) {
      assertThat(begin(transport, bridge(), "Origin: " + origin).status())
          .as(origin)
          .isEqualTo(403);
    }
    assertThat(
            begin(transport, bridge(), ownOrigin(bridge()), "Origin: https://evil.example")
                .status())
        .isEqualTo(403);
    assertServed(transport, begin(transport, bridge(), ownOrigin(bridge())));
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void secFetchSiteIsCheckedEvenWithoutAnOrigin(Transport transport) {
    for (String site : List.of("cross-site", "same-site", "something-new")) {
      assertThat(begin(transport, bridge(), "Sec-Fetch-Site: " + site).status())
          .as(site)
          .isEqualTo(403);
    }
    String own = ownOrigin(bridge());
    assertThat(begin(transport, bridge(), own, "Sec-Fetch-Site: cross-site").status())
        .isEqualTo(403);
    assertServed(transport, begin(transport, bridge(), own, "Sec-Fetch-Site: same-origin"));
    assertServed(transport, begin(transport, bridge(), "Sec-Fetch-Site: none"));
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aPageWithoutTlsIsOfAnotherOriginThanABridgeWithTls(Transport transport) {
    try (TestBridge proxied = bridgeWith("http.trustedProxies", "127.0.0.1")) {
      String own = proxied.uri("").getAuthority();
      for (String forwarded : List.of("X-Forwarded-Proto: https", "X-Forwarded-Proto: wss")) {
        assertThat(begin(transport, proxied, forwarded, "Origin: http://" + own).status())
            .isEqualTo(403);
        assertServed(transport, begin(transport, proxied, forwarded, "Origin: https://" + own));
      }
      for (String forwarded : List.of("X-Forwarded-Proto: http", "X-Forwarded-Proto: ws")) {
        assertThat(begin(transport, proxied, forwarded, "Origin: https://" + own).status())
            .isEqualTo(403);
        assertServed(transport, begin(transport, proxied, forwarded, "Origin: http://" + own));
      }
    }
    // A proxy that ends TLS may say nothing of it.
    String own = "Origin: https://" + bridge().uri("").getAuthority();
    assertServed(transport, begin(transport, bridge(), own));
    assertServed(
        transport, begin(transport, bridge(), "Host: 127.0.0.1", "Origin: https://127.0.0.1:443"));
    assertThat(
            begin(transport, bridge(), "Host: 127.0.0.1:80", "Origin: https://127.0.0.1").status())
        .isEqualTo(403);
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void anAllowedOriginMustMatchExactly(Transport transport) {
    try (TestBridge open =
        bridgeWith("security.allowedOrigins", "https://app.example.org, https://b.example:8443")) {
      Answer allowed =
          begin(transport, open, "Origin: https://app.example.org", "Sec-Fetch-Site: cross-site");
      assertServed(transport, allowed);
      assertThat(allowed.header("Access-Control-Allow-Origin"))
          .containsExactly("https://app.example.org");
      assertThat(String.join(",", allowed.header("Vary"))).contains("Origin");
      for (String origin :
          List.of(
              "http://app.example.org",
              "https://app.example.org.",
              "https://app.example.org:8443",
              "https://app.example.org.evil.example",
              "https://evil-app.example.org",
              "https://x.app.example.org",
              "https://b.example",
              "null")) {
        Answer refused = begin(transport, open, "Origin: " + origin);
        assertThat(refused.status()).as(origin).isEqualTo(403);
        assertThat(refused.head()).doesNotContain("Access-Control");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aRejectionNamesTheOriginWithoutMarkup(Transport transport) {
    for (String origin : List.of("https://evil.example", "https://evil.example:8443", "null")) {
      Answer refused = begin(transport, bridge(), "Origin: " + origin);
      assertThat(refused.status()).isEqualTo(403);
      assertThat(refused.body())
          .isEqualTo("originRefused: %s is not an origin that this bridge allows\n", origin);
      assertThat(refused.header("Content-Type").get(0)).startsWith("text/plain");
      assertThat(refused.header("X-Bridge-Id")).hasSize(1);
    }
    Answer markup = begin(transport, bridge(), "Origin: <script>\"x" + "y".repeat(1000));
    assertThat(markup.body()).startsWith("originRefused: ~3Cscript~3E~22xyyy").hasSizeLessThan(400);
    assertThat(begin(transport, bridge(), "Sec-Fetch-Site: cross-site").body())
        .startsWith("originRefused: another one than its own is not");
  }

  @Test
  default void everyPollIsCheckedAndNotOnlyTheHandshake() {
    assertThat(
            RawHttp.exchange(bridge(), "POST", "/cometd", CONNECT, ALICE, JSON_TYPE, "Origin: null")
                .status())
        .isEqualTo(403);
    assertThat(
            RawHttp.exchange(
                    bridge(),
                    "POST",
                    "/cometd/connect",
                    CONNECT,
                    ALICE,
                    JSON_TYPE,
                    "Origin: https://evil.example")
                .status())
        .isEqualTo(403);
    assertThat(RawHttp.exchange(bridge(), "POST", "/cometd", CONNECT, ALICE, JSON_TYPE).body())
        .contains("402");
  }

  @Test
  default void aPreflightOfAnotherOriginIsNotAllowed() {
    try (TestBridge open = bridgeWith("security.allowedOrigins", "https://app.example.org")) {
      String ask = "Access-Control-Request-Method: POST";
      for (String path : List.of("/cometd", "/login", "/logout")) {
        Answer refused =
            RawHttp.exchange(open, "OPTIONS", path, ask, "Origin: https://evil.example");
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.head()).doesNotContain("Access-Control");
        Answer allowed =
            RawHttp.exchange(open, "OPTIONS", path, ask, "Origin: https://app.example.org");
        assertThat(allowed.status()).isEqualTo(204);
        assertThat(allowed.header("Access-Control-Allow-Origin"))
            .containsExactly("https://app.example.org");
        assertThat(allowed.head()).doesNotContain(": *");
      }
    }
  }

  @Test
  default void onlyBodiesWithAJsonContentTypeAreRead() {
    for (String type :
        List.of(
            "text/plain",
            "text/plain;charset=UTF-8",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/jsonp",
            "application/json-seq",
            "text/json",
            "application/json;charset=UTF-16",
            "application/json;charset=ISO-8859-1",
            "application/json;charset=nonsense",
            "application/json, text/plain",
            "text/plain; application/json")) {
      assertThat(
              RawHttp.exchange(
                      bridge(), "POST", "/cometd", HANDSHAKE, ALICE, "Content-Type: " + type)
                  .status())
          .as(type)
          .isEqualTo(415);
    }
    assertThat(RawHttp.exchange(bridge(), "POST", "/cometd", HANDSHAKE, ALICE).status())
        .isEqualTo(415);
    // Before it is parsed: else it would be 400.
    assertThat(
            RawHttp.exchange(
                    bridge(),
                    "POST",
                    "/cometd",
                    new byte[] {'x'},
                    ALICE,
                    "Content-Type: text/plain")
                .status())
        .isEqualTo(415);
    for (String type :
        List.of(
            "application/json",
            "application/json;charset=utf-8",
            "Application/JSON; charset=\"UTF-8\"")) {
      assertThat(
              RawHttp.exchange(
                      bridge(), "POST", "/cometd", HANDSHAKE, ALICE, "Content-Type: " + type)
                  .status())
          .as(type)
          .isEqualTo(200);
    }
  }

  @Test
  default void thereIsNoCallbackPolling() {
    for (String target :
        List.of("/cometd?jsonp=alert&message=[]", "/cometd/?jsonp=x", "/cometd/handshake")) {
      for (String method : List.of("GET", "HEAD", "PUT", "DELETE", "PATCH")) {
        assertThat(RawHttp.exchange(bridge(), method, target, ALICE).status())
            .as(method + " " + target)
            .isEqualTo(405);
      }
    }
    Answer jsonp =
        RawHttp.exchange(bridge(), "POST", "/cometd?jsonp=alert", HANDSHAKE, ALICE, JSON_TYPE);
    assertThat(jsonp.body()).startsWith("[");
    assertThat(jsonp.header("Content-Type").get(0)).startsWith("application/json");
  }

  @Test
  default void aForeignHostNameThatResolvesToLoopbackIsRejected() {
    int port = bridge().uri("").getPort();
    for (String host :
        List.of(
            "rebound.evil.example:" + port,
            "rebound.evil.example",
            "localhost.evil.example:" + port,
            "127.0.0.1.evil.example:" + port)) {
      for (String path : List.of("/", "/cometd", "/login", "/metrics", "/health/live", "/none")) {
        Answer refused = RawHttp.exchange(bridge(), "GET", path, "Host: " + host);
        assertThat(refused.status()).as(host + path).isEqualTo(421);
        assertThat(refused.body()).isEqualTo("Error 421\n");
      }
      assertThat(
              begin(
                      Transport.LONG_POLLING,
                      bridge(),
                      "Host: " + host,
                      "Origin: http://" + host,
                      "Sec-Fetch-Site: same-origin")
                  .status())
          .isEqualTo(421);
    }
    for (String host :
        List.of("localhost:" + port, "LOCALHOST", "a.localhost:1", "127.0.0.1", "[::1]:" + port)) {
      assertThat(RawHttp.exchange(bridge(), "GET", "/health/live", "Host: " + host).status())
          .as(host)
          .isEqualTo(200);
    }
    try (TestBridge proxied = bridgeWith("security.allowedOrigins", "https://bus.example.org")) {
      assertThat(RawHttp.exchange(proxied, "GET", "/health/live", "Host: bus.example.org").status())
          .isEqualTo(200);
    }
  }
}
