package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What of signing in, of the operators' endpoints and of error pages depends on the container. The
 * container is set up as {@code docs/operations.md} says.
 */
public interface DeployedWireContract extends CoreWireContract {
  String FORM = "Content-Type: application/x-www-form-urlencoded";
  Pattern SESSION_COOKIE =
      Pattern.compile("(?m)^Set-Cookie: ((LONGSPANSESSION=[^;\\s]+)[^\\r\\n]*)");

  /** Products, versions, packages and frames. */
  Pattern TELLTALE =
      Pattern.compile(
          "(?i)tomcat|jetty|catalina|exception|\\bat [a-z]+\\.|org\\.|java|longspan\\.|longspan/"
              + "|(?<![\\d.])\\d+\\.\\d+\\.\\d+(?![\\d.])|powered|caused by");

  private String login(String from, String form, String... headers) {
    List<String> lines = new ArrayList<>(List.of(headers));
    if (lines.stream().noneMatch(line -> line.startsWith("Content-Type"))) {
      lines.add(FORM);
    }
    return RawHttp.exchange(base().resolve("login"), from, lines, form);
  }

  private String signIn(String user, String... headers) {
    return login("127.0.0.1", "user=" + user + "&password=" + user, headers);
  }

  private static String cookie(String answer, int group) {
    Matcher matcher = SESSION_COOKIE.matcher(answer);
    assertThat(matcher.find()).as(answer).isTrue();
    return matcher.group(group);
  }

  private static String cookie(String answer) {
    return cookie(answer, 2);
  }

  private String whoIs(String cookie) {
    return RawHttp.get(base().resolve("login"), "127.0.0.1", "Cookie: " + cookie);
  }

  private String admin(String... headers) {
    return RawHttp.get(base().resolve("admin/bridge"), "127.0.0.1", headers);
  }

  private static String basic(String user) {
    return "Authorization: " + RawBayeuxClient.basic(user, user);
  }

