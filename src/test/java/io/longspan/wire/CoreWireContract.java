package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.message;
import static io.longspan.wire.RawBayeuxClient.properties;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.ConnectionFactory;
import jakarta.jms.Message;
import jakarta.jms.Topic;
import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What every bridge does, wherever it runs and whatever its broker: a test class that implements
 * this interface runs these tests against its bridge. The bridge has the users alice, bob, root and
 * {@code zoë ~x} and the catalogue of {@link TestBridge}.
 */
public interface CoreWireContract {

  /** Returns where the application is, with a slash at the end. */
  URI base();

  /** Returns the configured {@code bridge.id}. */
  String bridgeId();

  /** Returns a factory for services, which are other clients of the bridge's broker. */
  ConnectionFactory broker();

  private URI cometd() {
    return base().resolve("cometd");
  }

  private RawBayeuxClient client(Transport transport, String user) {
    return transport.client(cometd(), user, user);
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(base().resolve(path)).build(), BodyHandlers.ofString());
  }

  private static String unique(String prefix) {
    return prefix + Long.toHexString(System.nanoTime());
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aClientShakesHandsAndConnects(Transport transport) {
    try (RawBayeuxClient root = client(transport, "root").handshake();
        RawBayeuxClient alice = client(transport, "alice").handshake()) {
      assertThat(root.userChannel()).isEqualTo("/anzo/user/root/" + root.clientId());
      assertThat(root.connect())
          .containsEntry("status", "connected")
          .containsEntry("isSysadmin", true)
          .containsEntry("bridgeId", bridgeId());
      assertThat(alice.connect())
          .containsEntry("status", "connected")
          .containsEntry("isSysadmin", false);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aServiceSeesTheUserAndItsAnswerReachesTheClient(Transport transport)
      throws Exception {
    String queue = unique("services/s");
    try (TestService service = new TestService(broker()).serve(queue, TestService::echo);
        RawBayeuxClient alice = client(transport, "alice").connected()) {
      assertThat(
              alice.send(
                  queue, Map.of("JMSCorrelationID", "r-1", "runAsUser", "root", "n", 5), "héllo"))
          .containsEntry("successful", true);
      Map<String, Object> answer = alice.awaitAnswer("r-1");
      assertThat(answer).containsEntry("body", "héllo");
      Message request = service.awaitFirst();
      assertThat(request.getStringProperty("runAsUser")).isEqualTo("alice");
      assertThat(request.getStringProperty("bridgeId")).isEqualTo(bridgeId());
      assertThat(request.getStringProperty("bridgeClientId")).isEqualTo(alice.clientId());
      assertThat(request.getObjectProperty("n")).isEqualTo(5);
      String replyTo = ((Topic) request.getJMSReplyTo()).getTopicName();
      assertThat(alice.received().toString()).doesNotContain(replyTo);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void anOddNameAndPasswordAreUtf8(Transport transport) throws Exception {
    String queue = unique("services/s");
    try (TestService service = new TestService(broker()).serve(queue, TestService::echo);
        RawBayeuxClient zoe = transport.client(cometd(), "zoë ~x", "zoë").connected()) {
      assertThat(zoe.userChannel()).startsWith("/anzo/user/zo~C3~AB~20~7Ex/");
      zoe.send(queue, Map.of("JMSCorrelationID", "r-1"), "x");
      zoe.awaitAnswer("r-1");
      assertThat(service.awaitFirst().getStringProperty("runAsUser")).isEqualTo("zoë ~x");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aTopicMessageReachesItsSubscribers(Transport transport) {
    String room = unique("chat/c");
    String market = unique("m");
    try (TestService service = new TestService(broker());
        RawBayeuxClient alice = client(transport, "alice").connected();
        RawBayeuxClient bob = client(transport, "bob").connected()) {
      assertThat(alice.subscribe(room, "prices/" + market + "/**"))
          .containsEntry("status", "success");
      assertThat(bob.subscribe(room)).containsEntry("status", "success");
      service.publish(room, session -> session.createTextMessage("to all"));
      service.publish("prices." + market + ".ABC", session -> session.createTextMessage("a price"));
      for (RawBayeuxClient client : List.of(alice, bob)) {
        Map<String, Object> received = client.awaitData(d -> "to all".equals(d.get("body")));
        assertThat(properties(received))
            .containsEntry("type", "topicMessage")
            .containsEntry("topic", room);
      }
      Map<String, Object> price = alice.awaitData(d -> "a price".equals(d.get("body")));
      assertThat(properties(price)).containsEntry("topic", "prices/" + market + "/ABC");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void theRolesOfTheRealmDecide(Transport transport) {
    try (RawBayeuxClient alice = client(transport, "alice").connected();
        RawBayeuxClient bob = client(transport, "bob").connected();
        RawBayeuxClient root = client(transport, "root").connected()) {
      assertThat(alice.send("prices/eu/ABC", Map.of(), "1")).containsEntry("successful", true);
      assertThat(bob.send("prices/eu/ABC", Map.of(), "1").get("error"))
          .asString()
          .startsWith("notAuthorized:");
      assertThat(alice.subscribe("prices/closed/ABC")).containsEntry("status", "failed");
      assertThat(root.subscribe("prices/closed/ABC")).containsEntry("status", "success");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aServicePushesToAUser(Transport transport) {
    try (TestService service = new TestService(broker());
        RawBayeuxClient alice = client(transport, "alice").connected()) {
      service.publish(
          "bridge/push",
          session -> {
            Message message = session.createTextMessage("for alice");
            message.setStringProperty("toUser", "alice");
            return message;
          });
      assertThat(alice.awaitData(d -> "for alice".equals(d.get("body")))).containsKey("properties");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void anotherUsersSessionCannotBeUsed(Transport transport) {
    try (RawBayeuxClient alice = client(transport, "alice").connected();
        RawBayeuxClient bob = client(transport, "bob")) {
      bob.useClientId(alice.clientId());
      assertThat(bob.exchange(message("channel", "/meta/disconnect")))
          .containsEntry("successful", false);
      assertThat(bob.send("chat/a", Map.of("JMSCorrelationID", "stolen"), "x"))
          .containsEntry("successful", false);
      assertThat(alice.subscribe("chat/a")).containsEntry("status", "success");
      assertThat(alice.data())
          .noneMatch(d -> "stolen".equals(properties(d).get("JMSCorrelationID")));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aWrongPasswordOrNoneIsRefused(Transport transport) throws Exception {
    try (RawBayeuxClient wrong = transport.client(cometd(), "alice", "wrong");
        RawBayeuxClient nobody = transport.client(cometd(), null, null)) {
      for (RawBayeuxClient refused : List.of(wrong, nobody)) {
        assertThatThrownBy(refused::tryHandshake).rootCause().hasMessageContaining("401");
      }
    }
  }

  @Test
  default void aRefusalSaysHowToSignIn() throws Exception {
    HttpResponse<String> refusal =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(cometd()).POST(BodyPublishers.ofString("[]")).build(),
                BodyHandlers.ofString());
    assertThat(refusal.statusCode()).isEqualTo(401);
    assertThat(refusal.headers().allValues("WWW-Authenticate"))
        .containsExactly("Basic realm=\"Longspan\", charset=\"UTF-8\"");
    assertThat(refusal.headers().firstValue("X-Bridge-Id")).contains(bridgeId());
  }

  @Test
  default void everyAnswerNamesItsBridge() {
    LongPollingClient alice = new LongPollingClient(cometd(), "alice", "alice");
    HttpResponse<String> handshake =
        alice.post(
            "[{\"channel\":\"/meta/handshake\",\"version\":\"1.0\",\"id\":\"1\","
                + "\"supportedConnectionTypes\":[\"long-polling\"]}]");
    assertThat(handshake.statusCode()).isEqualTo(200);
    assertThat(handshake.headers().allValues("X-Bridge-Id")).containsExactly(bridgeId());
  }

  @Test
  default void aMessageThatIsTooLargeIsRefused() {
    LongPollingClient alice = new LongPollingClient(cometd(), "alice", "alice");
    String large = "x".repeat(1024 * 1024);
    assertThat(
            alice
                .post("[{\"channel\":\"/anzo/bridge\",\"data\":\"" + large + "\",\"id\":\"1\"}]")
                .statusCode())
        .isEqualTo(413);
  }

  @Test
  default void aPageSignsInAndItsSessionIsEnough() throws Exception {
    HttpClient page = HttpClient.newBuilder().cookieHandler(new CookieManager()).build();
    HttpRequest signIn =
        HttpRequest.newBuilder(base().resolve("login"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString("user=zo%C3%AB%20~x&password=zo%C3%AB"))
            .build();
    assertThat(page.send(signIn, BodyHandlers.ofString()).statusCode()).isEqualTo(204);
    HttpRequest whose = HttpRequest.newBuilder(base().resolve("login")).build();
    assertThat(page.send(whose, BodyHandlers.ofString()).body()).contains("\"user\":\"zoë ~x\"");
    HttpRequest handshake =
        HttpRequest.newBuilder(cometd())
            .header("Content-Type", "application/json")
            .POST(
                BodyPublishers.ofString(
                    "[{\"channel\":\"/meta/handshake\",\"version\":\"1.0\",\"id\":\"1\","
                        + "\"supportedConnectionTypes\":[\"long-polling\"]}]"))
            .build();
    assertThat(page.send(handshake, BodyHandlers.ofString()).body())
        .contains("\"successful\":true")
        .contains("\"user\":\"zoë ~x\"");
  }

  @Test
  default void healthNeedsNoCredentialsAndTellsNoDetails() throws Exception {
    for (String path : List.of("health/live", "health/ready")) {
      HttpResponse<String> health = get(path);
      assertThat(health.statusCode()).isEqualTo(200);
      assertThat(health.body()).isEqualTo("up\n");
    }
  }

  @Test
  default void metricsAreShownToThisMachine() throws Exception {
    assertThat(get("metrics").body()).contains("longspan_ready 1.0");
  }

  @Test
  default void internalFilesCannotBeDownloaded() throws Exception {
    for (String path :
        List.of(
            "io/longspan/launcher/Launcher.class",
            "io/longspan/launcher/",
            "WEB-INF/web.xml",
            "WEB-INF/lib-provided/",
            "META-INF/MANIFEST.MF")) {
      assertThat(get(path).statusCode()).as(path).isIn(403, 404);
    }
  }
}
