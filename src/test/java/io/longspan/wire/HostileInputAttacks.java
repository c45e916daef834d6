package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.message;
import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.wire.RawHttp.Answer;
import jakarta.jms.JMSException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What can be written to the endpoint in the hope that it breaks; alice attacks, bob goes on. */
interface HostileInputAttacks extends AttackTarget {
  String ALICE = CrossSiteAttacks.ALICE;
  String JSON_TYPE = CrossSiteAttacks.JSON_TYPE;

  /** Asserts that a client which was there before is served as ever. */
  private static void assertServes(RawBayeuxClient bob) {
    assertThat(bob.send("chat/bob", Map.of(), "still here")).containsEntry("successful", true);
  }

  private Answer post(byte[] body, String... headerLines) {
    List<String> lines = new java.util.ArrayList<>(List.of(headerLines));
    lines.add(ALICE);
    lines.add(JSON_TYPE);
    return RawHttp.exchange(bridge(), "POST", "/cometd", body, lines.toArray(String[]::new));
  }

  private RawHttp webSocket(String... headerLines) {
    RawHttp http = RawHttp.to(bridge());
    List<String> lines = new java.util.ArrayList<>(List.of(headerLines));
    lines.add(ALICE);
    assertThat(http.upgrade(lines.toArray(String[]::new)).status()).isEqualTo(101);
    return http;
  }

