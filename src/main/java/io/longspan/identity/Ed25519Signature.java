package io.longspan.identity;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.OctetKeyPair;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;

/**
 * Verifies Ed25519 signatures (RFC 8037) with the JDK. The JOSE library would need a further
 * library.
 */
final class Ed25519Signature {
  private Ed25519Signature() {}

  /**
   * Verifies a signature.
   *
   * @throws GeneralSecurityException if the key is not an Ed25519 key, or the signature is
   *     malformed
   */
  static boolean verifies(OctetKeyPair key, byte[] signed, byte[] signature)
      throws GeneralSecurityException {
    byte[] littleEndian = key.getDecodedX();
    if (!Curve.Ed25519.equals(key.getCurve()) || littleEndian.length != 32) {
      throw new GeneralSecurityException("not a key of Ed25519");
    }
    byte[] y = new byte[32];
    for (int i = 0; i < 32; i++) {
      y[i] = littleEndian[31 - i];
    }
    if (signature.length != 64) {
      return false; // the JDK ignores further bytes
    }
    boolean xIsOdd = (y[0] & 0x80) != 0;
    y[0] &= 0x7F;
    Signature verifier = Signature.getInstance("Ed25519");
    verifier.initVerify(
        KeyFactory.getInstance("Ed25519")
            .generatePublic(
                new EdECPublicKeySpec(
                    NamedParameterSpec.ED25519, new EdECPoint(xIsOdd, new BigInteger(1, y)))));
    verifier.update(signed);
    return verifier.verify(signature);
  }
}
