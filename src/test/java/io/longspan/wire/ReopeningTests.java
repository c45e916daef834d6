package io.longspan.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.external.LinkProxy;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Topic;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;

/**
 * The broker refuses what the bridge consumed before, or ends it while the connection lives. A
 * subclass names the pairing of client and broker.
 */
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(240)
abstract class ReopeningTests {
  private static final String EVENTS = "bridge/authorization-events";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private AdministeredBroker broker;
  private LinkProxy link;
  private TestBridge bridge;
  private int room;

  abstract AdministeredBroker startBroker();

  /** Returns the keys of the configuration that name the broker. */
  Map<String, String> settings(AdministeredBroker started) {
    return started.settings();
  }

  @BeforeAll
  void start() {
    broker = startBroker();
    Map<String, String> settings = new HashMap<>(settings(broker));
    URI url = URI.create(settings.get("broker.url"));
    link = new LinkProxy("127.0.0.1", url.getPort());
    settings.put("broker.url", url.getScheme() + "://127.0.0.1:" + link.port());
    bridge = TestBridge.start(settings);
  }

  @AfterAll
  void stop() {
    bridge.close();
    link.close();
    broker.close();
  }

  /** Topics that no other test has heard of. */
  @BeforeEach
  void next() {
    room++;
  }

  private String topic(String name) {
    return "chat/" + name + room;
  }

  RawBayeuxClient subscribed(Transport transport, String user, String... topics) {
    RawBayeuxClient client = bridge.connected(transport, user);
    assertThat(client.subscribe(topics)).containsEntry("status", "success");
    return client;
  }

  TestService service() {
    return new TestService(broker.connectionFactory());
  }

  private static Predicate<Map<String, Object>> status(String status) {
    return data -> "bridgeStatus".equals(data.get("type")) && status.equals(data.get("status"));
  }

  private static Predicate<Map<String, Object>> gap(String topic, String reason) {
    return data ->
        "gap".equals(data.get("type"))
            && reason.equals(data.get("reason"))
            && String.valueOf(data.get("topics")).contains(topic);
  }

  private static boolean heard(RawBayeuxClient client, Predicate<Map<String, Object>> wanted) {
    return client.data().stream().anyMatch(wanted);
  }

  private static Predicate<Map<String, Object>> body(String text) {
    return data -> text.equals(data.get("body"));
  }

  private static int index(RawBayeuxClient client, Predicate<Map<String, Object>> wanted) {
    List<Map<String, Object>> data = client.data();
    for (int i = 0; i < data.size(); i++) {
      if (wanted.test(data.get(i))) {
        return i;
      }
    }
    throw new AssertionError(data);
  }

