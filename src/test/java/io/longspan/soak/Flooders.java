package io.longspan.soak;

import io.longspan.wire.RawHttp;
import io.longspan.wire.TokenIssuer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Users who make the bridge, the broker or the authorisation service work much for them. */
final class Flooders {
  private static final AtomicInteger NUMBERS = new AtomicInteger();
  private static final Pattern CLIENT_ID = Pattern.compile("\"clientId\":\"([^\"]+)\"");

  private Flooders() {}

  static List<Attack> attacks() {
    return List.of(
        Attack.every(500, "malformed control messages", Flooders::malformed),
        Attack.every(500, "sessions with a thousand topics each", Flooders::manyTopics),
        Attack.every(500, "selectors with many patterns", Flooders::selectors),
        Attack.every(1000, "questions to the authorisation service", Flooders::questions),
        Attack.every(500, "roles that alternate", Flooders::alternate));
  }

  private static void malformed(Target target, Hoard hoard) throws IOException {
    try (HostileSession session = HostileSession.open(target, SoakStage.hostile("mumbler"))) {
      for (int i = 0; i < target.scaled(8_000); i++) {
        session.send(Map.of("channel", "/anzo/control", "data", i % 2 == 0 ? "x" : List.of()));
      }
    }
  }

  private static void manyTopics(Target target, Hoard hoard) throws IOException {
    HostileSession session =
        hoard.keep(HostileSession.open(target, SoakStage.hostile("subscriber")), target.scaled(60));
    int first = NUMBERS.addAndGet(1_000);
    session.control(Map.of("type", "topicSubscribe", "topics", names("many/t", first, 1_000)));
  }

  private static List<String> names(String prefix, int first, int count) {
    return IntStream.range(first, first + count).mapToObj(i -> prefix + i).toList();
  }

  private static void selectors(Target target, Hoard hoard) throws IOException {
    HostileSession session =
        hoard.keep(HostileSession.open(target, SoakStage.hostile("selector")), target.scaled(20));
    int number = NUMBERS.incrementAndGet();
    String patterns =
        IntStream.range(0, 14)
            .mapToObj(i -> "p LIKE '%" + "a".repeat(124) + "b%'")
            .collect(Collectors.joining(" OR "));
    session.control(
        Map.of(
            "type",
            "topicSubscribe",
            "topics",
            List.of("many/selected"),
            "selector",
            "x = " + number + " OR " + patterns));
    session.publish("many/selected", Map.of("p", "a".repeat(250_000)), "");
  }

  private static void questions(Target target, Hoard hoard) throws IOException {
    HostileSession session =
        hoard.keep(HostileSession.open(target, SoakStage.hostile("asker")), target.scaled(10));
    for (int i = 0; i < target.scaled(20); i++) {
      int first = NUMBERS.addAndGet(1_000);
      session.control(Map.of("type", "topicSubscribe", "topics", names("asked/a", first, 1_000)));
    }
  }

  /** One session whose polls come with two credentials of the same user in turn. */
  private static void alternate(Target target, Hoard hoard) {
    String user = SoakStage.hostile("alternator");
    String other = "Authorization: Bearer " + TokenIssuer.token(user, "another");
    Matcher shaken =
        CLIENT_ID.matcher(
            post(
                target,
                Target.basic(user),
                "{\"channel\":\"/meta/handshake\",\"version\":\"1.0\","
                    + "\"supportedConnectionTypes\":[\"long-polling\"]}"));
    if (!shaken.find()) {
      return;
    }
    String client = "\"clientId\":\"" + shaken.group(1) + "\"";
    String topics =
        names("many/r", 0, 1_000).stream()
            .map(name -> '"' + name + '"')
            .collect(Collectors.joining(",", "[", "]"));
    for (String data :
        List.of(
            "{\"type\":\"connect\",\"protocolVersion\":\"1.1\",\"correlationId\":\"1\"}",
            "{\"type\":\"topicSubscribe\",\"correlationId\":\"2\",\"topics\":" + topics + "}")) {
      post(
          target,
          Target.basic(user),
          "{\"channel\":\"/anzo/control\",\"id\":\"1\"," + client + ",\"data\":" + data + "}");
    }
    for (int i = 0; i < 200; i++) {
      post(
          target,
          i % 2 == 0 ? other : Target.basic(user),
          "{\"channel\":\"/meta/connect\",\"id\":\"2\","
              + client
              + ",\"connectionType\":\"long-polling\",\"advice\":{\"timeout\":0}}");
    }
  }

  private static String post(Target target, String credentials, String message) {
    try (RawHttp http = target.connect(Target.SHARED_ADDRESS)) {
      byte[] body = ('[' + message + ']').getBytes(StandardCharsets.UTF_8);
      http.request("POST", "/cometd", body, credentials, "Content-Type: application/json");
      return http.answer().body();
    }
  }
}
