package io.longspan.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.DurableSubscription;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.TextMessage;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Everybody but an operator tries to use the operator endpoints: strangers, users, and pages of
 * other origins in an operator's browser.
 */
interface AdminAttacks extends AttackTarget {
  List<String> PATHS =
      List.of(
          "/admin",
          "/admin/",
          "/admin/bridge",
          "/admin/clients",
          "/admin/client?id=x",
          "/admin/explain?user=alice&name=chat/a",
          "/admin/subscriptions",
          "/admin/durable-subscriptions",
          "/admin/delete-durable",
          "/admin/disconnect",
          "/admin/drain",
          "/admin/nothing",
          "/admin/clients/x",
          "/admin/clients;x",
          "/admin;x/clients",
          "/admin/clients;/");

  /**
   * Other spellings of the list of clients, which a filter or a container might read differently.
   */
  List<String> TRICKS =
      List.of(
          "//admin/clients",
          "/admin//clients",
          "/./admin/clients",
          "/admin/./clients",
          "/admin/..;/admin/clients",
          "/x/../admin/clients",
          "/cometd/..;/admin/clients",
          "/cometd/../admin/clients",
          "/health/..;/admin/clients",
          "/health/live/../../admin/clients",
          "/health/%2e%2e/admin/clients",
          "/%2e/admin/clients",
          "/admin%2fclients",
          "/admin%2Fclients",
          "/%61dmin/clients",
          "/admin/%63lients",
          "/admin%00/clients",
          "/admin/clients%3b",
          "/admin\\clients",
          "/ADMIN/clients",
          "/admin.html/../admin/clients",
          "/.well-known/jwks.json/../../admin/clients",
          "/admin/clients?user=alice",
          "/admin/clients#x");

  List<String> METHODS =
      List.of("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND", "get");

  /** What makes a change come through, were the role there. */
  private static Map<String, String> headers(String user, String... more) {
    Map<String, String> headers = new HashMap<>();
    headers.put("Content-Type", "application/json");
    headers.put("X-Longspan-Operator", "1");
    if (user != null) {
      headers.put("Authorization", RawBayeuxClient.basic(user, user));
    }
    for (int i = 0; i < more.length; i += 2) {
      if (more[i + 1] == null) {
        headers.remove(more[i]);
      } else {
        headers.put(more[i], more[i + 1]);
      }
    }
    return headers;
  }

  private static RawHttp.Answer get(TestBridge bridge, String path, String user)
      throws IOException {
    return RawHttp.exchange(bridge, "GET", path, headers(user), "");
  }

  private static RawHttp.Answer post(
      TestBridge bridge, String path, Map<String, String> headers, String body) throws IOException {
    return RawHttp.exchange(bridge, "POST", path, headers, body);
  }

  private static JsonNode json(RawHttp.Answer answer) throws IOException {
    assertThat(answer.head()).containsIgnoringCase("Content-Type: application/json");
    assertThat(answer.head()).containsIgnoringCase("Cache-Control: no-store");
    String body = answer.body();
    return RawBayeuxClient.JSON.readTree(
        body.substring(body.indexOf('{'), body.lastIndexOf('}') + 1));
  }

