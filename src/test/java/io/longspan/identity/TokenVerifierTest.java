package io.longspan.identity;

import static io.longspan.wire.TokenIssuer.claims;
import static io.longspan.wire.TokenIssuer.sign;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import io.longspan.config.LongspanConfig.Tokens;
import io.longspan.identity.Credential.Token;
import io.longspan.wire.TokenIssuer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.text.ParseException;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a token may be, and what it must not. */
final class TokenVerifierTest {
  private final TokenVerifier verifier = verifier("RS256", "ES256");

  private static TokenVerifier verifier(String... algorithms) {
    return verifier(List.of(algorithms), TokenIssuer.RSA, TokenIssuer.EC);
  }

  private static TokenVerifier verifier(List<String> algorithms, JWK... issued) {
    try {
      JWKSet set = TokenKeys.parse(TokenIssuer.jwks(issued));
      TokenKeys keys =
          new TokenKeys() {
            @Override
            public List<JWK> matching(JWKMatcher matcher) {
              return TokenKeys.select(set, matcher);
            }

            @Override
            public void refresh() {}
          };
      return new TokenVerifier(
          keys,
          new Tokens(
              Optional.of(URI.create("file:/keys")),
              TokenIssuer.ISSUER,
              TokenIssuer.AUDIENCE,
              algorithms,
              "sub",
              "roles"),
          Clock.systemUTC());
    } catch (ParseException x) {
      throw new IllegalStateException(x);
    }
  }

  private static Date in(long seconds) {
    return Date.from(Instant.now().plusSeconds(seconds));
  }

  private void isRefused(JWTClaimsSet.Builder claims) {
    assertThat(verifier.verify(sign(claims.build()))).isEmpty();
  }

  @Test
  void aGoodTokenTellsUserRolesAndEnd() {
    Token token = verifier.verify(TokenIssuer.token("Zoë /*~.", "a", "b")).orElseThrow();
    assertThat(token.identity().user()).isEqualTo("Zoë /*~.");
    assertThat(token.identity().roles()).containsExactly("a", "b");
    assertThat(token.isValid(System.currentTimeMillis())).isTrue();
    JWSHeader header = new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("ec-1").build();
    assertThat(verifier.verify(sign(claims("alice").build(), header, TokenIssuer.EC))).isPresent();
    assertThat(
            verifier
                .verify(sign(claims("alice").claim("roles", "a  b").build()))
                .orElseThrow()
                .identity()
                .roles())
        .containsExactly("a", "b");
  }

