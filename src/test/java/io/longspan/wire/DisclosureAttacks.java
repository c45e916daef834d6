package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.message;
import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.wire.RawHttp.Answer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What can be learnt from how the bridge refuses. */
interface DisclosureAttacks extends AttackTarget {
  String ALICE = CrossSiteAttacks.ALICE;
  String JSON_TYPE = CrossSiteAttacks.JSON_TYPE;

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void existingAndMissingDestinationsAreRejectedAlike(Transport transport) {
    try (TestService service =
            new TestService(broker().connectionFactory())
                .serve("secret/there", TestService::echo)
                .serve("outside/there", TestService::echo)
                .watch("prices.closed.THERE")
                .watch("outside/topic")
                .serve(
                    "services/authorization",
                    (session, request) ->
                        TestService.reply(
                            session, request, session.createTextMessage("{\"allowed\":false}")));
        RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      Set<Map<String, Object>> receipts = new LinkedHashSet<>();
      Set<Map<String, Object>> refusals = new LinkedHashSet<>();
      for (String destination :
          List.of(
              "secret/there",
              "secret/nowhere",
              "outside/there",
              "outside/nowhere",
              "inbox",
              "prices/closed/THERE",
              "prices/closed/NOWHERE",
              "bridge/push",
              "DLQ")) {
        Map<String, Object> receipt =
            alice.send(destination, Map.of("JMSCorrelationID", destination), "x");
        receipts.add(without(receipt, "id"));
        refusals.add(without(alice.awaitAnswer(destination), "seq", "properties"));
      }
      assertThat(receipts).hasSize(1);
      assertThat(refusals).hasSize(1);
      assertThat(receipts.iterator().next().get("error"))
          .isEqualTo("notAuthorized:the destination does not exist or you may not use it");
      for (String topic :
          List.of(
              "prices/closed/THERE",
              "prices/closed/NOWHERE",
              "outside/topic",
              "outside/nowhere",
              "secret/there",
              "services/echo",
              "namedgraphs/(denied)",
              "bridge/clients",
              "prices/*/THERE/x")) {
        assertThat(alice.subscribe(topic).get("topicErrors"))
            .as(topic)
            .isEqualTo(
                List.of("notAuthorized:the destination does not exist or you may not use it"));
      }
      assertThat(
              service.received().stream()
                  .filter(m -> !String.valueOf(m).contains("authorization"))
                  .toList())
          .isEmpty();
    }
  }

