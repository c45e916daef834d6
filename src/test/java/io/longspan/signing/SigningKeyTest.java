package io.longspan.signing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.OctetSequenceKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import io.longspan.config.ConfigException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A key that cannot sign stops the start with one line that holds nothing of it. */
final class SigningKeyTest {
  @TempDir private Path folder;

  private void assertRefused(String key, String why) throws Exception {
    Path file = Files.writeString(folder.resolve("key.jwk"), key);
    assertThatThrownBy(() -> SigningKey.read(file, Clock.systemUTC()))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("identity.signingKey: ")
        .hasMessageContaining("key.jwk")
        .hasMessageContaining(why)
        .hasMessageContaining("allowed: a readable file with one private key as JWK")
        .message()
        .doesNotContain("\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{}", "[]", "-----BEGIN PRIVATE KEY-----", "{\"kty\":\"EC\"", "null"})
  void whatIsNoJwkIsRefused(String text) throws Exception {
    assertRefused(text, "it is not a");
  }

  @Test
  void aPublicKeyIsRefused() throws Exception {
    ECKey key = new ECKeyGenerator(Curve.P_256).generate();
    assertRefused(key.toPublicJWK().toJSONString(), "it contains no private key");
    assertRefused(new JWKSet(key).toString(false), "it is not a");
  }

  @Test
  void keysOfOtherKindsCurvesAndSizesAreRefused() throws Exception {
    OctetSequenceKey secret = new OctetSequenceKeyGenerator(256).generate();
    assertRefused(secret.toJSONString(), "the kind, curve or size");
    assertRefused(
        new ECKeyGenerator(Curve.P_384).generate().toJSONString(), "the kind, curve or size");
    assertRefused(
        new RSAKeyGenerator(1024, true).generate().toJSONString(), "the kind, curve or size");
  }

  @Test
  void aKeyForAnotherPurposeIsRefused() throws Exception {
    assertRefused(
        new ECKeyGenerator(Curve.P_256).keyUse(KeyUse.ENCRYPTION).generate().toJSONString(),
        "alg or use");
    assertRefused(
        new ECKeyGenerator(Curve.P_256).algorithm(JWSAlgorithm.ES512).generate().toJSONString(),
        "alg or use");
  }

  @Test
  void aPublicPartOfAnotherKeyIsRefusedAndNothingOfTheKeyIsTold() throws Exception {
    ECKey key = new ECKeyGenerator(Curve.P_256).generate();
    ECKey other = new ECKeyGenerator(Curve.P_256).generate();
    ECKey mixed = new ECKey.Builder(Curve.P_256, other.getX(), other.getY()).d(key.getD()).build();
    assertRefused(mixed.toJSONString(), "its public part belongs to another private key");
    Path file = folder.resolve("key.jwk");
    assertThatThrownBy(() -> SigningKey.read(file, Clock.systemUTC()))
        .message()
        .doesNotContain(key.getD().toString());
  }

  @Test
  void aKeyTellsNothingOfItself() throws Exception {
    ECKey key = new ECKeyGenerator(Curve.P_256).generate();
    Path file = Files.writeString(folder.resolve("key.jwk"), key.toJSONString());
    SigningKey signing = SigningKey.read(file, Clock.systemUTC());
    assertThat(signing.toString() + signing.publicKeySet()).doesNotContain(key.getD().toString());
    assertThat(JWKSet.parse(signing.publicKeySet()).getKeys())
        .singleElement()
        .satisfies(
            shown -> {
              assertThat(shown.isPrivate()).isFalse();
              assertThat(shown.getKeyID()).isEqualTo(key.computeThumbprint().toString());
              assertThat(shown.getKeyUse()).isEqualTo(KeyUse.SIGNATURE);
              assertThat(shown.getAlgorithm()).isEqualTo(JWSAlgorithm.ES256);
            });
  }
}