  @Test
  void theClaimsHaveToFit() {
    isRefused(claims("alice").issuer("https://other.example.org"));
    isRefused(claims("alice").issuer(null));
    isRefused(claims("alice").audience("other"));
    isRefused(claims("alice").audience((String) null));
    isRefused(claims("alice").expirationTime(null));
    isRefused(claims("alice").expirationTime(in(-6)));
    isRefused(claims("alice").notBeforeTime(in(60)));
    isRefused(claims("alice").issueTime(in(60)));
    assertThat(verifier.verify(sign(claims("alice").issueTime(in(2)).build()))).isPresent();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "  ", "a\u0000b", "a\nb", "a\u2028b", "\u0085"})
  void aNameThatCannotBeAUsersIsRefused(String name) {
    isRefused(claims(name));
    isRefused(claims("alice", name));
  }

  /** It has no UTF-8, so that its channel would be that of {@code ?}. */
  @Test
  void halfALetterInANameIsRefused() throws Exception {
    String claims = claims("alice").build().toString();
    for (String name : List.of("whole", "half \\ud83d")) {
      JWSObject token =
          new JWSObject(
              TokenIssuer.header(JWSAlgorithm.RS256), new Payload(claims.replace("alice", name)));
      token.sign(new RSASSASigner(TokenIssuer.RSA));
      assertThat(verifier.verify(token.serialize()).isPresent()).isEqualTo(name.equals("whole"));
    }
  }

  @Test
  void aNameThatIsMissingLongOrNoTextIsRefused() {
    isRefused(claims("x".repeat(256)));
    isRefused(claims(null));
    isRefused(claims("alice").claim("sub", List.of("alice")));
    isRefused(claims("alice").claim("roles", 7));
    isRefused(claims("alice").claim("roles", List.of(7)));
  }

  @Test
  void twoNormalFormsAreTwoUsers() {
    String composed =
        verifier.verify(TokenIssuer.token("zo\u00EB")).orElseThrow().identity().user();
    String decomposed =
        verifier.verify(TokenIssuer.token("zoe\u0308")).orElseThrow().identity().user();
    assertThat(composed).isNotEqualTo(decomposed);
  }

  @Test
  void onlyConfiguredAlgorithmsAndKeysCount() throws Exception {
    assertThat(verifier.verify(new PlainJWT(claims("alice").build()).serialize())).isEmpty();
    JWSHeader rs512 = TokenIssuer.header(JWSAlgorithm.RS512);
    assertThat(verifier.verify(sign(claims("alice").build(), rs512, TokenIssuer.RSA))).isEmpty();
    assertThat(verifier("RS512").verify(sign(claims("alice").build(), rs512, TokenIssuer.RSA)))
        .isPresent();
    // The public key, which everybody has, as the secret of an HMAC.
    for (byte[] secret :
        List.of(
            TokenIssuer.RSA.toRSAPublicKey().getEncoded(),
            TokenIssuer.RSA.toPublicJWK().toJSONString().getBytes(StandardCharsets.UTF_8))) {
      JWSHeader hmac = TokenIssuer.header(JWSAlgorithm.HS256);
      assertThat(verifier.verify(sign(claims("alice").build(), hmac, new MACSigner(secret))))
          .isEmpty();
    }
    JWSHeader plain = TokenIssuer.header(JWSAlgorithm.RS256);
    assertThat(verifier.verify(sign(claims("alice").build(), plain, TokenIssuer.OTHER_RSA)))
        .isEmpty();
  }

  @Test
  void whatATokenSaysOfKeysIsNotLookedAt() {
    for (JWSHeader.Builder header :
        List.of(
            new JWSHeader.Builder(JWSAlgorithm.RS256).jwk(TokenIssuer.OTHER_RSA.toPublicJWK()),
            new JWSHeader.Builder(JWSAlgorithm.RS256).jwkURL(URI.create("http://127.0.0.1:1/x")),
            new JWSHeader.Builder(JWSAlgorithm.RS256)
                .x509CertURL(URI.create("http://127.0.0.1:1/x")),
            new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("../../../dev/null"),
            new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("' OR 1=1 --"))) {
      assertThat(
              verifier.verify(sign(claims("alice").build(), header.build(), TokenIssuer.OTHER_RSA)))
          .isEmpty();
    }
  }

  @Test
  void aTokenOfAnotherTypeOrThatIsNoneIsRefused() {
    JWSHeader other =
        new JWSHeader.Builder(JWSAlgorithm.RS256).type(new JOSEObjectType("logout+jwt")).build();
    assertThat(verifier.verify(sign(claims("alice").build(), other, TokenIssuer.RSA))).isEmpty();
    for (String text :
        List.of("", ".", "..", "a.b.c", "x".repeat(20_000), "{}", "[".repeat(9_000))) {
      assertThat(verifier.verify(text)).isEmpty();
    }
    String good = TokenIssuer.token("alice");
    assertThat(verifier.verify(good.substring(0, good.length() - 6) + "AAAAAA")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"JWT, true", "jwt, true", "at+jwt, true", "AT+JWT, true", "JOSE, false"})
  void theTypeOfATokenIsComparedWithoutCase(String type, boolean accepted) {
    String token = sign(claims("alice").build(), h -> h.type(new JOSEObjectType(type)));
    assertThat(verifier.verify(token).isPresent()).isEqualTo(accepted);
  }

  @Test
  void aTokenWithACriticalHeaderIsRefused() {
    assertThat(
            verifier.verify(
                sign(
                    claims("alice").build(),
                    h -> h.base64URLEncodePayload(true).criticalParams(Set.of("b64")))))
        .isEmpty();
  }

  /** Without a key id, a key of another curve must not end the search. */
  @Test
  void aTokenWithoutAKeyIdIsCheckedWithEachKeyOfItsKind() throws Exception {
    ECKey otherCurve = new ECKeyGenerator(Curve.P_384).generate();
    JWSHeader header = new JWSHeader(JWSAlgorithm.ES256);
    assertThat(
            verifier(List.of("ES256"), otherCurve, TokenIssuer.EC)
                .verify(sign(claims("alice").build(), header, TokenIssuer.EC)))
        .isPresent();
  }

  @Test
  void aTokenMayBeSignedWithEd25519() throws Exception {
    KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    // The last 32 bytes of the encoded key are the key itself.
    byte[] encoded = pair.getPublic().getEncoded();
    Base64URL x =
        Base64URL.encode(Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length));
    JWK key = new OctetKeyPair.Builder(Curve.Ed25519, x).build();
    String signed =
        new JWSHeader(JWSAlgorithm.EdDSA).toBase64URL()
            + "."
            + claims("alice").build().toPayload().toBase64URL();
    Signature signer = Signature.getInstance("Ed25519");
    signer.initSign(pair.getPrivate());
    signer.update(signed.getBytes(StandardCharsets.US_ASCII));
    String token = signed + "." + Base64URL.encode(signer.sign());
    assertThat(verifier(List.of("EdDSA"), key).verify(token)).isPresent();
    assertThat(verifier(List.of("ES256"), key).verify(token)).isEmpty();
  }

  @Test
  void ofTwoTokensTheOneIssuedLaterIsNewer() {
    Token old = new Token(new Identity("alice", Set.of()), 1, 100);
    Token later = new Token(old.identity(), 2, 50);
    assertThat(later.isNewerThan(old)).isTrue();
    assertThat(old.isNewerThan(later)).isFalse();
    assertThat(old.isNewerThan(old)).isFalse();
  }
}
