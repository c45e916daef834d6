package io.longspan.signing;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.JSONObjectUtils;
import io.longspan.config.ConfigException;
import io.longspan.protocol.MessageBody;
import io.longspan.protocol.SendCommand;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.text.ParseException;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Private key that signs the sender of messages. Safe for use by many threads.
 *
 * <p>The JDK computes the signatures, because nimbus would need a further library for Ed25519.
 */
public final class SigningKey implements IdentitySigner {
  /**
   * JWS type; it prevents the use of a message signature as a token, and of a token as a signature.
   */
  static final String TYPE = "bridge-message+jwt";

  private static final String ALLOWED =
      "a readable file with one private key as JWK: EC with the curve P-256, OKP with the curve"
          + " Ed25519, or RSA of 2048 bits or more";

  /** A key pair, and the names of its algorithm in JOSE and in the JDK. */
  private record Pair(
      JWK jwk, JWSAlgorithm algorithm, String jdkName, PrivateKey secret, PublicKey known) {}

  private final Pair pair;
  private final Clock clock;
  private final String header;
  private final String publicKeySet;

  private SigningKey(Pair pair, Clock clock) throws JOSEException {
    this.pair = pair;
    this.clock = clock;
    JWK jwk = pair.jwk();
    String id = jwk.getKeyID() == null ? jwk.computeThumbprint().toString() : jwk.getKeyID();
    this.header =
        new JWSHeader.Builder(pair.algorithm())
            .type(new JOSEObjectType(TYPE))
            .keyID(id)
            .build()
            .toBase64URL()
            .toString();
    Map<String, Object> known = new LinkedHashMap<>(jwk.toPublicJWK().getRequiredParams());
    known.put("use", "sig");
    known.put("alg", pair.algorithm().getName());
    known.put("kid", id);
    this.publicKeySet = JSONObjectUtils.toJSONString(Map.of("keys", List.of(known)));
  }

  /**
   * Reads a private key; blocks.
   *
   * @param file one private JWK
   * @param clock time of issue of signatures
   * @throws ConfigException if the key is unusable; the message is one line without key material
   */
  public static SigningKey read(Path file, Clock clock) {
    try {
      Pair pair = pair(JWK.parse(Files.readString(file)), file);
      byte[] probe = file.toString().getBytes(StandardCharsets.UTF_8);
      Signature verification = Signature.getInstance(pair.jdkName());
      verification.initVerify(pair.known());
      verification.update(probe);
      if (!verification.verify(signature(pair, probe))) {
        throw refused(file, "its public part belongs to another private key");
      }
      return new SigningKey(pair, clock);
    } catch (IOException x) {
      throw refused(file, "it cannot be read as text");
    } catch (ParseException x) {
      throw refused(file, "it is not a JWK");
    } catch (JOSEException | GeneralSecurityException | RuntimeException x) {
      throw x instanceof ConfigException wrong ? wrong : refused(file, "it is not a usable key");
    }
  }

  private static ConfigException refused(Path file, String why) {
    return new ConfigException(
        "identity.signingKey: \"%s\" is not allowed: %s; allowed: %s"
            .formatted(file, why, ALLOWED));
  }

  private static Pair pair(JWK jwk, Path file) throws JOSEException, GeneralSecurityException {
    if (!jwk.isPrivate()) {
      throw refused(file, "it contains no private key");
    }
    Pair pair = null;
    if (jwk instanceof ECKey key && key.getCurve().equals(Curve.P_256)) {
      pair =
          new Pair(
              jwk,
              JWSAlgorithm.ES256,
              "SHA256withECDSAinP1363Format",
              key.toECPrivateKey(),
              key.toECPublicKey());
    } else if (jwk instanceof RSAKey key && key.size() >= 2048) {
      pair =
          new Pair(
              jwk,
              JWSAlgorithm.RS256,
              "SHA256withRSA",
              key.toRSAPrivateKey(),
              key.toRSAPublicKey());
    } else if (jwk instanceof OctetKeyPair key && key.getCurve().equals(Curve.Ed25519)) {
      pair = ed25519(key);
    }
    if (pair == null) {
      throw refused(file, "the kind, curve or size of its key is not supported");
    }
    if ((jwk.getAlgorithm() != null && !jwk.getAlgorithm().equals(pair.algorithm()))
        || (jwk.getKeyUse() != null && !jwk.getKeyUse().equals(KeyUse.SIGNATURE))) {
      throw refused(file, "its alg or use does not allow this bridge to sign with it");
    }
    return pair;
  }

