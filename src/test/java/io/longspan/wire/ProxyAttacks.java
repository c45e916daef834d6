package io.longspan.wire;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/** Somebody says, as a proxy would, that a request comes from elsewhere. */
interface ProxyAttacks extends AttackTarget {
  String PROXY = "127.0.0.2";
  String STRANGER = "127.0.0.3";
  String FRIEND = "203.0.113.7";

  /** A bridge that trusts one proxy, and shows its metrics to one address behind it. */
  private TestBridge proxied(String... more) {
    List<String> settings = new ArrayList<>(List.of(more));
    settings.addAll(
        List.of(
            "http.trustedProxies",
            PROXY + ", 10.1.2.3/8",
            "security.metricsFrom",
            FRIEND,
            "http.host",
            "0.0.0.0"));
    return bridgeWith(settings.toArray(String[]::new));
  }

  private static int metrics(TestBridge bridge, String from, byte[] first, String... headers) {
    try (RawHttp http = RawHttp.to(bridge, from)) {
      http.write(first);
      return http.request("GET", "/metrics", new byte[0], headers).answer().status();
    }
  }

  private static int metrics(TestBridge bridge, String from, String... headers) {
    return metrics(bridge, from, new byte[0], headers);
  }

  @Test
  default void onlyATrustedProxySetsTheAddressOfARequest() {
    try (TestBridge own = proxied()) {
      for (String header :
          List.of(
              "X-Forwarded-For: " + FRIEND,
              "X-Forwarded-For: 198.51.100.1, " + FRIEND,
              "X-Forwarded-For: " + FRIEND + ", 10.9.9.9, " + PROXY,
              "X-Forwarded-For: " + FRIEND + ":4711",
              "Forwarded: for=" + FRIEND,
              "Forwarded: For=\"" + FRIEND + ":80\";proto=http;by=10.0.0.1",
              "Forwarded: for=198.51.100.1, for=" + FRIEND + ", for=10.9.9.9")) {
        assertThat(metrics(own, PROXY, header)).as(header).isEqualTo(200);
        assertThat(metrics(own, STRANGER, header)).as(header).isEqualTo(401);
      }
      for (String header :
          List.of(
              "X-Forwarded-For: " + FRIEND + ", 198.51.100.1",
              "X-Forwarded-For: " + FRIEND + ", 198.51.100.1, 10.9.9.9",
              "X-Forwarded-For: " + FRIEND + ", unknown",
              "X-Forwarded-For: " + FRIEND + ", _hidden, 10.9.9.9",
              "X-Forwarded-For: 203.0.113.7x",
              "Forwarded: for=" + FRIEND + ", for=198.51.100.1",
              "Forwarded: for=" + FRIEND + ", for=_hidden",
              "Forwarded: for=" + FRIEND + ", proto=https",
              "X-Real-IP: " + FRIEND,
              "X-Forwarded-Host: " + FRIEND)) {
        assertThat(metrics(own, PROXY, header)).as(header).isEqualTo(401);
      }
      assertThat(metrics(own, PROXY, "X-Forwarded-For: " + FRIEND, "X-Forwarded-For: 198.51.100.1"))
          .isEqualTo(401);
    }
  }

  /** A proxy that writes one kind of header may let its client's own of the other kind pass. */
  @Test
  default void headersThatContradictEachOtherAreRefused() {
    try (TestBridge own = proxied()) {
      String[] both = {"X-Forwarded-For: 198.51.100.1", "Forwarded: for=" + FRIEND};
      assertThat(metrics(own, PROXY, both)).isEqualTo(400);
      assertThat(metrics(own, STRANGER, both)).isEqualTo(401);
      assertThat(metrics(own, PROXY, "X-Forwarded-For: " + FRIEND, "Forwarded: for=" + FRIEND))
          .isEqualTo(200);
      for (String malformed :
          List.of("Forwarded: nonsense", "X-Forwarded-Host: a b", "Forwarded: host=\"a:b:c\"")) {
        assertThat(metrics(own, PROXY, malformed)).as(malformed).isEqualTo(400);
      }
    }
  }

  @Test
  default void theProxyProtocolIsAcceptedFromTrustedProxiesOnly() {
    try (TestBridge own = proxied()) {
      for (byte[] first : List.of(version1(FRIEND), version2(FRIEND))) {
        assertThat(metrics(own, PROXY, first)).isEqualTo(200);
        assertThat(metrics(own, STRANGER, first)).isEqualTo(400);
      }
      for (byte[] first : List.of(version1("198.51.100.1"), version2("198.51.100.1"))) {
        assertThat(metrics(own, PROXY, first)).isEqualTo(401);
        // The headers are the client's own, and the client is no proxy.
        assertThat(metrics(own, PROXY, first, "X-Forwarded-For: " + FRIEND)).isEqualTo(401);
      }
      assertThat(metrics(own, PROXY, version1("10.9.9.9"), "X-Forwarded-For: " + FRIEND))
          .isEqualTo(200);
    }
    assertThat(metrics(bridge(), "127.0.0.1", version1("127.0.0.1"))).isEqualTo(400);
  }

