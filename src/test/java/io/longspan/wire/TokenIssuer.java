package io.longspan.wire;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.function.UnaryOperator;

/** An issuer of tokens, good and bad ones. */
public final class TokenIssuer {
  public static final String ISSUER = "https://issuer.example.org";
  public static final String AUDIENCE = "longspan";

  /** Made once: RSA keys take their time. */
  public static final RSAKey RSA = rsa("rsa-1");

  public static final RSAKey OTHER_RSA = rsa("rsa-1");
  public static final ECKey EC = ec("ec-1");

  private TokenIssuer() {}

  public static RSAKey rsa(String kid) {
    try {
      return new RSAKeyGenerator(2048).keyID(kid).keyUse(KeyUse.SIGNATURE).generate();
    } catch (JOSEException x) {
      throw new IllegalStateException(x);
    }
  }

  private static ECKey ec(String kid) {
    try {
      return new ECKeyGenerator(Curve.P_256).keyID(kid).generate();
    } catch (JOSEException x) {
      throw new IllegalStateException(x);
    }
  }

  public static String jwks(JWK... keys) {
    return new JWKSet(List.of(keys)).toString(true);
  }

  /** Writes the public keys to a file of its own. */
  static Path jwksFile() {
    try {
      Path file = Files.createTempFile("longspan-test-", ".jwks");
      file.toFile().deleteOnExit();
      return Files.writeString(file, jwks(RSA, EC));
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }

  /** The settings of a bridge that believes this issuer. */
  static String[] settings(String... more) {
    String[] own = {
      "tokens.keys", jwksFile().toString(),
      "tokens.issuer", ISSUER,
      "tokens.audience", AUDIENCE
    };
    String[] all = java.util.Arrays.copyOf(own, own.length + more.length);
    System.arraycopy(more, 0, all, own.length, more.length);
    return all;
  }

  /** The claims of a good token, for an hour. */
  public static JWTClaimsSet.Builder claims(String user, String... roles) {
    Instant now = Instant.now();
    return new JWTClaimsSet.Builder()
        .issuer(ISSUER)
        .audience(AUDIENCE)
        .subject(user)
        .claim("roles", List.of(roles))
        .issueTime(Date.from(now))
        .expirationTime(Date.from(now.plus(Duration.ofHours(1))));
  }

  public static String token(String user, String... roles) {
    return sign(claims(user, roles).build());
  }

  /** A token that ceases to be believed after the given time, the tolerance for clocks included. */
  static String tokenFor(Duration life, String user, String... roles) {
    Instant end = Instant.now().plus(life).minusSeconds(5);
    return sign(
        claims(user, roles)
            .issueTime(Date.from(Instant.now().minusSeconds(60)))
            .expirationTime(Date.from(end))
            .build());
  }

  public static String sign(JWTClaimsSet claims) {
    return sign(claims, h -> h);
  }

  public static String sign(JWTClaimsSet claims, UnaryOperator<JWSHeader.Builder> header) {
    return sign(
        claims,
        header.apply(new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("rsa-1")).build(),
        RSA);
  }

  public static String sign(JWTClaimsSet claims, JWSHeader header, JWK key) {
    try {
      JWSSigner signer =
          key instanceof RSAKey rsa ? new RSASSASigner(rsa) : new ECDSASigner((ECKey) key);
      return sign(claims, header, signer);
    } catch (JOSEException x) {
      throw new IllegalStateException(x);
    }
  }

  public static String sign(JWTClaimsSet claims, JWSHeader header, JWSSigner signer) {
    try {
      SignedJWT jwt = new SignedJWT(header, claims);
      jwt.sign(signer);
      return jwt.serialize();
    } catch (JOSEException x) {
      throw new IllegalStateException(x);
    }
  }

  public static JWSHeader header(JWSAlgorithm algorithm) {
    return new JWSHeader.Builder(algorithm).type(JOSEObjectType.JWT).keyID("rsa-1").build();
  }
}
