package io.longspan.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Handshake, {@code connect}, {@code disconnect} and control messages (protocol sections 1 and 2).
 */
interface HandshakeTests extends WireTarget {

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void theHandshakeReplyNamesTheUserChannelAndTheBridge(Transport transport) {
    try (RawBayeuxClient client = bridge().client(transport, "alice")) {
      Map<String, Object> reply = client.tryHandshake();
      @SuppressWarnings("unchecked")
      Map<String, Object> ext =
          (Map<String, Object>) ((Map<String, Object>) reply.get("ext")).get("bridge");
      assertThat(ext)
          .containsEntry("bridgeId", "bridge-1")
          .containsEntry("user", "alice")
          .containsEntry("userChannel", "/anzo/user/alice/" + reply.get("clientId"))
          .containsEntry("protocolVersions", List.of("1.1", "1.2"));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aUserNameWithSpecialCharactersIsOneChannelSegment(Transport transport) {
    try (RawBayeuxClient client = transport.client(bridge().cometd(), "o'brien*/x", "odd")) {
      client.connected();
      assertThat(client.userChannel())
          .isEqualTo("/anzo/user/o~27brien~2A~2Fx/" + client.clientId());
    }
    try (RawBayeuxClient client = transport.client(bridge().cometd(), "zoë ~x", "zoë")) {
      assertThat(client.connected().userChannel()).startsWith("/anzo/user/zo~C3~AB~20~7Ex/");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void connectReturnsTheRolesAndLimitsOfTheUser(Transport transport) {
    try (RawBayeuxClient root = bridge().client(transport, "root").handshake();
        RawBayeuxClient alice = bridge().client(transport, "alice").handshake()) {
      assertThat(root.connect())
          .containsEntry("status", "connected")
          .containsEntry("userRoles", "sysadmin")
          .containsEntry("isSysadmin", true)
          .containsEntry("bridgeId", "bridge-1");
      Map<String, Object> answer = alice.connect();
      assertThat(answer)
          .containsEntry("userRoles", "trader\neditor")
          .containsEntry("isSysadmin", false);
      assertThat(answer.get("limits"))
          .asInstanceOf(InstanceOfAssertFactories.MAP)
          .containsEntry("messageBytes", 262144)
          .containsEntry("sendTimeout", 8000);
      assertThat(alice.connect()).containsEntry("status", "connected");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void theBridgeRejectsRequestsBeforeConnectAndAfterDisconnect(Transport transport) {
    try (RawBayeuxClient alice = bridge().client(transport, "alice").handshake()) {
      assertThat(alice.subscribe("chat/a")).containsEntry("errorCode", "notConnected");
      assertThat(alice.send("chat/a", Map.of(), "x").get("error"))
          .asString()
          .startsWith("notConnected:");
      alice.connect();
      assertThat(alice.subscribe("chat/a")).containsEntry("status", "success");
      assertThat(alice.control("type", "disconnect")).containsEntry("status", "disconnected");
      assertThat(alice.control("type", "disconnect")).containsEntry("errorCode", "notConnected");
      assertThat(alice.subscribe("chat/a")).containsEntry("errorCode", "notConnected");
      assertThat(alice.connect()).containsEntry("status", "connected");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void anInvalidControlMessageGetsAnErrorCode(Transport transport) {
    try (RawBayeuxClient alice = bridge().client(transport, "alice").handshake()) {
      assertThat(alice.control("type", "connect", "protocolVersion", "9"))
          .containsEntry("errorCode", "unsupportedVersion");
      assertThat(alice.control("type", "nonsense")).containsEntry("errorCode", "badRequest");
      alice.publish("/anzo/control", "text");
      assertThat(alice.awaitData(d -> !d.containsKey("correlationId")))
          .containsEntry("status", "failed")
          .containsEntry("errorCode", "badRequest");
      alice.connect();
      assertThat(
              alice.control(
                  "type", "topicSubscribe", "topics", List.of("chat/a"), "selector", "price >"))
          .containsEntry("errorCode", "badRequest");
    }
  }
}
