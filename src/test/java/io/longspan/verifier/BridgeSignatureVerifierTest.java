package io.longspan.verifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.longspan.verifier.BridgeSignatureVerifier.Received;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SignatureException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The verifier against the golden signatures, which a verifier in any language has to meet. */
final class BridgeSignatureVerifierTest {
  private static final JsonNode GOLDEN = GoldenProperties.read("message.json");
  private static final String VERSION_1 = GOLDEN.at("/signatures/1").asText();
  private static final String VERSION_2 = GOLDEN.at("/signatures/2").asText();

  private final BridgeSignatureVerifier verifier =
      new BridgeSignatureVerifier(
          GOLDEN.get("jwks").toString(),
          Set.of("bridge-1"),
          Duration.ofMinutes(5),
          Duration.ofSeconds(30),
          Clock.fixed(Instant.ofEpochSecond(GOLDEN.get("issuedAt").asLong()), ZoneOffset.UTC));

  private static Map<String, Object> properties() {
    Map<String, Object> properties = new HashMap<>();
    GOLDEN
        .at("/message/properties")
        .fields()
        .forEachRemaining(
            property -> properties.put(property.getKey(), property.getValue().asText()));
    return properties;
  }

  private static Received with(Map<String, Object> properties) {
    JsonNode message = GOLDEN.get("message");
    return new Received(
        message.get("destination").asText(),
        message.get("correlationId").asText(),
        message.get("replyTo").asText(),
        properties,
        message.get("body").asText().getBytes(StandardCharsets.UTF_8));
  }

  /** Two properties written as one whose name is what version 1 wrote for both. */
  private static Map<String, Object> merged() {
    Map<String, Object> merged = properties();
    merged.remove("amount");
    merged.remove("approvedBy");
    merged.put("amount=3:100approvedBy", "carol");
    return merged;
  }

  @ParameterizedTest
  @MethodSource("io.longspan.verifier.GoldenProperties#all")
  void propertiesHaveTheirGoldenForm(GoldenProperties golden) throws Exception {
    byte[] canonical = CanonicalProperties.version2(golden.properties());
    assertThat(new String(canonical, StandardCharsets.UTF_8)).isEqualTo(golden.canonical());
    assertThat(
            Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(MessageDigest.getInstance("SHA-256").digest(canonical)))
        .isEqualTo(golden.hash());
  }

  @Test
  void aSignatureOfVersion2IsAccepted() throws SignatureException {
    for (BridgeSignatureVerifier any :
        new BridgeSignatureVerifier[] {verifier, verifier.acceptingVersion1()}) {
      assertThat(any.verify(VERSION_2, with(properties())).user()).isEqualTo("alice");
      assertThatThrownBy(() -> any.verify(VERSION_2, with(merged())))
          .isInstanceOf(SignatureException.class)
          .hasMessageContaining("other properties");
    }
  }

  @Test
  void aSignatureOfVersion1IsRefusedUnlessTheVerifierIsToldToAcceptIt() throws SignatureException {
    assertThatThrownBy(() -> verifier.verify(VERSION_1, with(properties())))
        .isInstanceOf(SignatureException.class)
        .hasMessageContaining("version 1");
    BridgeSignatureVerifier told = verifier.acceptingVersion1();
    assertThat(told.verify(VERSION_1, with(properties())).user()).isEqualTo("alice");
    // The reason why it has to be told.
    assertThat(told.verify(VERSION_1, with(merged())).user()).isEqualTo("alice");
  }

  @Test
  void aPropertyThatNoBridgeSignsIsRefused() {
    for (Object value : new Object[] {(byte) 1, 1.5f, new byte[] {1}, 'c', "half \ud842"}) {
      Map<String, Object> properties = properties();
      properties.put("added", value);
      assertThatThrownBy(() -> verifier.verify(VERSION_2, with(properties)))
          .isInstanceOf(SignatureException.class)
          .hasMessageContaining("other properties");
    }
    Map<String, Object> properties = properties();
    properties.put("added", null);
    assertThatThrownBy(() -> verifier.verify(VERSION_2, with(properties)))
        .isInstanceOf(SignatureException.class)
        .hasMessageContaining("other properties");
  }
}
