package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.properties;
import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.TextMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One user tries to use all of the bridge's memory: alice hoards, bob is served. */
interface MemoryAttacks extends AttackTarget {
  /** In characters; each takes one byte. */
  int BODY = 100_000;

  String WRITES = "longspan_budget_bytes{purpose=\"writes\"}";

  private static void push(TestService service, String user, String body) {
    service.publish(
        "bridge/push",
        session -> {
          TextMessage message = session.createTextMessage(body);
          message.setStringProperty("toUser", user);
          return message;
        });
  }

  private static double shed(TestBridge bridge) {
    return DoubleStream.of(
            bridge.metric("longspan_memory_shed_total{step=\"lost_session\"}"),
            bridge.metric("longspan_memory_shed_total{step=\"slow_session\"}"))
        .sum();
  }

  private static double outboxBytes(TestBridge bridge) {
    return bridge.metric("longspan_budget_bytes{purpose=\"outbox\"}");
  }

  /** No attack: many clients of one user that read everything, but acknowledge late or never. */
  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aUserWhoseClientsReadEverythingIsNeitherTerminatedNorRefused(Transport transport) {
    List<RawBayeuxClient> readers = new ArrayList<>();
    try (TestBridge own = bridgeWith("limits.userBytes", "2MiB", "limits.totalBytes", "64MiB");
        TestService service = new TestService(broker().connectionFactory())) {
      for (int i = 0; i < 6; i++) {
        readers.add(own.connected(transport, "alice"));
      }
      for (int i = 0; i < 30; i++) {
        String mark = i + "x".repeat(BODY / 2);
        push(service, "alice", mark);
        readers.forEach(reader -> reader.awaitData(data -> mark.equals(data.get("body"))));
      }
      assertThat(shed(own)).isZero();
      for (RawBayeuxClient reader : readers) {
        assertThat(
                reader.send(
                    "services/unread" + transport,
                    Map.of("JMSCorrelationID", "1"),
                    "x".repeat(1000)))
            .containsEntry("successful", true);
      }
    } finally {
      readers.forEach(RawBayeuxClient::close);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void unreadMessagesOfAUserAreBoundedOverAllItsSessions(Transport transport) {
    int userBytes = 2 * 1024 * 1024;
    List<RawBayeuxClient> hoarders = new ArrayList<>();
    try (TestBridge own =
            bridgeWith(
                "limits.userBytes", String.valueOf(userBytes),
                "limits.totalBytes", "64MiB",
                "session.maxInterval", "1s",
                "session.resumeWindow", "2s");
        TestService service = new TestService(broker().connectionFactory());
        RawBayeuxClient bob = own.connected(transport, "bob")) {
      for (int i = 0; i < 6; i++) {
        RawBayeuxClient alice = own.client(transport, "alice").handshake();
        hoarders.add(alice);
        alice.connect();
        alice.cut();
      }
      for (int i = 0; i < 60; i++) {
        push(service, "alice", i + "x".repeat(BODY));
        String mark = "mark " + i;
        push(service, "bob", mark);
        // Bob gets each of his messages, whatever alice does not read.
        bob.awaitData(data -> mark.equals(data.get("body")));
        assertThat(outboxBytes(own)).isLessThan(1.25 * userBytes);
      }
      assertThat(shed(own)).isPositive();
      assertThat(bob.send("chat/bob", Map.of(), "still here")).containsEntry("successful", true);
      Awaitility.await().until(() -> outboxBytes(own) < BODY);
      assertThat(bob.data()).noneMatch(data -> "gap".equals(data.get("type")));
    } finally {
      hoarders.forEach(RawBayeuxClient::cut);
    }
  }

  /** While a message waits for the reader of a WebSocket, there are copies of it. */
  @Test
  default void copiesOfUnreadMessagesAreChargedUntilTheConnectionEnds() {
    try (TestBridge own = bridgeWith("limits.totalBytes", "64MiB");
        TestService service = new TestService(broker().connectionFactory());
        RawBayeuxClient alice = own.connected(Transport.WEBSOCKET, "alice")) {
      ((WebSocketClient) alice).stopReading();
      // The operating system takes the first messages.
      Awaitility.await()
          .until(
              () -> {
                push(service, "alice", "x".repeat(BODY));
                return own.metric(WRITES) > BODY;
              });
      alice.cut();
      Awaitility.await().until(() -> own.metric(WRITES) == 0);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void ifTheProcessIsFullOnlyTheUserWhoHoldsMostLosesMessages(Transport transport) {
    List<RawBayeuxClient> away = new ArrayList<>();
    try (TestBridge own =
            bridgeWith(
                "limits.userBytes", "8MiB",
                "limits.totalBytes", "2MiB",
                "session.maxInterval", "1s");
        TestService service = new TestService(broker().connectionFactory())) {
      RawBayeuxClient alice = own.client(transport, "alice").handshake();
      away.add(alice);
      alice.connect();
      alice.cut();
      RawBayeuxClient bob = own.client(transport, "bob").handshake();
      away.add(bob);
      String token = (String) bob.connect().get("resumeToken");
      bob.cut();
      push(service, "bob", "for bob");
      for (int i = 0; i < 40; i++) {
        push(service, "alice", i + "x".repeat(BODY));
      }
      Awaitility.await().until(() -> shed(own) >= 1);
      try (RawBayeuxClient back = own.client(transport, "bob").handshake()) {
        assertThat(
                back.control(
                    "type", "connect",
                    "protocolVersion", "1.1",
                    "resume", Map.of("token", token, "seq", 1)))
            .containsEntry("resumed", true);
        assertThat(back.awaitData(data -> "for bob".equals(data.get("body"))))
            .satisfies(data -> assertThat(properties(data)).containsKey("JMSMessageID"));
      }
    } finally {
      away.forEach(RawBayeuxClient::cut);
    }
  }
}
