package io.longspan.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.util.Base64URL;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.EdECPublicKey;
import java.util.Arrays;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** Signatures as RFC 8037 has them, and as the JDK makes them. */
final class Ed25519SignatureTest {
  /** RFC 8037, appendix A.4. */
  private static final OctetKeyPair EXAMPLE =
      new OctetKeyPair.Builder(
              Curve.Ed25519, new Base64URL("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"))
          .build();

  private static final byte[] SIGNED =
      "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
          .getBytes(StandardCharsets.US_ASCII);

  private static final byte[] SIGNATURE =
      new Base64URL(
              "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg")
          .decode();

  @Test
  void theExampleOfTheStandardIsBelieved() throws GeneralSecurityException {
    assertThat(Ed25519Signature.verifies(EXAMPLE, SIGNED, SIGNATURE)).isTrue();
  }

  @Test
  void anyOtherTextOrSignatureIsNot() throws GeneralSecurityException {
    byte[] other = SIGNED.clone();
    other[30] ^= 1;
    assertThat(Ed25519Signature.verifies(EXAMPLE, other, SIGNATURE)).isFalse();
    byte[] forged = SIGNATURE.clone();
    forged[3] ^= 1;
    assertThat(accepts(forged)).isFalse();
    assertThat(accepts(new byte[64])).isFalse();
    assertThat(accepts(new byte[0])).isFalse();
    assertThat(accepts(Arrays.copyOf(SIGNATURE, 65))).isFalse();
  }

  private static boolean accepts(byte[] signature) {
    try {
      return Ed25519Signature.verifies(EXAMPLE, SIGNED, signature);
    } catch (GeneralSecurityException malformed) {
      return false;
    }
  }

  @Test
  void aKeyOfAnotherCurveOrLengthIsNone() {
    OctetKeyPair x25519 = new OctetKeyPair.Builder(Curve.X25519, EXAMPLE.getX()).build();
    OctetKeyPair cut =
        new OctetKeyPair.Builder(Curve.Ed25519, Base64URL.encode(new byte[31])).build();
    for (OctetKeyPair key : new OctetKeyPair[] {x25519, cut}) {
      assertThatThrownBy(() -> Ed25519Signature.verifies(key, SIGNED, SIGNATURE))
          .isInstanceOf(GeneralSecurityException.class);
    }
  }

  /** Half of all keys have an odd x. */
  @RepeatedTest(16)
  void whatTheJdkSignsIsBelieved() throws GeneralSecurityException {
    KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    Signature signer = Signature.getInstance("Ed25519");
    signer.initSign(pair.getPrivate());
    signer.update(SIGNED);
    // The last 32 bytes of the encoded key are the key itself.
    byte[] encoded = ((EdECPublicKey) pair.getPublic()).getEncoded();
    OctetKeyPair key =
        new OctetKeyPair.Builder(
                Curve.Ed25519,
                Base64URL.encode(Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length)))
            .build();
    assertThat(Ed25519Signature.verifies(key, SIGNED, signer.sign())).isTrue();
    assertThat(Ed25519Signature.verifies(EXAMPLE, SIGNED, signer.sign())).isFalse();
  }
}
