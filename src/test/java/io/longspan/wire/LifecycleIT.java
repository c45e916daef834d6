package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.message;
import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.Message;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients that vanish, a broker that goes away, a catalogue that changes, a bridge that drains. */
final class LifecycleIT {
  private ActiveMqTestBroker broker;

  @BeforeEach
  void startBroker() {
    broker = new ActiveMqTestBroker();
  }

  @AfterEach
  void stopBroker() {
    broker.close();
  }

  private TestBridge start(Map<String, String> settings) {
    Map<String, String> all = new HashMap<>(broker.settings());
    all.putAll(settings);
    return TestBridge.start(all);
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aClientThatVanishesIsReapedAndNothingOfItStays(Transport transport) {
    try (TestBridge bridge =
            start(
                Map.of(
                    "session.maxInterval",
                    "1s",
                    "session.timeout",
                    "2s",
                    "session.resumeWindow",
                    "1s"));
        TestService service = new TestService(broker.connectionFactory()).watch("bridge/clients");
        RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      int before = broker.temporaryTopics().size();
      alice.subscribe("chat/a");
      assertThat(broker.consumersOf("chat/a")).isEqualTo(1);
      alice.cut();
      service.awaitText(alice.clientId(), "\"timeout\"");
      Awaitility.await().until(() -> broker.temporaryTopics().size() == before - 1);
      Awaitility.await().until(() -> broker.consumersOf("chat/a") == 0);
      try (RawBayeuxClient late = bridge.client(transport, "alice")) {
        late.useClientId(alice.clientId());
        Map<String, Object> reply =
            late.exchange(
                message("channel", "/meta/connect", "connectionType", late.connectionType()));
        assertThat(reply.get("error")).asString().startsWith("402");
        assertThat(String.valueOf(reply.get("advice"))).contains("reconnect=handshake");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void anOutageEndsInBrokerUnavailableAndEverythingComesBackByItself(Transport transport) {
    try (TestBridge bridge = start(Map.of());
        RawBayeuxClient alice = bridge.connected(transport, "alice");
        RawBayeuxClient bob = bridge.client(transport, "bob").handshake()) {
      alice.subscribe("chat/a");
      alice.send("services/nobody", Map.of("JMSCorrelationID", "open"), "x");
      broker.kill();
      assertThat(alice.awaitAnswer("open")).containsEntry("errorCode", "brokerUnavailable");
      assertThat(alice.awaitData(d -> "bridgeStatus".equals(d.get("type"))))
          .containsEntry("status", "suspended");
      assertThat(alice.send("chat/a", Map.of(), "lost").get("error"))
          .asString()
          .startsWith("brokerUnavailable:");
      assertThat(bob.connect())
          .containsEntry("errorCode", "brokerUnavailable")
          .containsEntry("temporary", true);
      Map<String, Object> none = alice.subscribe("a b", "chat/b");
      assertThat(none)
          .containsEntry("errorCode", "brokerUnavailable")
          .containsEntry("temporary", true)
          .containsEntry("failedTopics", List.of("a b", "chat/b"))
          .containsEntry("topicTemporary", List.of(false, true));
      assertThat(none.get("topicErrors").toString()).contains("brokerUnavailable");
      Awaitility.await().until(() -> bridge.status("health/ready") == 503);
      assertThat(bridge.status("health/live")).isEqualTo(200);
      broker.restart();
      alice.awaitData(d -> "resumed".equals(d.get("status")));
      assertThat(alice.awaitData(d -> "gap".equals(d.get("type"))))
          .containsEntry("reason", "brokerOutage");
      Awaitility.await()
          .until(
              () -> Boolean.TRUE.equals(alice.send("chat/a", Map.of(), "again").get("successful")));
      alice.awaitData(d -> "again".equals(d.get("body")));
      try (TestService service =
          new TestService(broker.connectionFactory()).serve("services/back", TestService::echo)) {
        alice.send("services/back", Map.of("JMSCorrelationID", "after"), "hello");
        assertThat(alice.awaitAnswer("after")).containsEntry("body", "hello");
      }
      assertThat(bob.connect()).containsEntry("status", "connected");
    }
  }

  @Test
  void theBridgeStartsWhileTheBrokerIsDown() {
    broker.kill();
    Map<String, String> settings = broker.settings();
    try (TestBridge bridge = TestBridge.start(settings, false);
        RawBayeuxClient alice = bridge.client(Transport.WEBSOCKET, "alice").handshake()) {
      assertThat(alice.connect()).containsEntry("errorCode", "brokerUnavailable");
      broker.restart();
      Awaitility.await().until(() -> "connected".equals(alice.connect().get("status")));
    }
  }

  @Test
  void aChangedCatalogueIsInForceAndABrokenOneIsNot() {
    try (TestBridge bridge = start(Map.of());
        RawBayeuxClient alice = bridge.connected(Transport.WEBSOCKET, "alice")) {
      assertThat(alice.subscribe("news/a")).containsEntry("status", "failed");
      bridge.writeCatalogue("destinations: [{name: 'news/{x}', kind: topic, subscribe: ['*']}]");
      Awaitility.await().until(() -> "success".equals(alice.subscribe("news/a").get("status")));
      bridge.writeCatalogue("destinations: [{name: broken");
      bridge.writeCatalogue("destinations: [{name: broken}]");
      Awaitility.await()
          .during(java.time.Duration.ofMillis(1500))
          .until(() -> "success".equals(alice.subscribe("news/b").get("status")));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aDrainingBridgeTellsItsClientsAndTakesNoNewOnes(Transport transport) {
    try (TestBridge bridge = start(Map.of());
        TestService service = new TestService(broker.connectionFactory());
        RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      for (String id : List.of("another-bridge", "bridge-1")) {
        service.publish(
            "bridge/commands",
            session -> {
              Message command = session.createMessage();
              command.setStringProperty("command", "drainBridge");
              command.setStringProperty("bridge", id);
              return command;
            });
      }
      assertThat(alice.awaitData(d -> "bridgeStatus".equals(d.get("type"))))
          .containsEntry("status", "draining");
      assertThat(bridge.status("health/ready")).isEqualTo(503);
      assertThat(alice.send("chat/a", Map.of(), "still served")).containsEntry("successful", true);
      Map<String, Object> refused = bridge.client(transport, "bob").tryHandshake();
      assertThat(refused).containsEntry("successful", false);
      assertThat(String.valueOf(refused.get("advice"))).contains("reconnect=handshake");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aRequestThatIsOpenWhenTheBridgeStopsIsAnswered(Transport transport) throws Exception {
    TestBridge bridge = start(Map.of("session.drainTimeout", "2m"));
    try (TestService service =
            new TestService(broker.connectionFactory())
                .serve("services/slow", (session, request) -> {});
        RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      alice.send("services/slow", Map.of("JMSCorrelationID", "open"), "x");
      Message request = service.awaitFirst();
      CompletableFuture<Void> stopping = CompletableFuture.runAsync(bridge::close);
      alice.awaitData(d -> "draining".equals(d.get("status")));
      service.send(
          session -> request.getJMSReplyTo(),
          session -> {
            Message answer = session.createTextMessage("at last");
            answer.setJMSCorrelationID("open");
            return answer;
          });
      assertThat(alice.awaitAnswer("open")).containsEntry("body", "at last");
      stopping.get(120, TimeUnit.SECONDS);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aBridgeWaitsForAnOpenRequestNoLongerThanItIsTold(Transport transport) {
    // Longer than the default, so that it can be told from it.
    TestBridge bridge = start(Map.of("session.drainTimeout", "11s"));
    try (RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      alice.send("services/nobody", Map.of("JMSCorrelationID", "open"), "x");
      long begin = System.nanoTime();
      bridge.close();
      assertThat(Duration.ofNanos(System.nanoTime() - begin))
          .isBetween(Duration.ofSeconds(11), Duration.ofMinutes(2));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aBridgeThatStopsPublishesTheEndOfItsClients(Transport transport) {
    try (TestService service =
        new TestService(broker.connectionFactory()).watch("bridge/clients")) {
      String clientId;
      try (TestBridge bridge = start(Map.of())) {
        clientId = bridge.connected(transport, "alice").clientId();
        service.awaitText(clientId);
      }
      service.awaitText(clientId, "bridgeStopped");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aQueueThatIsFullRefusesItsOwnMessagesAndNoOthers(Transport transport) {
    try (TestBridge bridge = start(Map.of());
        RawBayeuxClient client = bridge.connected(transport, "alice")) {
      String kilobyte = "x".repeat(1024);
      Map<String, Object> receipt = Map.of("successful", true);
      for (int i = 0; i < 100 && Boolean.TRUE.equals(receipt.get("successful")); i++) {
        receipt = client.send(ActiveMqTestBroker.SMALL_QUEUE, Map.of(), kilobyte);
      }
      assertThat(receipt).containsEntry("successful", false);
      assertThat((String) receipt.get("error")).startsWith("sendFailed:");

      assertThat(client.send("services/other", Map.of(), kilobyte))
          .containsEntry("successful", true);
      assertThat(client.data()).noneMatch(data -> "bridgeStatus".equals(data.get("type")));
    }
  }

  @Test
  void moreClientsNeedNoMoreThreadsSessionsOrConnections() {
    try (TestBridge bridge = start(Map.of("limits.sessionsPerUser", "1000"))) {
      List<RawBayeuxClient> clients = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        clients.add(bridge.connected(Transport.WEBSOCKET, "alice"));
      }
      int connections = broker.connections();
      int sessions = broker.sessions();
      long bridgeThreads = bridgeThreads();
      for (int i = 0; i < 100; i++) {
        clients.add(bridge.connected(Transport.LONG_POLLING, "alice"));
      }
      assertThat(broker.connections()).isEqualTo(connections);
      assertThat(broker.sessions()).isEqualTo(sessions).isPositive();
      assertThat(bridgeThreads()).isEqualTo(bridgeThreads);
      clients.forEach(RawBayeuxClient::close);
    }
  }

  private static long bridgeThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("longspan-"))
        .count();
  }
}