  private static void isPlainError(int status, String answer) {
    assertThat(answer)
        .startsWith("HTTP/1.1 " + status)
        .endsWith("\r\n\r\nError " + status + "\n")
        .doesNotContainPattern(TELLTALE);
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void signingOutEndsASilentListener(Transport transport) throws Exception {
    String cookie = cookie(signIn("alice"));
    try (TestService service = new TestService(broker()).watch("bridge/clients");
        RawBayeuxClient page =
            transport.client(base().resolve("cometd"), null, null).withCookie(cookie).connected();
        RawBayeuxClient other =
            transport.client(base().resolve("cometd"), "alice", "alice").connected()) {
      assertThat(
              RawHttp.exchange(
                  base().resolve("logout"), "127.0.0.1", List.of("Cookie: " + cookie), ""))
          .startsWith("HTTP/1.1 204");
      assertThat(page.awaitData(d -> "sessionEnded".equals(d.get("type"))))
          .containsEntry("reason", "loggedOut");
      service.awaitText(page.clientId(), "\"loggedOut\"");
      Map<String, Object> hello = message("destination", "chat/a", "body", "x");
      if (transport == Transport.WEBSOCKET) {
        assertThat(page.publish("/anzo/bridge", hello).get("error")).asString().startsWith("402");
      } else {
        assertThatThrownBy(() -> page.publish("/anzo/bridge", hello))
            .hasStackTraceContaining("401");
      }
      assertThat(whoIs(cookie)).endsWith("{}");
      assertThat(other.publish("/anzo/bridge", hello)).containsEntry("successful", true);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void theSameUsersSignInKeepsItsSessions(Transport transport) {
    String cookie = cookie(signIn("alice"));
    try (RawBayeuxClient page =
        transport.client(base().resolve("cometd"), null, null).withCookie(cookie).connected()) {
      // A poll with the old cookie would be refused meanwhile.
      page.endPolling();
      String renewed = cookie(signIn("alice", "Cookie: " + cookie));
      assertThat(renewed).isNotEqualTo(cookie);
      assertThat(whoIs(cookie)).endsWith("{}");
      page.withCookie(renewed);
      assertThat(page.send("chat/a", Map.of(), "x")).containsEntry("successful", true);
    }
  }

  @Test
  default void aSessionIdFromTheClientIsReplacedAtSignIn() {
    String planted = cookie(signIn("bob"));
    String own = cookie(signIn("alice", "Cookie: " + planted));
    assertThat(own).isNotEqualTo(planted);
    assertThat(whoIs(planted)).endsWith("{}");
    assertThat(whoIs(own)).contains("\"user\":\"alice\"");
    String made = "LONGSPANSESSION=0123456789ABCDEF0123456789ABCDEF";
    assertThat(cookie(signIn("alice", "Cookie: " + made))).isNotEqualTo(made);
  }

  @Test
  default void theCookieIsHiddenFromScriptsAndOtherSites() {
    assertThat(cookie(signIn("alice"), 1))
        .contains("HttpOnly", "SameSite=Strict")
        .doesNotContain("Secure");
    assertThat(cookie(signIn("alice"), 1)).containsPattern("; Path=/longspan(;|$)");
    // A container that was told of no proxy believes nobody.
    assertThat(cookie(signIn("alice", "X-Forwarded-Proto: https"), 1)).doesNotContain("Secure");
  }

  /** Of a name that the realm does not know: some realms lock a name out for everybody. */
  @Test
  default void guessedPasswordsAreSlowedDown() {
    String last = "";
    for (int i = 0; i < 30; i++) {
      last = login("127.0.0.2", "user=nobody&password=guess" + i);
    }
    isPlainError(429, last);
    assertThat(last).containsPattern("Retry-After: \\d+");
    assertThat(
            RawHttp.exchange(
                base().resolve("cometd"),
                "127.0.0.2",
                List.of(basic("nobody")),
                "[{\"channel\":\"/meta/handshake\"}]"))
        .startsWith("HTTP/1.1 429");
    assertThat(login("127.0.0.2", "user=bob&password=bob")).startsWith("HTTP/1.1 204");
  }

  @Test
  default void strangersAndUsersAreNoOperators() {
    isPlainError(401, admin());
    isPlainError(401, admin("Authorization: " + RawBayeuxClient.basic("nobody", "guess")));
    assertThat(admin(basic("alice"))).startsWith("HTTP/1.1 403").doesNotContain("brokerConnected");
    assertThat(admin("Cookie: " + cookie(signIn("alice")))).startsWith("HTTP/1.1 403");
    assertThat(admin(basic("root"))).startsWith("HTTP/1.1 200").contains(bridgeId());
    assertThat(admin("Cookie: " + cookie(signIn("root")))).startsWith("HTTP/1.1 200");
  }

  @Test
  default void aPageOfTheApplicationTellsNothingOfWhatFailed() {
    String from = "127.0.0.1";
    URI cometd = base().resolve("cometd");
    isPlainError(404, RawHttp.get(base().resolve("nowhere"), from));
    isPlainError(404, RawHttp.get(base().resolve("WEB-INF/web.xml"), from));
    isPlainError(403, RawHttp.get(base().resolve("io/longspan/launcher/Launcher.class"), from));
    isPlainError(401, RawHttp.exchange(cometd, from, List.of(), "[]"));
    isPlainError(400, RawHttp.exchange(cometd, from, List.of(basic("alice")), "[{"));
    isPlainError(405, RawHttp.get(cometd, from, basic("alice")));
    isPlainError(
        413,
        RawHttp.exchange(
            cometd, from, List.of(basic("alice")), "[\"" + "x".repeat(1024 * 1024) + "\"]"));
    String form = "user=alice&password=alice";
    isPlainError(415, login(from, form, "Content-Type: text/plain"));
    isPlainError(401, login(from, "user=nobody&password=wrong"));
    List<String> foreign = List.of(FORM, basic("alice"), "Origin: https://evil.example.org");
    for (String path : List.of("login", "logout", "admin/bridge")) {
      isPlainError(403, RawHttp.exchange(base().resolve(path), from, foreign, form));
    }
    assertThat(RawHttp.exchange(cometd, from, foreign, form))
        .as("names what the client's own page sent")
        .startsWith("HTTP/1.1 403")
        .endsWith(
            "originRefused: https://evil.example.org is not an origin that this bridge allows\n");
  }

  /** Here the container answers by itself. */
  @Test
  default void aRequestThatNeverReachesTheApplicationIsToldNoVersion() {
    for (String target :
        List.of("/nowhere", "/%zz", "/longspan/%zz", "/longspan/%00", "/longspan/a|b\\c", "x")) {
      try (RawHttp http = RawHttp.to(base())) {
        RawHttp.Answer answer = http.request("GET", target, new byte[0]).answer();
        assertThat(answer.status()).as(target).isIn(400, 404);
        assertThat(answer.head() + answer.body())
            .as(target)
            .doesNotContainPattern("(?<![\\d.])\\d+\\.\\d+\\.\\d+(?![\\d.])")
            .doesNotContainPattern("(?i)exception|\\bat org\\.|\\bat java|caused by");
      }
    }
  }
}