  private static Map<String, Object> without(Map<String, Object> map, String... fields) {
    Map<String, Object> rest = new java.util.TreeMap<>(map);
    List.of(fields).forEach(rest::remove);
    return rest;
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aSessionOfAnotherUserIsAnsweredLikeAnUnknownOne(Transport transport) {
    try (RawBayeuxClient alice = bridge().connected(transport, "alice");
        RawBayeuxClient mallory = bridge().client(transport, "bob")) {
      for (String channel :
          List.of("/meta/connect", "/meta/subscribe", "/meta/disconnect", "/anzo/bridge", "/x")) {
        List<Map<String, Object>> replies = new ArrayList<>();
        String never = "1" + alice.clientId().substring(1);
        for (String clientId : List.of(alice.clientId(), never, "x".repeat(1000), "")) {
          replies.add(
              without(
                  mallory.exchange(
                      message(
                          "channel",
                          channel,
                          "clientId",
                          clientId,
                          "connectionType",
                          mallory.connectionType(),
                          "subscription",
                          alice.userChannel())),
                  "id"));
        }
        assertThat(Set.copyOf(replies)).as(replies.toString()).hasSize(1);
        assertThat(replies.get(0).get("error")).asString().startsWith("402");
      }
    }
  }

  @Test
  default void aWrongPasswordIsRefusedLikeAnUnknownUser() {
    List<Answer> answers = new ArrayList<>();
    for (String user : List.of("alice", "nobody", "root", "", "\u0000", "a".repeat(5000))) {
      String wrong = "Authorization: " + RawBayeuxClient.basic(user, "wrong");
      answers.add(
          RawHttp.exchange(
              bridge(), "POST", "/cometd", CrossSiteAttacks.HANDSHAKE, wrong, JSON_TYPE));
    }
    assertThat(answers.get(0).status()).isEqualTo(401);
    assertThat(answers.stream().map(DisclosureAttacks::timeless).distinct()).hasSize(1);
    List<Answer> forms = new ArrayList<>();
    for (String user : List.of("bob", "nobody", "someone")) {
      byte[] form = ("user=" + user + "&password=wrong").getBytes(StandardCharsets.UTF_8);
      forms.add(
          RawHttp.exchange(
              bridge(), "POST", "/login", form, "Content-Type: application/x-www-form-urlencoded"));
    }
    assertThat(forms.get(0).status()).isEqualTo(401);
    assertThat(forms.stream().map(DisclosureAttacks::timeless).distinct()).hasSize(1);
  }

  private static String timeless(Answer answer) {
    return answer.head().replaceAll("(?m)^Date:.*$", "") + answer.body();
  }

  @Test
  default void anErrorPageContainsOnlyItsStatus() {
    TestBridge bridge = bridge();
    String long20k = "X-Long: " + "x".repeat(20_000);
    byte[] broken = "[{".getBytes(StandardCharsets.UTF_8);
    List<Answer> answers =
        List.of(
            RawHttp.exchange(bridge, "GET", "/none/of/this?<script>"),
            RawHttp.exchange(bridge, "GET", "/error"),
            RawHttp.exchange(bridge, "GET", "/health/other"),
            RawHttp.exchange(bridge, "GET", "/cometd"),
            RawHttp.exchange(bridge, "GET", "/cometd", ALICE),
            RawHttp.exchange(bridge, "PUT", "/login"),
            RawHttp.exchange(bridge, "DELETE", "/index.html"),
            RawHttp.exchange(bridge, "TRACE", "/"),
            RawHttp.exchange(bridge, "NONSENSE", "/"),
            RawHttp.exchange(bridge, "POST", "/metrics"),
            RawHttp.exchange(bridge, "GET", "/login", "Origin: https://evil.example"),
            RawHttp.exchange(bridge, "GET", "/none", "Host: evil.example"),
            RawHttp.exchange(bridge, "GET", "/%2e%2e/%2e%2e/etc/passwd"),
            RawHttp.exchange(bridge, "GET", "/%00"),
            RawHttp.exchange(bridge, "GET", "/%zz"),
            RawHttp.exchange(bridge, "GET", "nonsense"),
            RawHttp.exchange(bridge, "GET", "/", long20k),
            RawHttp.exchange(bridge, "GET", "/", "Content-Length: 7"),
            RawHttp.exchange(bridge, "GET", "/", "Transfer-Encoding: nonsense"),
            RawHttp.exchange(bridge, "GET", "/", "Bad Header: x"),
            RawHttp.exchange(bridge, "POST", "/cometd", broken, ALICE, JSON_TYPE),
            RawHttp.exchange(bridge, "POST", "/cometd", broken, ALICE),
            RawHttp.exchange(bridge, "POST", "/cometd", new byte[600_000], ALICE, JSON_TYPE));
    for (Answer answer : answers) {
      String page = answer.head() + answer.body();
      assertThat(answer.status()).as(page).isBetween(400, 501).isNotEqualTo(500);
      assertThat(answer.body()).isIn("Error " + answer.status() + "\n", "");
      assertThat(page)
          .doesNotContainIgnoringCase(
              "jetty", "tomcat", "java", "exception", "jackson", "cometd", "script>", "passwd");
      assertThat(answer.header("Server")).isEmpty();
      assertThat(answer.header("X-Powered-By")).isEmpty();
      if (!answer.body().isEmpty()) {
        assertThat(answer.header("Content-Security-Policy")).hasSize(1);
        assertThat(answer.header("X-Content-Type-Options")).containsExactly("nosniff");
      }
    }
  }

  @Test
  default void everyPageHasSecurityHeaders() {
    for (String path :
        List.of("/", "/index.html", "/health/live", "/health/ready", "/metrics", "/login")) {
      Answer page = RawHttp.exchange(bridge(), "GET", path);
      assertThat(page.status()).as(path).isEqualTo(200);
      assertThat(page.header("Content-Security-Policy").get(0))
          .startsWith("default-src 'none'; script-src 'self';")
          .contains("frame-ancestors 'none'", "base-uri 'none'")
          .doesNotContain("unsafe", "*");
      assertThat(page.header("X-Content-Type-Options")).containsExactly("nosniff");
      assertThat(page.header("X-Frame-Options")).containsExactly("DENY");
      assertThat(page.header("Referrer-Policy")).containsExactly("no-referrer");
      assertThat(page.header("Cross-Origin-Resource-Policy")).containsExactly("same-origin");
      assertThat(page.header("Server")).isEmpty();
    }
  }

  @Test
  default void theApplicationsClassFilesAreNotServed() {
    String launcher = "io/longspan/launcher/Launcher.class";
    for (String path :
        List.of(
            "/" + launcher,
            "//" + launcher,
            "/./" + launcher,
            "/x/../" + launcher,
            "/%2e/" + launcher,
            "/%2E%2e/" + launcher,
            "/x/%2e%2e/" + launcher,
            "/;x/" + launcher,
            "/io;x/longspan/launcher/Launcher.class",
            "/io;/longspan/launcher/Launcher.class;x=1",
            "/i%6f/longspan/launcher/Launcher.class",
            "/%69%6F/longspan/launcher/Launcher.class",
            "/io%2flongspan%2flauncher%2fLauncher.class",
            "/io%5clongspan%5claunch%5cLauncher.class",
            "/io\\longspan\\launcher\\Launcher.class",
            "/IO/longspan/launcher/Launcher.class",
            "/io/",
            "/io",
            "/META-INF/MANIFEST.MF",
            "/meta-inf/MANIFEST.MF",
            "//META-INF/MANIFEST.MF",
            "/META-INF;x/MANIFEST.MF",
            "/%4dETA-INF/MANIFEST.MF",
            "/WEB-INF/web.xml",
            "/web-inf/web.xml",
            "//WEB-INF/web.xml",
            "/./WEB-INF/web.xml",
            "/%2e/WEB-INF/web.xml",
            "/WEB-INF;x/web.xml",
            "/WEB-INF%2fweb.xml",
            "/%57EB-INF/web.xml",
            "/app/../WEB-INF/web.xml",
            "/app/..;/WEB-INF/web.xml",
            "/app/%252e%252e/WEB-INF/web.xml",
            "/WEB-INF/web.xml%00.html",
            "/app/")) {
      Answer answer = RawHttp.exchange(bridge(), "GET", path);
      assertThat(answer.status()).as(path).isBetween(400, 499);
      assertThat(answer.body()).as(path).isEqualTo("Error " + answer.status() + "\n");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void contentOfAMessageReachesNoHeaderAndForgesNoLogLine(Transport transport) {
    String forged = "\r\n2026-01-01T00:00:00.000Z INFO  Forged \u001b[31m${jndi:ldap://x}\u202e";
    try (RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      for (String field : List.of("id", "channel", "subscription", "clientId", "unknown")) {
        alice.start(message("channel", "/anzo/" + forged, field, forged));
      }
      alice.send(forged, Map.of("JMSCorrelationID", forged, "JMSType", forged), forged);
      alice.send("services/x", Map.of("JMSCorrelationID", forged, "JMSType", forged), forged);
      alice.publish(
          "/anzo/control",
          message(
              "correlationId",
              forged,
              "type",
              "topicSubscribe",
              "topics",
              List.of(forged, "chat/a"),
              "selector",
              forged));
      alice.publish("/anzo/control", message("correlationId", forged, "type", forged));
      assertThat(alice.subscribe("chat/after")).containsEntry("status", "success");
    }
    String spoof = "correlation-" + transport;
    Answer answer =
        RawHttp.exchange(
            bridge(),
            "POST",
            "/cometd",
            CrossSiteAttacks.CONNECT,
            ALICE,
            JSON_TYPE,
            "X-Correlation-Id: " + spoof,
            "X-Bridge-Id: " + spoof,
            "User-Agent: ${jndi:ldap://x}",
            "X-Forwarded-For: " + spoof);
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.head()).doesNotContain(spoof, "jndi");
    RawHttp.exchange(
        bridge(),
        "GET",
        "/login",
        "Authorization: Basic " + "%%%" + "\u001b[31m",
        "Cookie: \u0001");
    RawHttp.exchange(
        bridge(), "GET", "/login", "Authorization: " + RawBayeuxClient.basic(forged, forged));
  }
}