  private static void await(RawBayeuxClient client, Predicate<Map<String, Object>> wanted) {
    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(client.data()).anyMatch(wanted));
  }

  void publish(TestService service, String topic, String text) {
    service.publish(topic, session -> session.createTextMessage(text));
  }

  /**
   * Fails if attempts to consume from a topic, which were refused, left something on the broker.
   * While an attempt goes on there may be something.
   */
  void assertNothingIsLeftOf(String topic) {}

  @Test
  void aTopicRefusedAfterAnOutageResumesOnceTheBrokerAllowsIt() {
    String deaf = topic("deaf");
    String other = topic("other");
    try (TestService service = service();
        RawBayeuxClient alice = subscribed(Transport.LONG_POLLING, "alice", deaf, other);
        RawBayeuxClient bob = subscribed(Transport.WEBSOCKET, "bob", other)) {
      broker.refuseConsumers(deaf);
      link.cut();
      await(bob, status("resumed"));
      await(alice, gap(deaf, "brokerOutage"));
      await(bob, gap(other, "brokerOutage"));
      publish(service, other, "other goes on");
      await(alice, body("other goes on"));
      await(bob, body("other goes on"));
      assertThat(heard(alice, status("suspended"))).isTrue();
      assertThat(alice.subscribe(deaf))
          .containsEntry("status", "failed")
          .containsEntry("failedTopics", List.of(deaf));
      assertThat(alice.data()).noneMatch(status("resumed"));
      assertThat(bridge.metric("longspan_reopenings{broker=\"default\"}")).isEqualTo(1);
      Awaitility.await().atMost(PATIENCE).untilAsserted(() -> assertNothingIsLeftOf(deaf));

      broker.allowConsumers(deaf);
      await(alice, status("resumed"));
      publish(service, deaf, "heard again");
      await(alice, body("heard again"));
      assertThat(index(alice, status("suspended"))).isLessThan(index(alice, status("resumed")));
      assertThat(alice.data().subList(index(alice, status("resumed")), alice.data().size()))
          .as("what was missed while it was deaf is told when it is heard again")
          .anyMatch(gap(deaf, "brokerOutage"));
      assertThat(alice.subscribe(deaf)).containsEntry("status", "success");
    }
  }

  @Test
  void theBridgeIsNotReadyAndGrantsNoRevocableTopicWhileItReceivesNoChangesOfRights()
      throws Exception {
    String granted = topic("granted");
    String asked = "namedgraphs/asked" + room;
    try (AuthorizationServiceStub authorization =
            new AuthorizationServiceStub(broker.connectionFactory());
        TestService service = service();
        RawBayeuxClient alice = subscribed(Transport.WEBSOCKET, "alice", asked, granted)) {
      broker.refuseConsumers(EVENTS);
      try {
        link.cut();
        await(alice, status("resumed"));
        Awaitility.await()
            .atMost(PATIENCE)
            .untilAsserted(
                () ->
                    assertThat(HttpIT.get(bridge.uri("health/ready")).body())
                        .contains("authorizationEventsUnheard"));
        assertThat(bridge.status("health/ready")).isEqualTo(503);
        assertThat(alice.subscribe("namedgraphs/new" + room))
            .containsEntry("failedTopics", List.of("namedgraphs/new" + room));
        publish(service, asked, "secret");
        publish(service, granted, "public");
        await(alice, body("public"));
        publish(service, granted, "public too");
        await(alice, body("public too"));
      } finally {
        broker.allowConsumers(EVENTS);
      }
      Awaitility.await().atMost(PATIENCE).until(() -> bridge.status("health/ready") == 200);
      await(alice, gap(asked, "notRecoverable"));
      publish(service, asked, "granted again");
      await(alice, body("granted again"));
      assertThat(alice.data()).noneMatch(body("secret"));
      assertThat(alice.subscribe("namedgraphs/new" + room)).containsEntry("status", "success");
      authorization.refuse("alice");
      authorization.announce(asked);
      await(alice, data -> "topicUnsubscribed".equals(data.get("type")));
    }
  }

  @Test
  void aSubscriptionThatTheBrokerEndsInterruptsOnlyItsTopic() {
    String ended = topic("ended");
    String other = topic("other");
    try (TestService service = service();
        RawBayeuxClient alice = subscribed(Transport.LONG_POLLING, "alice", ended, other);
        RawBayeuxClient bob = subscribed(Transport.WEBSOCKET, "bob", other)) {
      double lost = bridge.metric("longspan_consumers_lost_total");
      publish(service, ended, "before");
      await(alice, body("before"));
      broker.endConsumers(ended);
      await(alice, gap(ended, "brokerOutage"));
      publish(service, ended, "after");
      publish(service, other, "on");
      await(alice, body("after"));
      await(alice, body("on"));
      await(bob, body("on"));
      for (RawBayeuxClient client : List.of(alice, bob)) {
        assertThat(client.data()).noneMatch(status("suspended"));
      }
      assertThat(bob.data()).noneMatch(data -> "gap".equals(data.get("type")));
      assertThat(bridge.metric("longspan_consumers_lost_total")).isEqualTo(lost + 1);
      assertThat(bridge.status("health/ready")).isEqualTo(200);
    }
  }

  @Test
  void aTemporaryTopicThatTheBrokerEndsInterruptsOnlyItsClient() throws JMSException {
    try (TestService silent = service().serve("services/silent", (session, request) -> {});
        TestService echo = service().serve("services/echo", TestService::echo);
        RawBayeuxClient alice = bridge.connected(Transport.WEBSOCKET, "alice");
        RawBayeuxClient bob = bridge.connected(Transport.LONG_POLLING, "bob")) {
      alice.send("services/silent", Map.of("JMSCorrelationID", "open"), "x");
      Message request = silent.awaitFirst();
      broker.endConsumers(((Topic) request.getJMSReplyTo()).getTopicName());
      await(alice, status("resumed"));
      assertThat(alice.awaitAnswer("open")).containsEntry("errorCode", "brokerUnavailable");
      assertThat(index(alice, status("suspended"))).isLessThan(index(alice, status("resumed")));
      alice.send("services/echo", Map.of("JMSCorrelationID", "next"), "hello");
      assertThat(alice.awaitAnswer("next")).containsEntry("body", "hello");
      bob.send("services/echo", Map.of("JMSCorrelationID", "bob's"), "hello");
      assertThat(bob.awaitAnswer("bob's")).containsEntry("body", "hello");
      assertThat(bob.data()).noneMatch(data -> "bridgeStatus".equals(data.get("type")));
      assertThat(echo.received()).hasSize(2);
    }
  }

  @Test
  void theBridgeReceivesChangesOfRightsAgainAfterTheBrokerEndsTheirConsumer() {
    String asked = "namedgraphs/ended" + room;
    try (AuthorizationServiceStub authorization =
            new AuthorizationServiceStub(broker.connectionFactory());
        RawBayeuxClient alice = subscribed(Transport.WEBSOCKET, "alice", asked)) {
      double lost = bridge.metric("longspan_consumers_lost_total");
      broker.endConsumers(EVENTS);
      Awaitility.await()
          .atMost(PATIENCE)
          .until(() -> bridge.metric("longspan_consumers_lost_total") > lost);
      Awaitility.await()
          .atMost(PATIENCE)
          .until(
              () ->
                  bridge.metric("longspan_reopenings{broker=\"default\"}") == 0
                      && bridge.status("health/ready") == 200);
      authorization.refuse("alice");
      authorization.announce(asked);
      await(alice, data -> "topicUnsubscribed".equals(data.get("type")));
    }
  }
}
