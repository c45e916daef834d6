package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Guessed passwords, planted and stale HTTP sessions, and forms of other sites. */
interface SignInAttacks extends AttackTarget {
  Pattern COOKIE = Pattern.compile("(?m)^Set-Cookie: ((LONGSPANSESSION=[^;\\s]+)[^\\r\\n]*)");
  String FORM = "Content-Type: application/x-www-form-urlencoded";

  static String login(TestBridge bridge, String from, String form, String... headers)
      throws IOException {
    List<String> lines = new ArrayList<>(List.of(headers));
    if (lines.stream().noneMatch(line -> line.startsWith("Content-Type"))) {
      lines.add(FORM);
    }
    return RawHttp.exchange(bridge.uri("login"), from, lines, form);
  }

  static String signIn(TestBridge bridge, String user, String... headers) throws IOException {
    return login(bridge, "127.0.0.1", "user=" + user + "&password=" + user, headers);
  }

  static String cookie(String answer) {
    Matcher matcher = COOKIE.matcher(answer);
    assertThat(matcher.find()).as(answer).isTrue();
    return matcher.group(2);
  }

  static void logout(TestBridge bridge, String cookie) throws IOException {
    assertThat(
            RawHttp.exchange(bridge.uri("logout"), "127.0.0.1", List.of("Cookie: " + cookie), ""))
        .startsWith("HTTP/1.1 204");
  }

  static String basic(TestBridge bridge, String from, String user, String password)
      throws IOException {
    return RawHttp.exchange(
        bridge.cometd(),
        from,
        List.of("Authorization: " + RawBayeuxClient.basic(user, password)),
        "[{\"channel\":\"/meta/handshake\",\"version\":\"1.0\",\"supportedConnectionTypes\":[\"long-polling\"]}]");
  }

  static RawBayeuxClient page(TestBridge bridge, Transport transport, String cookie) {
    return transport.client(bridge.cometd(), null, null).withCookie(cookie);
  }

  static Map<String, Object> hello(RawBayeuxClient client) {
    return client.publish("/anzo/bridge", message("destination", "chat/a", "body", "x"));
  }