  private static void assertAlive(RawBayeuxClient client) {
    assertThat(client.subscribe("chat/alive")).containsEntry("status", "success");
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void strangersGet401AndUsers403OnEveryPathAndMethod(Transport transport)
      throws IOException {
    try (RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      String body = "{\"client\":\"" + alice.clientId() + "\"}";
      for (String path : PATHS) {
        for (String method : METHODS) {
          RawHttp.Answer stranger = RawHttp.exchange(bridge(), method, path, headers(null), body);
          RawHttp.Answer user = RawHttp.exchange(bridge(), method, path, headers("bob"), body);
          assertThat(List.of(stranger.status(), user.status()))
              .as("%s %s", method, path)
              .containsExactly(401, 403);
          assertThat(stranger.head() + stranger.body() + user.head() + user.body())
              .doesNotContain(alice.clientId());
          assertThat(user.head()).containsIgnoringCase("no-store");
        }
      }
      assertThat(get(bridge(), "/admin/clients", "nobody").status()).isEqualTo(401);
      assertAlive(alice);
      assertThat(bridge().status("health/ready")).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void noSpellingOfAPathBypassesTheCheck(Transport transport) throws IOException {
    try (RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      for (String path : TRICKS) {
        for (String user : new String[] {null, "bob"}) {
          RawHttp.Answer answer = get(bridge(), path, user);
          assertThat(answer.status()).as(path).isIn(400, 401, 403, 404);
          assertThat(answer.body()).as(path).doesNotContain(alice.clientId(), "queuedMessages");
          String end = path.replace("clients", "disconnect");
          RawHttp.Answer change =
              post(bridge(), end, headers(user), "{\"client\":\"" + alice.clientId() + "\"}");
          assertThat(change.status()).as(end).isIn(400, 401, 403, 404, 405);
        }
      }
      assertAlive(alice);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void anOperatorSeesClientsAndSubscriptions(Transport transport) throws Exception {
    try (TestBridge own = bridgeWith();
        RawBayeuxClient bob = own.connected(transport, "bob");
        RawBayeuxClient alice = own.connected(transport, "alice")) {
      alice.subscribe("chat/a", "chat/b");
      alice.control("type", "topicSubscribe", "topics", List.of("chat/c"), "selector", "x = 'y'");
      bob.subscribe("chat/a");
      alice.send("services/unserved", Map.of("JMSCorrelationID", "open"), "x");

      JsonNode clients = json(get(own, "/admin/clients", "root"));
      assertThat(clients.get("total").asInt()).isEqualTo(2);
      JsonNode first = clients.get("clients").get(0);
      assertThat(first.get("user").asText()).isEqualTo("alice");
      assertThat(first.get("clientId").asText()).isEqualTo(alice.clientId());
      assertThat(first.get("state").asText()).isEqualTo("connected");
      assertThat(first.get("transport").asText()).isEqualTo(alice.connectionType());
      assertThat(first.get("address").asText()).isEqualTo("127.0.0.1");
      assertThat(java.time.Instant.parse(first.get("since").asText()))
          .isBefore(java.time.Instant.now());
      assertThat(first.get("topics").asInt()).isEqualTo(3);
      assertThat(first.get("requestsInFlight").asInt()).isEqualTo(1);
      assertThat(json(get(own, "/admin/clients?limit=1&offset=1", "root")).get("clients"))
          .singleElement()
          .satisfies(c -> assertThat(c.get("user").asText()).isEqualTo("bob"));
      assertThat(json(get(own, "/admin/clients?user=bob", "root")).get("total").asInt())
          .isEqualTo(1);
      for (String wrong : List.of("limit=0", "limit=501", "limit=x", "offset=-1", "offset=")) {
        assertThat(get(own, "/admin/clients?" + wrong, "root").status()).isEqualTo(400);
      }

      JsonNode subscriptions = json(get(own, "/admin/subscriptions", "root"));
      assertThat(subscriptions.get("subscriptions").toString())
          .isEqualTo(
              "[{\"topic\":\"chat/a\",\"selector\":null,\"subscribers\":2},"
                  + "{\"topic\":\"chat/b\",\"selector\":null,\"subscribers\":1},"
                  + "{\"topic\":\"chat/c\",\"selector\":\"x = 'y'\",\"subscribers\":1}]");
      assertThat(json(get(own, "/admin/bridge", "root")).toString())
          .matches(
              "\\{\"bridgeId\":\"bridge-1\",\"brokerConnected\":true,"
                  + "\"brokerAddress\":\"tcp://[a-z0-9.]+:[0-9]+\",\"draining\":false,"
                  + "\"sessions\":2,\"connected\":2,\"subscriptions\":3,\"queueConsumers\":0,\"durableSubscriptions\":0}");
    }
  }

  /** The topic of the operator page shows who waits for what. */
  @ParameterizedTest
  @EnumSource(Transport.class)
  default void onlyAnOperatorMaySubscribeTheLiveFigures(Transport transport) {
    try (RawBayeuxClient bob = bridge().connected(transport, "bob");
        RawBayeuxClient root = bridge().connected(transport, "root")) {
      for (String name : List.of("bridge/figures", "bridge/*", "bridge/**", "*/figures")) {
        assertThat(bob.subscribe(name)).as(name).containsEntry("status", "failed");
      }
      bob.subscribe("**");
      assertThat(root.subscribe("bridge/figures")).containsEntry("status", "success");
      Map<String, Object> figures =
          root.awaitData(d -> String.valueOf(d.get("body")).contains("\"topicLatency\""));
      assertThat(figures.get("body").toString()).contains("\"bridgeId\":\"bridge-1\"");
      for (RawBayeuxClient each : List.of(bob, root)) {
        Map<String, Object> receipt =
            each.send("bridge/figures", Map.of("JMSCorrelationID", "forged"), "{}");
        assertThat(receipt.toString()).contains("notAuthorized");
      }
      assertAlive(bob);
      assertThat(bob.received().toString()).doesNotContain("topicLatency");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void anOperatorFindsAClientAndTriesAName(Transport transport) throws Exception {
    try (TestBridge own = bridgeWith();
        RawBayeuxClient alice = own.connected(transport, "alice");
        RawBayeuxClient bob = own.connected(transport, "bob")) {
      alice.subscribe("chat/b", "chat/a");
      alice.control("type", "queueSubscribe", "queue", "work/render");
      for (String part : List.of("ALI", alice.clientId().substring(3))) {
        JsonNode found = json(get(own, "/admin/clients?find=" + part, "root"));
        assertThat(found.get("total").asInt()).as(part).isEqualTo(1);
        assertThat(found.get("clients").get(0).get("user").asText()).isEqualTo("alice");
      }
      JsonNode client = json(get(own, "/admin/client?id=" + alice.clientId(), "root"));
      assertThat(client.get("subscriptions").asInt()).isEqualTo(3);
      assertThat(client.get("interests").toString())
          .isEqualTo(
              "[{\"name\":\"chat/a\",\"kind\":\"topic\",\"selector\":null},"
                  + "{\"name\":\"chat/b\",\"kind\":\"topic\",\"selector\":null},"
                  + "{\"name\":\"work/render\",\"kind\":\"queue\",\"selector\":null}]");
      assertThat(get(own, "/admin/client?id=nobody", "root").status()).isEqualTo(404);

      JsonNode refused = json(get(own, "/admin/explain?user=x&role=viewer&name=secret/1", "root"));
      assertThat(refused.get("allowed").asBoolean()).isFalse();
      assertThat(refused.get("entry").asText()).isEqualTo("secret/{x}");
      assertThat(json(get(own, "/admin/explain?user=root&name=secret/1", "root")).toString())
          .contains("by the role sysadmin");
      assertThat(get(own, "/admin/explain?user=root", "root").status()).isEqualTo(400);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void messagesThatWaitForAClientAreCounted(Transport transport) throws Exception {
    try (TestBridge own = bridgeWith();
        TestService service = new TestService(broker().connectionFactory());
        RawBayeuxClient alice = own.connected(transport, "alice")) {
      alice.subscribe("chat/a");
      alice.endPolling();
      for (int i = 0; i < 40; i++) {
        service.publish("chat/a", session -> session.createTextMessage("0123456789"));
      }
      Awaitility.await()
          .untilAsserted(
              () -> {
                JsonNode client = json(get(own, "/admin/clients", "root")).get("clients").get(0);
                int queued = client.get("queuedMessages").asInt();
                assertThat(queued)
                    .isGreaterThanOrEqualTo(transport == Transport.WEBSOCKET ? 0 : 39);
                assertThat(client.get("queuedBytes").asLong()).isGreaterThanOrEqualTo(10L * queued);
              });
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void anOperatorDisconnectsAClientOrAUserWithACodedReason(Transport transport)
      throws Exception {
    try (TestBridge own = bridgeWith();
        TestService events = new TestService(broker().connectionFactory()).watch("bridge/clients");
        RawBayeuxClient one = own.connected(transport, "alice");
        RawBayeuxClient two = own.connected(transport, "alice");
        RawBayeuxClient bob = own.connected(transport, "bob")) {
      RawHttp.Answer ended =
          post(
              own, "/admin/disconnect", headers("root"), "{\"client\":\"" + one.clientId() + "\"}");
      assertThat(json(ended).toString()).isEqualTo("{\"disconnected\":1}");
      events.await(m -> isEnd(m, one.clientId()));
      assertAlive(two);
      assertThat(
              json(post(own, "/admin/disconnect", headers("root"), "{\"user\":\"alice\"}"))
                  .toString())
          .isEqualTo("{\"disconnected\":1}");
      events.await(m -> isEnd(m, two.clientId()));
      assertAlive(bob);
      assertThat(post(own, "/admin/disconnect", headers("root"), "{\"user\":\"alice\"}").status())
          .isEqualTo(404);
      for (String wrong :
          List.of(
              "",
              "{}",
              "[]",
              "null",
              "{\"user\":7}",
              "{\"user\":\"bob\",\"client\":\"x\"}",
              "{\"user\":\"x\",\"user\":\"bob\"}",
              "{\"user\":\"bob\"}{}",
              "user=bob")) {
        RawHttp.Answer refused = post(own, "/admin/disconnect", headers("root"), wrong);
        assertThat(refused.status()).as(wrong).isEqualTo(400);
        assertThat(json(refused).get("errorMessage").asText()).isNotEmpty();
      }
      assertThat(post(own, "/admin/disconnect", headers("root"), "x".repeat(9000)).status())
          .isEqualTo(413);
      assertAlive(bob);
    }
  }

  private static boolean isEnd(Message event, String clientId) {
    try {
      JsonNode fields = RawBayeuxClient.JSON.readTree(((TextMessage) event).getText());
      return fields.get("bridgeClientId").asText().equals(clientId)
          && fields.get("event").asText().equals("disconnected")
          && fields.get("reason").asText().equals("operator");
    } catch (JMSException | IOException x) {
      throw new IllegalStateException(x);
    }
  }

  /** A page of another origin in an operator's browser has the operator's credentials. */
  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aPageOfAnotherOriginCannotUseAnOperatorsCredentials(Transport transport)
      throws Exception {
    try (TestBridge own = bridgeWith("security.allowedOrigins", "https://app.example.org");
        RawBayeuxClient alice = own.connected(transport, "alice")) {
      String body = "{\"user\":\"alice\"}";
      List<Map<String, String>> foreign =
          List.of(
              headers("root", "X-Longspan-Operator", null),
              headers("root", "Content-Type", "text/plain"),
              headers("root", "Content-Type", "application/x-www-form-urlencoded"),
              headers("root", "Content-Type", "application/json;charset=foo"),
              headers("root", "Content-Type", null),
              headers("root", "Origin", "https://evil.example"),
              headers("root", "Origin", "null"),
              headers("root", "Origin", "https://app.example.org"),
              headers("root", "Sec-Fetch-Site", "cross-site"),
              headers("root", "Sec-Fetch-Site", "same-site"));
      for (Map<String, String> headers : foreign) {
        assertThat(post(own, "/admin/disconnect", headers, body).status())
            .as(headers.toString())
            .isIn(403, 415);
        assertThat(post(own, "/admin/drain", headers, "{\"bridge\":\"bridge-1\"}").status())
            .isIn(403, 415);
        assertThat(
                post(own, "/admin/delete-durable", headers, durable("alice", "chat/a", "x"))
                    .status())
            .isIn(403, 415);
      }
      for (Map<String, String> headers : foreign.subList(5, foreign.size())) {
        RawHttp.Answer read = RawHttp.exchange(own, "GET", "/admin/clients", headers, "");
        assertThat(read.status()).as(headers.toString()).isEqualTo(403);
        assertThat(read.body()).doesNotContain(alice.clientId());
      }
      RawHttp.Answer preflight =
          RawHttp.exchange(
              own,
              "OPTIONS",
              "/admin/disconnect",
              Map.of(
                  "Origin", "https://app.example.org",
                  "Access-Control-Request-Method", "POST",
                  "Access-Control-Request-Headers", "content-type,x-longspan-operator"),
              "");
      assertThat(preflight.head()).doesNotContainIgnoringCase("x-longspan-operator");
      for (String path : List.of("/admin/disconnect", "/admin/drain", "/admin/delete-durable")) {
        assertThat(get(own, path + "?user=alice&bridge=bridge-1", "root").status()).isEqualTo(405);
      }
      assertAlive(alice);
      assertThat(own.status("health/ready")).isEqualTo(200);
      String itself = own.uri("").toString().replaceFirst("/$", "");
      assertThat(
              post(
                      own,
                      "/admin/disconnect",
                      headers("root", "Origin", itself, "Sec-Fetch-Site", "same-origin"),
                      body)
                  .status())
          .isEqualTo(200);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void anOperatorDrainsTheBridgeThatItNames(Transport transport) throws Exception {
    try (TestBridge own = bridgeWith();
        RawBayeuxClient alice = own.connected(transport, "alice")) {
      assertThat(post(own, "/admin/drain", headers("root"), "{}").status()).isEqualTo(400);
      assertThat(post(own, "/admin/drain", headers("root"), "{\"bridge\":\"other\"}").status())
          .isEqualTo(409);
      assertThat(own.status("health/ready")).isEqualTo(200);
      RawHttp.Answer drained =
          post(own, "/admin/drain", headers("root"), "{\"bridge\":\"bridge-1\"}");
      assertThat(json(drained).get("draining").asBoolean()).isTrue();
      assertThat(own.status("health/ready")).isEqualTo(503);
      alice.awaitData(d -> "draining".equals(d.get("status")));
      assertAlive(alice);
    }
  }

  private static String durable(String user, String topic, String name) {
    return RawBayeuxClient.JSON
        .createObjectNode()
        .put("user", user)
        .put("topic", topic)
        .put("name", name)
        .toString();
  }

  private static RawHttp.Answer delete(TestBridge bridge, String user, String body)
      throws IOException {
    return post(bridge, "/admin/delete-durable", headers(user), body);
  }

  private static JsonNode durables(TestBridge bridge) throws IOException {
    return json(get(bridge, "/admin/durable-subscriptions?user=alice", "root"))
        .get("durableSubscriptions");
  }

  private static Map<String, Object> subscribe(RawBayeuxClient client, String topic) {
    return client.control("type", "topicSubscribe", "topics", List.of(topic), "durable", "orders");
  }

  private static void publish(TestService service, String jmsTopic, String body) {
    service.send(session -> session.createTopic(jmsTopic), s -> s.createTextMessage(body));
  }

  private static Map<String, Object> delivered(RawBayeuxClient client, String body) {
    return client.awaitData(d -> d.containsKey("delivery") && body.equals(d.get("body")));
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void anOperatorFindsAndDeletesADurableSubscriptionWhetherItIsUsedOrNot(
      Transport transport) throws Exception {
    String topic = WireTarget.unique("t");
    try (TestService service = new TestService(broker().connectionFactory());
        TestBridge own = bridgeWith();
        RawBayeuxClient alice = own.connected(transport, "alice")) {
      assertThat(subscribe(alice, "durable/" + topic)).containsEntry("status", "success");
      JsonNode used = durables(own).get(0);
      assertThat(used.get("inUse").asBoolean()).isTrue();
      assertThat(used.toString())
          .startsWith(
              "{\"user\":\"alice\",\"topic\":\"durable/%s\",\"name\":\"orders\",\"broker\":\"default\","
                  .formatted(topic))
          .contains("\"bridge\":\"bridge-1\"");

      // In use: its session is told so.
      String named = durable("alice", "durable/" + topic, "orders");
      assertThat(json(delete(own, "root", named)).get("broker").asText()).isEqualTo("default");
      alice.awaitData(d -> "takenOver".equals(d.get("reason")));
      assertThat(durables(own)).isEmpty();

      // Not in use, and known.
      assertThat(subscribe(alice, "durable/" + topic)).containsEntry("status", "success");
      alice.control("type", "topicUnsubscribe", "topics", List.of("durable/" + topic));
      assertThat(durables(own).get(0).get("inUse").asBoolean()).isFalse();
      publish(service, "durable." + topic, "deleted-1");
      assertThat(delete(own, "root", named).status()).isEqualTo(200);

      // Not known to this bridge: another one has used it.
      try (TestBridge other = bridgeWith("bridge.id", "bridge-2")) {
        assertThat(subscribe(alice, "durable/" + topic)).containsEntry("status", "success");
        alice.control("type", "topicUnsubscribe", "topics", List.of("durable/" + topic));
        publish(service, "durable." + topic, "deleted-2");
        assertThat(durables(other)).isEmpty();
        assertThat(delete(other, "root", named).status()).isEqualTo(200);
        Awaitility.await().untilAsserted(() -> assertThat(durables(own)).isEmpty());
      }
      assertThat(subscribe(alice, "durable/" + topic)).containsEntry("status", "success");
      publish(service, "durable." + topic, "kept");
      delivered(alice, "kept");
      assertThat(alice.received().toString()).doesNotContain("deleted-");
      assertThat(delete(own, "root", named).status()).isEqualTo(200);
    }
  }

  /** The names of a request choose among the subscriptions of Longspan, and reach nothing else. */
  @ParameterizedTest
  @EnumSource(Transport.class)
  default void forgedNamesDeleteNoOtherDurableSubscription(Transport transport) throws Exception {
    String topic = WireTarget.unique("t");
    try (TestService service = new TestService(broker().connectionFactory());
        TestBridge own = bridgeWith();
        RawBayeuxClient alice = own.connected(transport, "alice")) {
      assertThat(subscribe(alice, "durable/" + topic)).containsEntry("status", "success");
      String atBroker =
          DurableSubscription.of("alice", BrokerDestination.topic("durable." + topic), "orders")
              .name();
      for (String wrong :
          List.of(
              "",
              "{}",
              "[]",
              "{\"user\":\"alice\",\"topic\":\"durable/" + topic + "\"}",
              "{\"user\":\"alice\",\"topic\":\"durable/" + topic + "\",\"name\":7}",
              "{\"user\":\"\",\"topic\":\"durable/" + topic + "\",\"name\":\"orders\"}",
              durable("alice", "durable/" + topic, "orders").replace("}", ",\"all\":\"x\"}"),
              durable("alice", "durable/" + topic, "orders") + "{}")) {
        assertThat(delete(own, "root", wrong).status()).as(wrong).isEqualTo(400);
      }
      for (String name :
          List.of("durable/*", "**", "work/render", "nowhere/x", "bridge/push", atBroker, "a//b")) {
        assertThat(delete(own, "root", durable("alice", name, "orders")).status())
            .as(name)
            .isEqualTo(404);
      }
      // Valid, but of nobody: the broker has no such subscription.
      for (String[] other :
          new String[][] {
            {"bob", "orders"}, {"Alice", "orders"}, {"alice", "Orders"}, {"alice", "orders "},
            {"alice", atBroker}, {"alice", "*"}, {"alice\0", "orders"}, {"*", "#"}
          }) {
        delete(own, "root", durable(other[0], "durable/" + topic, other[1]));
      }
      for (String user : new String[] {null, "bob", "alice"}) {
        assertThat(delete(own, user, durable("alice", "durable/" + topic, "orders")).status())
            .isIn(401, 403);
        assertThat(get(own, "/admin/durable-subscriptions", user).body()).doesNotContain(topic);
      }
      publish(service, "durable." + topic, "still here");
      delivered(alice, "still here");
      assertThat(alice.received().toString()).doesNotContain("takenOver");
      assertThat(delete(own, "root", durable("alice", "durable/" + topic, "orders")).status())
          .isEqualTo(200);
    }
  }
}