  private static Pair ed25519(OctetKeyPair key) throws GeneralSecurityException {
    KeyFactory factory = KeyFactory.getInstance("Ed25519");
    byte[] x = key.getDecodedX();
    byte[] bigEndian = new byte[x.length];
    for (int i = 0; i < x.length; i++) {
      bigEndian[i] = x[x.length - 1 - i];
    }
    boolean odd = (bigEndian[0] & 0x80) != 0;
    bigEndian[0] &= 0x7F;
    EdECPoint point = new EdECPoint(odd, new BigInteger(1, bigEndian));
    return new Pair(
        key,
        JWSAlgorithm.EdDSA,
        "Ed25519",
        factory.generatePrivate(
            new EdECPrivateKeySpec(NamedParameterSpec.ED25519, key.getDecodedD())),
        factory.generatePublic(new EdECPublicKeySpec(NamedParameterSpec.ED25519, point)));
  }

  /** Returns the public key as a JWK set in JSON. */
  public String publicKeySet() {
    return publicKeySet;
  }

  @Override
  public Optional<String> sign(Statement statement) {
    String content = header + "." + base64(utf8(JSONObjectUtils.toJSONString(claims(statement))));
    try {
      return Optional.of(content + "." + base64(signature(pair, utf8(content))));
    } catch (GeneralSecurityException x) {
      throw new IllegalStateException("the signing key has become unusable", x);
    }
  }

  private Map<String, Object> claims(Statement statement) {
    Map<String, Object> claims = new LinkedHashMap<>();
    claims.put("version", SignedProperties.VERSION);
    claims.put("user", statement.sender().user());
    claims.put("roles", List.copyOf(statement.sender().roles()));
    claims.put("bridgeId", statement.bridgeId());
    claims.put("bridgeClientId", statement.clientId());
    statement.correlationId().ifPresent(id -> claims.put("correlationId", id));
    if (statement.target() instanceof SendCommand.Destination destination) {
      claims.put("destination", destination.name().value());
    } else {
      claims.put("reply", true);
    }
    claims.put("iat", clock.instant().getEpochSecond());
    claims.put("jti", UUID.randomUUID().toString());
    claims.put("replyToHash", hash(utf8(statement.replyTo())));
    claims.put("propertiesHash", hash(SignedProperties.canonical(statement.properties())));
    claims.put("bodyHash", hash(bytes(statement.body())));
    return claims;
  }

  private static byte[] bytes(MessageBody body) {
    if (body instanceof MessageBody.Bytes binary) {
      return binary.bytes();
    }
    String text = ((MessageBody.Text) body).text();
    return text == null ? new byte[0] : utf8(text);
  }

  private static String hash(byte[] bytes) {
    try {
      return base64(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException x) {
      throw new IllegalStateException(x);
    }
  }

  private static byte[] signature(Pair pair, byte[] content) throws GeneralSecurityException {
    Signature signing = Signature.getInstance(pair.jdkName());
    signing.initSign(pair.secret());
    signing.update(content);
    return signing.sign();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String base64(byte[] bytes) {
    return Base64URL.encode(bytes).toString();
  }

  /** Returns the algorithm only. */
  @Override
  public String toString() {
    return "SigningKey[%s]".formatted(pair.algorithm());
  }
}