  /** Asserts how a text is refused: with a status, or the code that closes the connection. */
  private void assertRefused(Transport transport, String text, int status, int closeCode) {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    String shown = text.length() > 80 ? text.substring(0, 80) : text;
    if (transport == Transport.LONG_POLLING) {
      Answer refused = post(body);
      assertThat(refused.status()).as(shown).isEqualTo(status);
      assertThat(refused.body()).isEqualTo("Error " + status + "\n");
    } else {
      try (RawHttp http = webSocket()) {
        http.frame(true, false, RawHttp.TEXT, body);
        RawHttp.Frame close = http.awaitFrame(RawHttp.CLOSE);
        assertThat(close.closeCode()).as(shown).isEqualTo(closeCode);
        assertThat(new String(close.payload(), StandardCharsets.UTF_8))
            .doesNotContain("Exception", "jackson", "cometd");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aRequestThatIsNotBayeuxIsRejectedAsAWhole(Transport transport) {
    try (RawBayeuxClient bob = bridge().connected(transport, "bob")) {
      String message = "{\"channel\":\"/meta/connect\",\"clientId\":\"x\"}";
      for (String text :
          List.of(
              "[" + message,
              message + message,
              "[" + message + "][" + message + "]",
              "[" + message + "] x",
              "[" + message + ",]",
              "[" + message + ",7]",
              "[[" + message + "]]",
              "['x']",
              "\"x\"",
              "<xml/>",
              "\u0000",
              "[{\"channel\":\"/meta/connect\",\"x\":NaN}]",
              "[{\"channel\":\"/meta/connect\",\"x\":-Infinity}]",
              "[{\"channel\":\"/meta/connect\",\"x\":0x7f}]",
              "[{\"channel\":\"/meta/connect\",\"x\":01}]",
              "[{\"channel\":\"/meta/connect\",\"x\":\"\n\"}]",
              "[{\"channel\":\"/meta/connect\",\"x\":\"\\ud83\"}]",
              "[{\"channel\":\"/meta/connect\",\"x\":" + "9".repeat(1001) + "}]",
              "[{\"channel\":\"/meta/connect\",\"x\":0." + "9".repeat(100_000) + "}]",
              "[{\"channel\":\"/meta/connect\",\"" + "n".repeat(1025) + "\":1}]",
              "[{\"channel\":\"/meta/connect\",\"x\":" + "[".repeat(50) + "]",
              "[{\"channel\":\"/meta/connect\",\"x\":" + "{\"a\":".repeat(100_000),
              "[{\"channel\":\"/meta/connect\",\"ext\":{\"ack\":{}}}]",
              "[{\"channel\":\"/meta/connect\",\"ext\":{\"ack\":1e999999999}}]",
              "[{\"channel\":\"/meta/connect\",\"advice\":{\"timeout\":1e999999999}}]",
              "[{\"channel\":\"/meta/connect\",\"advice\":{\"interval\":" + "9".repeat(400) + "}}]",
              "[{\"channel\":[\"/meta/connect\"]}]")) {
        assertRefused(transport, text, 400, 1007);
      }
      assertServes(bob);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aDuplicateFieldIsRejectedAnywhere(Transport transport) {
    try (RawBayeuxClient bob = bridge().connected(transport, "bob")) {
      for (String text :
          List.of(
              "[{\"channel\":\"/meta/connect\",\"channel\":\"/meta/handshake\"}]",
              "[{\"channel\":\"/meta/connect\",\"ch\\u0061nnel\":\"/meta/handshake\"}]",
              "[{\"channel\":\"/anzo/bridge\",\"data\":{\"destination\":\"chat/a\",\"destination\":\"secret/a\"}}]",
              "[{\"channel\":\"/anzo/bridge\",\"data\":{\"properties\":{\"a\":1,\"a\":2}}}]",
              "[{\"channel\":\"/anzo/bridge\",\"data\":{\"body\":[{\"a\":1,\"a\":2}]}}]",
              "[{\"channel\":\"/anzo/control\",\"data\":{\"type\":\"connect\",\"type\":\"disconnect\"}}]",
              "[{\"channel\":\"/meta/connect\",\"clientId\":\"a\",\"clientId\":\"b\"}]")) {
        assertRefused(transport, text, 400, 1007);
      }
      // Text under bodyFormat json is JSON for whoever gets it, and as strict.
      for (String text : List.of("{\"a\":1,\"a\":2}", "{} {}", "", "[1", "NaN")) {
        assertThat(
                bob.publish(
                        "/anzo/bridge",
                        message("destination", "chat/a", "bodyFormat", "json", "body", text))
                    .get("error"))
            .as(text)
            .isEqualTo("badRequest:body is not JSON");
      }
      assertServes(bob);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void theMessagesAndBytesOfARequestAreLimited(Transport transport) {
    try (RawBayeuxClient bob = bridge().connected(transport, "bob")) {
      String message = "{\"channel\":\"/x\",\"clientId\":\"y\"}";
      String most = ("," + message).repeat(1000).substring(1);
      assertRefused(transport, "[" + most + "," + message + "]", 413, 1009);
      assertRefused(transport, "[" + "{},".repeat(150_000) + "{}]", 413, 1009);
      assertRefused(transport, "[\"" + "x".repeat(600_000) + "\"]", 413, 1009);
      assertRefused(transport, " ".repeat(600_000), 413, 1009);
      if (transport == Transport.LONG_POLLING) {
        assertThat(post(("[" + most + "]").getBytes(StandardCharsets.UTF_8)).status())
            .isEqualTo(200);
      }
      assertServes(bob);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void bytesThatAreNotUtf8AreRefused(Transport transport) {
    try (RawBayeuxClient bob = bridge().connected(transport, "bob")) {
      for (int[] wrong :
          List.of(
              new int[] {0xC0, 0xAF}, // an overlong slash
              new int[] {0xC1, 0xBF},
              new int[] {0xE0, 0x80, 0xAF},
              new int[] {0xED, 0xA0, 0x80}, // half of a surrogate pair
              new int[] {0xF5, 0x80, 0x80, 0x80},
              new int[] {0x80},
              new int[] {0xFF},
              new int[] {0xE2, 0x82})) { // cut
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        text.writeBytes("[{\"channel\":\"/x\",\"data\":\"".getBytes(StandardCharsets.UTF_8));
        for (int b : wrong) {
          text.write(b);
        }
        text.writeBytes("\"}]".getBytes(StandardCharsets.UTF_8));
        if (transport == Transport.LONG_POLLING) {
          assertThat(post(text.toByteArray()).status()).as("%x", wrong[0]).isEqualTo(400);
        } else {
          try (RawHttp http = webSocket()) {
            http.frame(true, false, RawHttp.TEXT, text.toByteArray());
            assertThat(http.awaitFrame(RawHttp.CLOSE).closeCode())
                .as("%x", wrong[0])
                .isEqualTo(1007);
          }
        }
      }
      assertServes(bob);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void anUnpairedSurrogateNeverReachesAServiceButNulDoes(Transport transport)
      throws JMSException {
    String queue = "services/halves" + transport;
    try (TestService service =
            new TestService(broker().connectionFactory()).serve(queue, TestService::echo);
        RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      String half = "x\ud83dy";
      for (Map<String, Object> data :
          List.of(
              message("destination", queue, "body", half),
              message("destination", queue, "body", List.of(half)),
              message("destination", queue, "properties", Map.of("p", half), "body", ""),
              message(
                  "destination", queue, "properties", Map.of("JMSCorrelationID", half), "body", ""),
              message("destination", queue, "properties", Map.of("JMSType", half), "body", ""))) {
        assertThat(alice.publish("/anzo/bridge", data).get("error"))
            .as(data.toString())
            .isEqualTo("badRequest:a text contains an unpaired surrogate");
      }
      String sound = "a\u0000b\ud83d\ude00";
      alice.send(queue, Map.of("JMSCorrelationID", "sound"), sound);
      assertThat(alice.awaitAnswer("sound")).containsEntry("body", sound);
      assertThat(service.received()).hasSize(1);
      assertThat(service.received().get(0).getBody(String.class)).isEqualTo(sound);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void fieldsOfAnyTypeBreakNothing(Transport transport) {
    try (RawBayeuxClient alice = bridge().connected(transport, "alice");
        RawBayeuxClient bob = bridge().connected(transport, "bob")) {
      List<Object> values =
          List.of(7, true, "x", List.of(), List.of(1, List.of()), Map.of(), Map.of("a", 1), 1.5);
      for (Object value : values) {
        for (String field : List.of("subscription", "data", "successful", "unknown", "error")) {
          for (String channel :
              List.of(
                  "/meta/subscribe", "/meta/unsubscribe", "/anzo/bridge", "/anzo/control", "/x")) {
            assertThat(alice.exchange(message("channel", channel, field, value)))
                .as(channel + field + value)
                .containsKey("channel");
          }
        }
        for (String field :
            List.of("destination", "properties", "body", "bodyFormat", "replyTo", "unknown")) {
          assertThat(alice.publish("/anzo/bridge", message("destination", "chat/a", field, value)))
              .containsKey("successful");
        }
        for (String field :
            List.of("type", "topics", "selector", "resumeFrom", "protocolVersion", "resume")) {
          Map<String, Object> data =
              message("type", "topicSubscribe", "topics", List.of("chat/a"), field, value);
          data.put("correlationId", "c");
          assertThat(alice.publish("/anzo/control", data)).containsKey("successful");
        }
      }
      assertThat(alice.subscribe("chat/after")).containsEntry("status", "success");
      assertServes(bob);
    }
  }

  @Test
  default void aHandshakeWithFieldsOfAnyTypeIsAnsweredWithoutAFault() {
    for (String field : List.of("version", "minimumVersion", "supportedConnectionTypes", "id")) {
      for (String value : List.of("7", "{}", "[]", "[7]", "null", "true", "\"x\"")) {
        String text = "[{\"channel\":\"/meta/handshake\",\"%s\":%s}]".formatted(field, value);
        assertThat(post(text.getBytes(StandardCharsets.UTF_8)).status()).as(text).isIn(200, 400);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void numbersOutOfRangeAreRefusedOrKept(Transport transport) {
    String queue = "services/numbers" + transport;
    try (TestService service =
            new TestService(broker().connectionFactory()).serve(queue, TestService::echo);
        RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      for (Object number :
          List.of(
              new java.math.BigDecimal("1e400"),
              new java.math.BigInteger("9".repeat(400)),
              new java.math.BigInteger("9223372036854775808"))) {
        assertThat(alice.send(queue, Map.of("n", number), "").get("error"))
            .asString()
            .startsWith("badRequest:property n");
        assertThat(alice.send(queue, Map.of("timeToLive", number), "").get("error"))
            .asString()
            .startsWith("badRequest:timeToLive");
        assertThat(alice.send(queue, Map.of("JMSCorrelationID", "n" + number.hashCode()), number))
            .containsEntry("successful", true);
        assertThat(
                new java.math.BigDecimal(
                    (String) alice.awaitAnswer("n" + number.hashCode()).get("body")))
            .isEqualByComparingTo(new java.math.BigDecimal(number.toString()));
      }
    }
  }

  @Test
  default void aCompressedBodyIsNotDecompressed() throws IOException {
    ByteArrayOutputStream bomb = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bomb)) {
      gzip.write(new byte[1 << 24]);
    }
    try (RawBayeuxClient bob = bridge().connected(Transport.LONG_POLLING, "bob")) {
      for (String encoding : List.of("gzip", "deflate", "br", "x-gzip", "identity, gzip")) {
        assertThat(post(bomb.toByteArray(), "Content-Encoding: " + encoding).status())
            .as(encoding)
            .isEqualTo(415);
      }
      assertThat(post(bomb.toByteArray()).status()).isEqualTo(400);
      assertServes(bob);
    }
  }

  @Test
  default void noFrameIsDecompressed() throws IOException {
    ByteArrayOutputStream bomb = new ByteArrayOutputStream();
    Deflater raw = new Deflater(Deflater.BEST_COMPRESSION, true);
    try (DeflaterOutputStream deflate = new DeflaterOutputStream(bomb, raw, true)) {
      byte[] spaces = new byte[1 << 20];
      java.util.Arrays.fill(spaces, (byte) ' ');
      for (int i = 0; i < 64; i++) {
        deflate.write(spaces);
      }
    }
    raw.end();
    assertThat(bomb.size()).isLessThan(100_000);
    try (RawBayeuxClient bob = bridge().connected(Transport.WEBSOCKET, "bob");
        RawHttp http = RawHttp.to(bridge())) {
      Answer upgraded = http.upgrade(ALICE, "Sec-WebSocket-Extensions: permessage-deflate");
      assertThat(upgraded.status()).isEqualTo(101);
      assertThat(upgraded.header("Sec-WebSocket-Extensions")).isEmpty();
      http.frame(true, true, RawHttp.TEXT, bomb.toByteArray());
      assertThat(http.awaitFrame(RawHttp.CLOSE).closeCode()).isEqualTo(1002);
      assertServes(bob);
    }
  }

  @Test
  default void aMessageInFragmentsHasTheSameLimit() {
    try (RawBayeuxClient bob = bridge().connected(Transport.WEBSOCKET, "bob");
        RawHttp http = webSocket()) {
      byte[] part = " ".repeat(10_000).getBytes(StandardCharsets.UTF_8);
      http.frame(false, false, RawHttp.TEXT, part);
      for (int i = 0; i < 60; i++) {
        http.frame(false, false, 0, part);
      }
      assertThat(http.awaitFrame(RawHttp.CLOSE).closeCode()).isEqualTo(1009);
      assertServes(bob);
    }
  }

  @Test
  default void framesThatAreNotBayeuxCloseTheConnection() {
    try (RawBayeuxClient bob = bridge().connected(Transport.WEBSOCKET, "bob")) {
      try (RawHttp http = webSocket()) {
        http.frame(true, false, RawHttp.BINARY, new byte[100]);
        assertThat(http.awaitFrame(RawHttp.CLOSE).closeCode()).isEqualTo(1003);
      }
      try (RawHttp http = webSocket()) {
        http.frame(true, false, 0, new byte[1]); // the rest of nothing
        assertThat(http.awaitFrame(RawHttp.CLOSE).closeCode()).isEqualTo(1002);
      }
      try (RawHttp http = webSocket()) {
        http.frame(true, true, RawHttp.TEXT, new byte[1]); // compressed without leave
        assertThat(http.awaitFrame(RawHttp.CLOSE).closeCode()).isEqualTo(1002);
      }
      try (RawHttp http = webSocket()) {
        http.write(new byte[] {(byte) 0x81, 1, 'x'}); // not masked
        assertThat(http.awaitFrame(RawHttp.CLOSE).closeCode()).isEqualTo(1002);
      }
      assertServes(bob);
    }
  }

  @Test
  default void aFloodOfPingsDelaysOnlyItsClient() {
    try (RawBayeuxClient bob = bridge().connected(Transport.WEBSOCKET, "bob");
        RawHttp http = webSocket()) {
      for (int i = 0; i < 20_000; i++) {
        http.frame(true, false, RawHttp.PING, new byte[0]);
      }
      http.frame(true, false, RawHttp.PING, new byte[] {42});
      assertServes(bob);
      RawHttp.Frame pong = http.awaitFrame(RawHttp.PONG);
      while (pong.payload().length == 0) {
        pong = http.awaitFrame(RawHttp.PONG);
      }
      assertThat(pong.payload()).containsExactly(42);
    }
  }

  @Test
  default void aClientCannotExtendThePollOrSessionTimeout() {
    try (TestBridge own = bridgeWith("session.timeout", "200ms", "session.maxInterval", "300ms");
        RawBayeuxClient alice = own.client(Transport.LONG_POLLING, "alice")) {
      Map<String, Object> reply = alice.tryHandshake();
      alice.useClientId((String) reply.get("clientId"));
      Map<String, Object> connect =
          message("channel", "/meta/connect", "connectionType", "long-polling");
      connect.put("advice", Map.of("timeout", 0, "interval", 1_000_000_000));
      assertThat(alice.exchange(connect)).containsEntry("successful", true);
      connect.put("advice", Map.of("timeout", 1_000_000_000));
      assertThat(alice.exchange(connect)).containsKey("successful");
      connect.put("advice", Map.of("timeout", 0, "interval", 1_000_000_000));
      alice.exchange(connect);
      org.awaitility.Awaitility.await()
          .until(() -> HttpIT.get(own.uri("metrics")).body().contains("longspan_sessions 0.0"));
    }
  }
}
