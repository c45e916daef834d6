package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.message;
import static io.longspan.wire.TestService.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.config.LongspanConfig.ReplyMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Services learn which clients exist, push messages to them and end them (protocol sections 8 and
 * 9).
 */
interface AddressingTests extends WireTarget {

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void theBridgePublishesTheConnectAndTheDisconnectOfAClient(Transport transport)
      throws Exception {
    try (TestService service = service().watch("bridge/clients");
        RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      Message connected = service.await(m -> text(m).contains(alice.clientId()));
      assertThat(RawBayeuxClient.JSON.readTree(text(connected)))
          .isEqualTo(
              RawBayeuxClient.JSON.readTree(
                  "{\"event\":\"connected\",\"reason\":\"connect\",\"user\":\"alice\","
                      + "\"bridgeClientId\":\""
                      + alice.clientId()
                      + "\",\"bridgeId\":\"bridge-1\"}"));
      if (replies() == ReplyMode.QUEUE) {
        assertThat(connected.getJMSReplyTo()).isNull();
      } else {
        assertThat(connected.getJMSReplyTo()).isNotNull();
      }
      alice.exchange(message("channel", "/meta/disconnect"));
      Message ended =
          service.await(
              m -> text(m).contains(alice.clientId()) && text(m).contains("\"disconnected\""));
      assertThat(ended.getJMSReplyTo()).isEqualTo(connected.getJMSReplyTo());
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aPushReachesTheNamedUserRoleOrClientOrAllClients(Transport transport) {
    try (TestService service = service();
        RawBayeuxClient alice = bridge().connected(transport, "alice");
        RawBayeuxClient bob = bridge().connected(transport, "bob")) {
      push(service, "to user", m -> m.setStringProperty("toUser", "alice"));
      push(service, "to role", m -> m.setStringProperty("toRole", "viewer"));
      push(service, "to client", m -> m.setStringProperty("toClient", alice.clientId()));
      push(service, "to all", m -> m.setBooleanProperty("toAll", true));
      alice.awaitData(d -> "to all".equals(d.get("body")));
      bob.awaitData(d -> "to all".equals(d.get("body")));
      assertThat(alice.data().stream().map(d -> d.get("body")))
          .contains("to user", "to client", "to all")
          .doesNotContain("to role");
      assertThat(bob.data().stream().map(d -> d.get("body")))
          .contains("to role", "to all")
          .doesNotContain("to user", "to client");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aCommandEndsOneClient(Transport transport) {
    try (TestService service = service();
        RawBayeuxClient alice = bridge().connected(transport, "alice");
        RawBayeuxClient bob = bridge().connected(transport, "bob")) {
      service.publish(
          "bridge/commands",
          session -> {
            Message message = session.createMessage();
            message.setStringProperty("command", "disconnectClient");
            message.setStringProperty("client", alice.clientId());
            return message;
          });
      Awaitility.await()
          .until(
              () -> {
                RawBayeuxClient other = bridge().client(transport, "alice");
                other.useClientId(alice.clientId());
                Map<String, Object> reply =
                    other.exchange(
                        message(
                            "channel",
                            "/meta/connect",
                            "connectionType",
                            other.connectionType(),
                            "advice",
                            Map.of("timeout", 0)));
                other.close();
                return String.valueOf(reply.get("error")).startsWith("402");
              });
      assertThat(bob.subscribe("chat/a")).containsEntry("status", "success");
    }
  }

  /** Sets the property that names who receives a push. */
  interface Recipient {
    void set(Message message) throws JMSException;
  }

  private static void push(TestService service, String body, Recipient recipient) {
    service.publish(
        "bridge/push",
        session -> {
          Message message = session.createTextMessage(body);
          recipient.set(message);
          return message;
        });
  }
}