  @Test
  default void guessedPasswordsAreSlowedDownAndNobodyElseIs() throws Exception {
    try (TestBridge bridge = bridgeWith()) {
      List<String> answers = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        answers.add(login(bridge, "127.0.0.2", "user=alice&password=guess" + i));
      }
      assertThat(answers.get(0)).startsWith("HTTP/1.1 401");
      String last = answers.get(29);
      assertThat(last).startsWith("HTTP/1.1 429").containsPattern("Retry-After: \\d+");
      assertThat(bridge.metric("longspan_passwords_throttled_total")).isPositive();
      // The guesses count for Basic as well, on every path that asks who it is.
      assertThat(basic(bridge, "127.0.0.2", "alice", "alice")).startsWith("HTTP/1.1 429");
      // The right password from elsewhere, and other users from there, are not locked out.
      assertThat(basic(bridge, "127.0.0.3", "alice", "alice")).startsWith("HTTP/1.1 200");
      assertThat(basic(bridge, "127.0.0.2", "bob", "bob")).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  default void guessesByBasicOnEveryPathAreSlowedDown() throws Exception {
    try (TestBridge bridge = bridgeWith("security.metricsFrom", "192.0.2.1")) {
      for (int i = 0; i < 30; i++) {
        basic(bridge, "127.0.0.2", "root", "guess" + i);
      }
      assertThat(basic(bridge, "127.0.0.2", "root", "root")).startsWith("HTTP/1.1 429");
      assertThat(
              RawHttp.get(
                  bridge.uri("metrics"),
                  "127.0.0.2",
                  "Authorization: " + RawBayeuxClient.basic("root", "root")))
          .startsWith("HTTP/1.1 429");
      assertThat(login(bridge, "127.0.0.2", "user=root&password=root")).startsWith("HTTP/1.1 429");
    }
  }

  @Test
  default void oneAddressCannotTryManyNames() throws Exception {
    try (TestBridge bridge = bridgeWith()) {
      String last = "";
      for (int i = 0; i < 400 && !last.startsWith("HTTP/1.1 429"); i++) {
        last = login(bridge, "127.0.0.2", "user=user" + i + "&password=alice");
      }
      assertThat(last).startsWith("HTTP/1.1 429");
    }
  }

  @Test
  default void aSessionIdFromTheClientIsReplacedAtSignIn() throws Exception {
    String mallory = cookie(signIn(bridge(), "bob"));
    String answer = signIn(bridge(), "alice", "Cookie: " + mallory);
    assertThat(answer).startsWith("HTTP/1.1 204");
    assertThat(cookie(answer)).isNotEqualTo(mallory);
    assertThat(RawHttp.get(bridge().uri("login"), "127.0.0.1", "Cookie: " + mallory))
        .endsWith("{}");
    // A second sign-in of the same user makes the first id worthless too.
    String again = cookie(signIn(bridge(), "alice", "Cookie: " + cookie(answer)));
    assertThat(again).isNotEqualTo(cookie(answer));
    assertThat(RawHttp.get(bridge().uri("login"), "127.0.0.1", "Cookie: " + cookie(answer)))
        .endsWith("{}");
    String made = "LONGSPANSESSION=node0planted0000000000000000.node0";
    assertThat(cookie(signIn(bridge(), "alice", "Cookie: " + made))).isNotEqualTo(made);
  }

  @Test
  default void theCookieIsHiddenFromScriptsAndOtherSites() throws Exception {
    Matcher plain = COOKIE.matcher(signIn(bridge(), "alice"));
    assertThat(plain.find()).isTrue();
    assertThat(plain.group(1)).contains("HttpOnly", "SameSite=Strict").doesNotContain("Secure");
    // Whoever can reach the bridge could write these.
    for (String header :
        List.of("X-Forwarded-Proto: https", "Forwarded: for=1.2.3.4;proto=https")) {
      Matcher forwarded = COOKIE.matcher(signIn(bridge(), "alice", header));
      assertThat(forwarded.find()).isTrue();
      assertThat(forwarded.group(1)).doesNotContain("Secure");
    }
  }

  @Test
  default void theCookieIsSentToTheApplicationOnly() throws Exception {
    assertThat(attributes(signIn(bridge(), "alice"))).containsOnlyOnce("; Path=/");
    try (TestBridge own = bridgeWith("http.contextPath", "/the/bridge")) {
      assertThat(attributes(signIn(own, "alice")))
          .containsOnlyOnce("Path=")
          .containsPattern("; Path=/the/bridge(;|$)");
    }
  }

  private static String attributes(String answer) {
    Matcher matcher = COOKIE.matcher(answer);
    assertThat(matcher.find()).as(answer).isTrue();
    return matcher.group(1);
  }

  @Test
  default void onlyAFormOfTheOwnOriginSignsIn() throws Exception {
    String fields = "user=alice&password=alice";
    for (String type :
        List.of(
            "text/plain",
            "application/json",
            "multipart/form-data",
            "application/x-www-form-urlencoded;charset=foo",
            "application/x-www-form-urlencoded;charset=ISO-8859-1",
            "application/x-www-form-urlencoded;charset=",
            "application/x-www-form-urlencoded2")) {
      assertThat(login(bridge(), "127.0.0.1", fields, "Content-Type: " + type))
          .startsWith("HTTP/1.1 415");
    }
    for (String path : List.of("login", "logout")) {
      for (String origin : List.of("https://evil.example.org", "null")) {
        assertThat(
                RawHttp.exchange(
                    bridge().uri(path), "127.0.0.1", List.of(FORM, "Origin: " + origin), fields))
            .startsWith("HTTP/1.1 403");
      }
    }
  }

  @Test
  default void aFormIsReadStrictly() throws Exception {
    assertThat(login(bridge(), "127.0.0.1", "password=zo%C3%AB&user=zo%C3%AB+~x"))
        .startsWith("HTTP/1.1 204");
    for (String form :
        List.of(
            "user=alice",
            "user=&password=alice",
            "user=alice&password=alice&user=bob",
            "user=alice&user=alice&password=alice",
            "user=alice&password=alice%",
            "user=alice&password=alic%2",
            "user=alice&password=alic%6\uff15",
            "user=alic%E5&password=alice",
            "user=%C0%E1lice&password=alice")) {
      assertThat(login(bridge(), "127.0.0.7", form)).as(form).startsWith("HTTP/1.1 401");
    }
    assertThat(
            RawHttp.exchange(
                bridge(),
                "POST",
                "/login?user=alice&password=alice",
                Map.of("Content-Type", "application/x-www-form-urlencoded"),
                "user=alice&password=alice"))
        .extracting(RawHttp.Answer::status)
        .isEqualTo(401);
  }

  @Test
  default void aFormMustHaveAContentLengthAndBeShort() {
    try (RawHttp http = RawHttp.to(bridge())) {
      http.write(
          ("POST /login HTTP/1.1\r\nHost: localhost\r\n"
                  + FORM
                  + "\r\nTransfer-Encoding: chunked\r\n"
                  + "\r\n19\r\nuser=alice&password=alice\r\n0\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII));
      assertThat(http.answer().status()).isEqualTo(411);
    }
    try (RawHttp http = RawHttp.to(bridge())) {
      // Refused before it is there.
      http.write(head(8193));
      assertThat(http.answer().status()).isEqualTo(413);
    }
  }

  private static byte[] head(int length) {
    return ("POST /login HTTP/1.1\r\nHost: localhost\r\n"
            + FORM
            + "\r\nContent-Length: "
            + length
            + "\r\n\r\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  /** A byte now and then keeps every idle time-out from passing. */
  @Test
  default void aFormThatIsSentTooSlowlyIsAborted() throws Exception {
    try (TestBridge own = bridgeWith()) {
      List<RawHttp> slow = new ArrayList<>();
      try {
        for (int i = 0; i < 250; i++) {
          slow.add(RawHttp.to(own).write(head(8000)));
        }
        // More than there are threads: and yet others sign in, long before the deadline.
        for (int i = 0; i < 5; i++) {
          assertThat(signIn(own, "alice")).startsWith("HTTP/1.1 204");
          assertThat(own.status("health/ready")).isEqualTo(200);
        }
        assertThat(own.metric("longspan_budget_bytes{purpose=\"inbound\"}")).isPositive();
        RawHttp last = slow.get(slow.size() - 1);
        Awaitility.await()
            .pollInterval(Duration.ofMillis(500))
            .until(
                () -> {
                  if (last.hasInput()) {
                    return true;
                  }
                  last.write(new byte[] {'x'});
                  return false;
                });
        assertThat(last.answer().status()).isEqualTo(408);
        for (RawHttp http : slow.subList(0, slow.size() - 1)) {
          http.awaitEnd();
        }
        Awaitility.await()
            .until(() -> own.metric("longspan_budget_bytes{purpose=\"inbound\"}") == 0);
      } finally {
        slow.forEach(RawHttp::close);
      }
    }
  }

  /** By every way in that is refused: nothing is kept for a stranger. */
  @Test
  default void noStrangerEverGetsAnHttpSession() throws Exception {
    try (TestBridge own = bridgeWith()) {
      List<String> answers =
          List.of(
              login(own, "127.0.0.8", "user=alice&password=wrong"),
              login(own, "127.0.0.8", "nonsense"),
              basic(own, "127.0.0.8", "alice", "wrong"),
              basic(own, "127.0.0.8", "alice", "alice"),
              RawHttp.get(own.uri("login"), "127.0.0.8"),
              RawHttp.get(own.uri("login"), "127.0.0.8", "Cookie: LONGSPANSESSION=x"),
              RawHttp.get(own.uri("admin/bridge"), "127.0.0.8"),
              RawHttp.exchange(own.uri("logout"), "127.0.0.8", List.of(), ""));
      assertThat(answers).noneMatch(answer -> answer.contains("LONGSPANSESSION"));
      assertThat(own.metric("longspan_budget_bytes{purpose=\"sign_ins\"}")).isZero();
      signIn(own, "alice");
      assertThat(own.metric("longspan_budget_bytes{purpose=\"sign_ins\"}")).isPositive();
    }
  }

  /** As behind a proxy that nobody told the bridge about: everybody has its address. */
  @ParameterizedTest
  @EnumSource(Transport.class)
  default void guessesFromASharedAddressDelayNobodyWhosePasswordWasRight(Transport transport)
      throws Exception {
    try (TestBridge own = bridgeWith();
        RawBayeuxClient bob = own.connected(transport, "bob")) {
      assertThat(signIn(own, "alice")).startsWith("HTTP/1.1 204");
      String last = "";
      for (int i = 0; i < 400 && !last.startsWith("HTTP/1.1 429"); i++) {
        last = login(own, "127.0.0.1", "user=user" + i + "&password=guess");
      }
      assertThat(last).startsWith("HTTP/1.1 429");
      for (int i = 0; i < 20; i++) {
        login(own, "127.0.0.1", "user=bob&password=guess" + i);
      }
      // An existing session by Basic, whose name was guessed at as well, and a right password.
      for (int i = 0; i < 5; i++) {
        assertThat(hello(bob)).containsEntry("successful", true);
        assertThat(basic(own, "127.0.0.1", "bob", "bob")).startsWith("HTTP/1.1 200");
        assertThat(signIn(own, "alice")).startsWith("HTTP/1.1 204");
      }
      assertThat(login(own, "127.0.0.1", "user=bob&password=another")).startsWith("HTTP/1.1 429");
      assertThat(basic(own, "127.0.0.1", "root", "root")).startsWith("HTTP/1.1 429");
    }
  }

  @Test
  default void aRejectedSignInEndsNoSession() throws Exception {
    String cookie = cookie(signIn(bridge(), "alice"));
    try (RawBayeuxClient alice = page(bridge(), Transport.WEBSOCKET, cookie).connected()) {
      assertThat(login(bridge(), "127.0.0.1", "user=alice&password=wrong", "Cookie: " + cookie))
          .startsWith("HTTP/1.1 401");
      assertThat(hello(alice)).containsEntry("successful", true);
      assertThat(RawHttp.get(bridge().uri("login"), "127.0.0.1", "Cookie: " + cookie))
          .contains("alice");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void signingOutEndsSilentListeners(Transport transport) throws Exception {
    String cookie = cookie(signIn(bridge(), "alice"));
    try (TestService service =
            new TestService(broker().connectionFactory()).watch("bridge/clients");
        RawBayeuxClient alice = page(bridge(), transport, cookie).connected();
        RawBayeuxClient another = bridge().connected(transport, "alice")) {
      TestHooks.awaitHeldPoll(alice);
      logout(bridge(), cookie);
      SessionEndings.awaitEnd(alice, "loggedOut");
      service.awaitText(alice.clientId(), "\"loggedOut\"");
      if (transport == Transport.WEBSOCKET) {
        assertThat(hello(alice).get("error")).asString().startsWith("402");
        // The connection is as dead as the sign-in that it came with.
        assertThat(alice.tryHandshake()).containsEntry("successful", false);
      } else {
        assertThatThrownBy(() -> hello(alice)).hasStackTraceContaining("401");
      }
      assertThat(hello(another)).containsEntry("successful", true);
    }
  }

  /** No request follows for which Jetty would see the time-out; it looks every ten minutes only. */
  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aSilentListenerEndsWithItsHttpSession(Transport transport) throws Exception {
    try (TestBridge bridge =
            TestBridge.start(new java.util.HashMap<>(broker().settings()), true, "5");
        TestService service =
            new TestService(broker().connectionFactory()).watch("bridge/clients");
        RawBayeuxClient alice =
            page(bridge, transport, cookie(signIn(bridge, "alice"))).connected();
        RawBayeuxClient another = bridge.connected(transport, "alice")) {
      TestHooks.awaitHeldPoll(alice);
      assertThat(alice.awaitData(d -> "sessionEnded".equals(d.get("type"))))
          .containsEntry("reason", "credentialEnded");
      service.awaitText(alice.clientId(), "\"credentialEnded\"");
      assertThat(hello(another)).containsEntry("successful", true);
    }
  }

  /** The poll would be held for longer than this test waits. */
  @Test
  default void aHeldPollIsAnsweredAtOnceWhateverEndsTheSession() throws Exception {
    Map<String, String> settings = new java.util.HashMap<>(broker().settings());
    settings.put("session.timeout", "5m");
    String[] tokens = TokenIssuer.settings();
    for (int i = 0; i < tokens.length; i += 2) {
      settings.put(tokens[i], tokens[i + 1]);
    }
    try (TestBridge bridge = TestBridge.start(settings, true, "8")) {
      String cookie = cookie(signIn(bridge, "alice"));
      try (RawBayeuxClient alice = page(bridge, Transport.LONG_POLLING, cookie).connected()) {
        TestHooks.awaitHeldPoll(alice);
        logout(bridge, cookie);
        hearsOf(alice, "loggedOut");
      }
      try (RawBayeuxClient alice =
          page(bridge, Transport.LONG_POLLING, cookie(signIn(bridge, "alice"))).connected()) {
        TestHooks.awaitHeldPoll(alice);
        hearsOf(alice, "credentialEnded");
      }
      String token = TokenIssuer.tokenFor(java.time.Duration.ofSeconds(8), "alice");
      try (RawBayeuxClient alice =
          Transport.LONG_POLLING
              .client(bridge.cometd(), null, null)
              .withAuthorization("Bearer " + token)
              .connected()) {
        TestHooks.awaitHeldPoll(alice);
        hearsOf(alice, "tokenExpired");
      }
    }
    settings.put("session.idleTimeout", "8s");
    try (TestBridge bridge = TestBridge.start(settings);
        RawBayeuxClient alice = bridge.connected(Transport.LONG_POLLING, "alice")) {
      TestHooks.awaitHeldPoll(alice);
      hearsOf(alice, "idle");
    }
  }

  private static void hearsOf(RawBayeuxClient client, String reason) {
    assertThat(client.awaitData(d -> "sessionEnded".equals(d.get("type"))))
        .containsEntry("reason", reason);
  }

  /** Who uses an HTTP session keeps it, and what rests on it. */
  @Test
  default void requestsKeepAnHttpSession() throws Exception {
    try (TestBridge bridge =
        TestBridge.start(new java.util.HashMap<>(broker().settings()), true, "5")) {
      String used = cookie(signIn(bridge, "alice"));
      String unused = cookie(signIn(bridge, "alice"));
      try (RawBayeuxClient alice = page(bridge, Transport.WEBSOCKET, used).connected();
          RawBayeuxClient silent = page(bridge, Transport.WEBSOCKET, unused).connected()) {
        Awaitility.await()
            .pollInterval(java.time.Duration.ofMillis(200))
            .until(
                () -> {
                  RawHttp.get(bridge.uri("login"), "127.0.0.1", "Cookie: " + used);
                  return silent.data().stream().anyMatch(d -> "sessionEnded".equals(d.get("type")));
                });
        assertThat(hello(alice)).containsEntry("successful", true);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aSessionEndsWithEverySignInThatWasUsedForIt(Transport transport) throws Exception {
    String cookie = cookie(signIn(bridge(), "alice"));
    try (RawBayeuxClient alice = bridge().connected(transport, "alice");
        RawBayeuxClient page = page(bridge(), Transport.LONG_POLLING, cookie)) {
      page.useClientId(alice.clientId());
      assertThat(hello(page)).containsEntry("successful", true);
      logout(bridge(), cookie);
      SessionEndings.awaitEnd(alice, "loggedOut");
      // With credentials that are still good its user hears why, and may come back.
      Map<String, Object> later = hello(alice);
      assertThat(later).containsEntry("error", "402::loggedOut");
      assertThat(String.valueOf(later.get("advice"))).contains("reconnect=handshake");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aSignInOfAnotherUserEndsTheFormerUsersSessions(Transport transport)
      throws Exception {
    String cookie = cookie(signIn(bridge(), "alice"));
    try (RawBayeuxClient alice = page(bridge(), transport, cookie).connected()) {
      TestHooks.awaitHeldPoll(alice);
      cookie(signIn(bridge(), "bob", "Cookie: " + cookie));
      SessionEndings.awaitEnd(alice, "loggedOut");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void theSameUsersSignInKeepsItsSessions(Transport transport) throws Exception {
    String cookie = cookie(signIn(bridge(), "alice"));
    try (RawBayeuxClient alice = page(bridge(), transport, cookie).connected()) {
      // A poll with the old cookie would be refused meanwhile.
      alice.endPolling();
      String renewed = cookie(signIn(bridge(), "alice", "Cookie: " + cookie));
      alice.withCookie(renewed);
      alice.startPolling();
      assertThat(hello(alice)).containsEntry("successful", true);
      logout(bridge(), renewed);
      SessionEndings.awaitEnd(alice, "loggedOut");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void anIdleSessionEndsEvenIfItPolls(Transport transport) {
    try (TestBridge bridge = bridgeWith("session.idleTimeout", "3s", "session.timeout", "500ms");
        TestService service =
            new TestService(broker().connectionFactory()).watch("bridge/clients");
        RawBayeuxClient talker = bridge.connected(transport, "bob");
        RawBayeuxClient listener = bridge.connected(transport, "bob");
        RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      listener.subscribe("chat/busy");
      Awaitility.await()
          .pollInterval(java.time.Duration.ofMillis(500))
          .until(
              () -> {
                talker.send("chat/busy", Map.of(), "still here");
                return alice.pollRefused()
                    || alice.data().stream().anyMatch(d -> "sessionEnded".equals(d.get("type")));
              });
      SessionEndings.awaitEnd(alice, "idle");
      service.awaitText(alice.clientId(), "\"idle\"");
      assertThat(hello(alice))
          .containsEntry("error", "402::idle")
          .extracting(reply -> String.valueOf(reply.get("advice")))
          .asString()
          .contains("reconnect=none");
      // Who sends, and who is sent something, is not idle.
      for (RawBayeuxClient busy : List.of(talker, listener)) {
        assertThat(Collections.unmodifiableList(busy.data()))
            .noneMatch(d -> "sessionEnded".equals(d.get("type")));
      }
    }
  }
}
