package io.longspan.soak;

import io.longspan.chaos.HonestCrowd;
import io.longspan.external.ExecutableWar;
import io.longspan.external.ExternalActiveMq;
import io.longspan.external.ExternalArtemis;
import io.longspan.external.ExternalBroker;
import io.longspan.wire.TokenIssuer;
import jakarta.jms.JMSException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The broker, the bridge on a small heap, and the services of a soak. */
final class SoakStage implements AutoCloseable {
  static final String BRIDGE = "bridge-soak";
  static final String AUTHORIZATION_SERVICE = "services/authorization";
  static final String GENEROUS_SERVICE = "services/generous";

  /** Nobody reads it; the broker of the soak keeps 4 MiB of it at most. */
  static final String UNREAD_QUEUE = "soak.unread";

  private static final Pattern BUDGET =
      Pattern.compile("(?m)^longspan_budget_bytes\\{[^}]*purpose=\"(\\w+)\"[^}]*\\} (\\S+)");
  private static final Pattern HEAP =
      Pattern.compile("(?m)^jvm_memory_used_bytes\\{[^}]*area=\"heap\"[^}]*\\} (\\S+)");
  private static final List<String> HOSTILE =
      List.of(
          "signer",
          "filler",
          "silent",
          "dropper",
          "queuer",
          "idler",
          "mumbler",
          "subscriber",
          "selector",
          "asker",
          "alternator");

  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(30)).build();
  private final ExternalBroker broker;
  private final SoakServices services;
  private final ExecutableWar bridge;

  /**
   * Starts all and waits until the bridge is ready.
   *
   * @param honestUsers how many users of the crowd have accounts
   * @param isShort whether lost sessions and retained messages are kept for seconds only
   */
  SoakStage(String brokerName, int honestUsers, boolean isShort) throws JMSException {
    broker =
        brokerName.equalsIgnoreCase("artemis")
            ? ExternalArtemis.withJournal()
            : new ExternalActiveMq();
    Map<String, String> settings = new LinkedHashMap<>(broker.settings());
    settings.putAll(files(honestUsers));
    settings.put("tokens.issuer", TokenIssuer.ISSUER);
    settings.put("tokens.audience", TokenIssuer.AUDIENCE);
    if (isShort) {
      settings.put("session.timeout", "5s");
      settings.put("session.maxInterval", "6s");
      settings.put("session.resumeWindow", "6s");
    }
    try {
      services = new SoakServices(broker);
      bridge = new ExecutableWar(BRIDGE, settings, List.of("-Xmx256m"));
    } catch (RuntimeException | JMSException | AssertionError x) {
      broker.close();
      throw x;
    }
  }

  /** Returns an attacker's user, whose password is the name. */
  static String hostile(String what) {
    if (!HOSTILE.contains(what)) {
      throw new IllegalArgumentException(what);
    }
    return "mallory-" + what;
  }

  private static Map<String, String> files(int honestUsers) {
    StringBuilder users = new StringBuilder();
    for (int i = 0; i < honestUsers; i++) {
      String user = HonestCrowd.user(i);
      users.append(user).append(": ").append(user).append(",guest\n");
    }
    HOSTILE.forEach(
        what -> users.append(hostile(what)).append(": ").append(hostile(what)).append(",guest\n"));
    String catalogue =
        HonestCrowd.catalogue(AUTHORIZATION_SERVICE)
            + """
                - {name: %s, kind: queue, send: ["*"]}
                - {name: %s, kind: queue, send: ["*"]}
                - {name: "hoard/{x}", kind: topic, subscribe: ["*"], send: ["*"],
                   keep: {messages: 1000, bytes: 1MiB, age: 30s}}
                - {name: "many/{x}", kind: topic, subscribe: ["*"], send: ["*"]}
                - {name: "asked/{x}", kind: topic, subscribe: {ask: %s}}
              """
                .formatted(GENEROUS_SERVICE, UNREAD_QUEUE, AUTHORIZATION_SERVICE);
    try {
      Path folder =
          Files.createTempDirectory(
              Files.createDirectories(Path.of("target", "soak").toAbsolutePath()), "stage-");
      return Map.of(
          "users",
          Files.writeString(folder.resolve("users.properties"), users).toString(),
          "catalogue",
          Files.writeString(folder.resolve("catalogue.yaml"), catalogue).toString(),
          "tokens.keys",
          Files.writeString(
                  folder.resolve("keys.jwks"), TokenIssuer.jwks(TokenIssuer.RSA, TokenIssuer.EC))
              .toString());
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }

  ExternalBroker broker() {
    return broker;
  }

  URI base() {
    return bridge.base();
  }

  boolean isAlive() {
    return bridge.isAlive();
  }

  /** Returns the lines of the bridge's log that hold an error or an exhausted heap. */
  List<String> errors() {
    return bridge
        .log()
        .lines()
        .filter(line -> line.contains(" ERROR ") || line.contains("OutOfMemoryError"))
        .toList();
  }

  /** Returns the memory that the bridge has charged, in bytes by purpose. */
  Map<String, Long> budgets() {
    Map<String, Long> budgets = new TreeMap<>();
    Matcher matcher = BUDGET.matcher(metrics());
    while (matcher.find()) {
      budgets.put(matcher.group(1), (long) Double.parseDouble(matcher.group(2)));
    }
    return budgets;
  }

  /** Returns the heap that is in use, garbage included, in MiB. */
  long heapMiB() {
    Matcher matcher = HEAP.matcher(metrics());
    double bytes = 0;
    while (matcher.find()) {
      bytes += Double.parseDouble(matcher.group(1));
    }
    return (long) bytes >> 20;
  }

  private String metrics() {
    try {
      return http.send(
              HttpRequest.newBuilder(base().resolve("metrics"))
                  .timeout(Duration.ofSeconds(60))
                  .build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    } catch (InterruptedException x) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(x);
    }
  }

  @Override
  public void close() {
    bridge.kill();
    services.close();
    broker.close();
  }
}