  private static byte[] version1(String client) {
    return ("PROXY TCP4 " + client + " 127.0.0.1 4711 8080\r\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] version2(String client) {
    ByteArrayOutputStream header = new ByteArrayOutputStream();
    header.writeBytes(new byte[] {13, 10, 13, 10, 0, 13, 10, 'Q', 'U', 'I', 'T', 10});
    header.writeBytes(new byte[] {0x21, 0x11, 0, 12});
    for (String part : (client + ".127.0.0.1").split("\\.")) {
      header.write(Integer.parseInt(part));
    }
    header.writeBytes(ByteBuffer.allocate(4).putShort((short) 4711).putShort((short) 80).array());
    return header.toByteArray();
  }

  @Test
  default void theCookieIsSecureIfATrustedProxyReportsTls() throws Exception {
    try (TestBridge own = proxied()) {
      for (String header :
          List.of(
              "X-Forwarded-Proto: https",
              "X-Forwarded-Proto: http, https",
              "Forwarded: for=1.2.3.4;proto=https")) {
        assertThat(cookie(own, PROXY, header)).as(header).contains("; Secure");
        assertThat(cookie(own, STRANGER, header)).as(header).doesNotContain("Secure");
      }
      for (String header : List.of("X-Forwarded-Proto: https, http", "X-Forwarded-Proto: x")) {
        assertThat(cookie(own, PROXY, header)).as(header).doesNotContain("Secure");
      }
    }
  }

  private static String cookie(TestBridge bridge, String from, String header) throws Exception {
    Matcher cookie =
        SignInAttacks.COOKIE.matcher(
            SignInAttacks.login(bridge, from, "user=alice&password=alice", header));
    assertThat(cookie.find()).isTrue();
    return cookie.group(1);
  }

  private static RawHttp.Answer begin(
      Transport transport, TestBridge bridge, String from, String... headers) {
    List<String> lines = new ArrayList<>(List.of(headers));
    lines.add(CrossSiteAttacks.ALICE);
    try (RawHttp http = RawHttp.to(bridge, from)) {
      if (transport == Transport.WEBSOCKET) {
        return http.upgrade(lines.toArray(String[]::new));
      }
      lines.add(CrossSiteAttacks.JSON_TYPE);
      return http.request(
              "POST", "/cometd", CrossSiteAttacks.HANDSHAKE, lines.toArray(String[]::new))
          .answer();
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void theOwnOriginBehindATrustedProxyIsTheForwardedHost(Transport transport) {
    try (TestBridge own = proxied()) {
      String page = "Origin: https://bus.example.org";
      String tls = "X-Forwarded-Proto: wss";
      CrossSiteAttacks.assertServed(
          transport, begin(transport, own, PROXY, "Host: bus.example.org", page, tls));
      CrossSiteAttacks.assertServed(
          transport, begin(transport, own, PROXY, "Host: bus.example.org", page + ":8443", tls));
      CrossSiteAttacks.assertServed(
          transport, begin(transport, own, PROXY, "X-Forwarded-Host: bus.example.org", page, tls));
      CrossSiteAttacks.assertServed(
          transport,
          begin(
              transport,
              own,
              PROXY,
              "X-Forwarded-Host: bus.example.org:8443",
              page + ":8443",
              tls));
      CrossSiteAttacks.assertServed(
          transport,
          begin(transport, own, PROXY, "Forwarded: host=bus.example.org;proto=https", page));
      for (String[] refused :
          new String[][] {
            {"Host: bus.example.org:8443", page, tls},
            {"Host: bus.example.org:8443", page + ":8444", tls},
            {"Host: other.example.org", page, tls},
            {"Host: bus.example.org", "Origin: http://bus.example.org", tls},
            {"Host: bus.example.org", page, "X-Forwarded-Proto: ws"},
            {"Host: bus.example.org", "X-Forwarded-Host: evil.example.org", page, tls}
          }) {
        assertThat(begin(transport, own, PROXY, refused).status())
            .as(String.join(" ", refused))
            .isEqualTo(403);
      }
      // From anybody else the port counts, and the headers do not.
      assertThat(
              begin(transport, own, STRANGER, "Host: bus.example.org", page + ":8443", tls)
                  .status())
          .isEqualTo(403);
      assertThat(
              begin(transport, own, STRANGER, "X-Forwarded-Host: bus.example.org", page, tls)
                  .status())
          .isEqualTo(403);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aRejectedOriginIsLoggedWithTheOwnOrigin(Transport transport) {
    List<String> lines = new CopyOnWriteArrayList<>();
    Logger logger = (Logger) LoggerFactory.getLogger("io.longspan.web.OriginFilter");
    AppenderBase<ILoggingEvent> appender =
        new AppenderBase<>() {
          @Override
          protected void append(ILoggingEvent event) {
            lines.add(event.getFormattedMessage());
          }
        };
    appender.setContext(logger.getLoggerContext());
    appender.start();
    logger.addAppender(appender);
    try (TestBridge own = proxied()) {
      begin(
          transport,
          own,
          PROXY,
          "X-Forwarded-For: 198.51.100.9",
          "X-Forwarded-Host: bus.example.org",
          "X-Forwarded-Proto: https",
          "Origin: https://evil.example.org:99");
      assertThat(lines)
          .anyMatch(
              line ->
                  line.contains("origin=https://evil.example.org:99")
                      && line.contains("own=https://bus.example.org")
                      && line.contains("address=198.51.100.9"));
    } finally {
      logger.detachAppender(appender);
    }
  }

  @Test
  default void eachClientBehindATrustedProxyIsThrottledSeparately() throws Exception {
    try (TestBridge own = proxied()) {
      String last = "";
      for (int i = 0; i < 400 && !last.startsWith("HTTP/1.1 429"); i++) {
        last = guess(own, PROXY, "user" + i, "X-Forwarded-For: 198.51.100.1");
      }
      assertThat(last).startsWith("HTTP/1.1 429");
      assertThat(guess(own, PROXY, "alice", "X-Forwarded-For: 198.51.100.2"))
          .startsWith("HTTP/1.1 401");
      // Whoever is no proxy cannot pretend to be many.
      for (int i = 0; i < 400 && !last.isEmpty(); i++) {
        String answer = guess(own, STRANGER, "name" + i, "X-Forwarded-For: 198.51.100." + i % 250);
        last = answer.startsWith("HTTP/1.1 429") ? "" : answer;
      }
      assertThat(last).isEmpty();
    }
  }

  private static String guess(TestBridge bridge, String from, String user, String header)
      throws Exception {
    return SignInAttacks.login(bridge, from, "user=" + user + "&password=guess", header);
  }

  @Test
  default void eachClientBehindATrustedProxyHasItsOwnConnectionLimit() {
    try (TestBridge own = proxied("limits.connectionsPerAddress", "3")) {
      List<RawHttp> open = new ArrayList<>();
      try {
        for (int i = 0; i < 3; i++) {
          open.add(upgraded(own, 101, "X-Forwarded-For: 198.51.100.1"));
          open.add(upgraded(own, 101, "X-Forwarded-For: 198.51.100.2"));
        }
        upgraded(own, 429, "X-Forwarded-For: 198.51.100.1").close();
        assertThat(metrics(own, PROXY, "X-Forwarded-For: 198.51.100.2")).isEqualTo(429);
        assertThat(metrics(own, PROXY, "X-Forwarded-For: " + FRIEND)).isEqualTo(200);
        open.get(0).close();
        Awaitility.await().until(() -> metrics(own, PROXY, "X-Forwarded-For: 198.51.100.1") == 401);
        // One request after the other counts once.
        for (int i = 0; i < 10; i++) {
          assertThat(metrics(own, PROXY, "X-Forwarded-For: 198.51.100.1")).isIn(401, 429);
        }
      } finally {
        open.forEach(RawHttp::close);
      }
      for (int i = 0; i < 3; i++) {
        open.add(RawHttp.to(own, PROXY).write(version1("198.51.100.3")));
      }
      try (RawHttp fourth = RawHttp.to(own, PROXY)) {
        Awaitility.await().until(() -> own.status("health/live") == 200);
        fourth.write(version1("198.51.100.3"));
        fourth.awaitEnd();
      }
      open.forEach(RawHttp::close);
    }
  }

  private static RawHttp upgraded(TestBridge bridge, int status, String header) {
    RawHttp http = RawHttp.to(bridge, PROXY);
    assertThat(http.upgrade(CrossSiteAttacks.ALICE, header).status()).isEqualTo(status);
    return http;
  }

  /** Where the proxy is on the same machine, a page of that machine can write what it writes. */
  @Test
  default void aForeignHostNameIsRejectedWhateverIsForwarded() {
    try (TestBridge own =
        bridgeWith(
            "http.trustedProxies", "127.0.0.1",
            "security.allowedOrigins", "https://bus.example.org")) {
      for (String[] refused :
          new String[][] {
            {"Host: rebound.evil.example", "X-Forwarded-Host: localhost"},
            {"Host: rebound.evil.example", "Forwarded: host=bus.example.org"},
            {"Host: localhost", "X-Forwarded-Host: rebound.evil.example"}
          }) {
        assertThat(RawHttp.exchange(own, "GET", "/health/live", refused).status())
            .as(String.join(" ", refused))
            .isEqualTo(421);
      }
      assertThat(
              RawHttp.exchange(own, "GET", "/health/live", "X-Forwarded-Host: bus.example.org")
                  .status())
          .isEqualTo(200);
    }
  }
}
