package io.longspan.verifier;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.RSAPublicKeySpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Verifies the JMS property {@code bridgeSignature}: a trusted bridge has forwarded exactly this
 * message, recently, for the user in the signature. {@code docs/verifiable-identity.md} describes
 * the signature.
 *
 * <p>The key determines the algorithm, never the signature. Header and claims are parsed only after
 * the signature was verified. Immutable and safe for use by many threads; no method blocks.
 *
 * <pre>{@code
 * var verifier = new BridgeSignatureVerifier(
 *     jwks, Set.of("bridge-1"), Duration.ofMinutes(5), Duration.ofSeconds(30), Clock.systemUTC());
 * var sender = verifier.verify(
 *     message.getStringProperty("bridgeSignature"),
 *     new Received("services/orders", message.getJMSCorrelationID(), replyToName, properties, body));
 * }</pre>
 */
public final class BridgeSignatureVerifier {
  private static final String TYPE = "bridge-message+jwt";
  private static final int MAX_LENGTH = 1 << 16;

  private record Key(String algorithm, String jdkName, PublicKey key) {}

  /**
   * A message as the service received it; all fields must be unchanged.
   *
   * @param destination logical name of the service, for example {@code services/orders}; null for a
   *     client's reply to a message of the service
   * @param correlationId {@code JMSCorrelationID}; null if the message has none
   * @param replyTo name of the destination in {@code JMSReplyTo}. Use null only if the service does
   *     not answer to it: otherwise a copied message could redirect the answer
   * @param properties all JMS properties by name, as {@code getPropertyNames} and {@code
   *     getObjectProperty} return them
   * @param body text of a text message in UTF-8, or bytes of a bytes message; empty without a body
   */
  public record Received(
      String destination,
      String correlationId,
      String replyTo,
      Map<String, ?> properties,
      byte[] body) {}

  /**
   * Sender of a message, as signed by the bridge.
   *
   * @param user authenticated user
   * @param roles roles of the user at that time
   * @param bridgeId bridge that forwarded the message
   * @param clientId Bayeux client id under which the client connected
   * @param issuedAt time at which the bridge forwarded the message, in whole seconds
   * @param id identifies the signature; messages with the same id are copies or redeliveries
   */
  public record Sender(
      String user,
      Set<String> roles,
      String bridgeId,
      String clientId,
      Instant issuedAt,
      String id) {}

  private final List<Key> keys;
  private final Set<String> bridges;
  private final Duration maxAge;
  private final Duration clockSkew;
  private final Clock clock;
  private final boolean acceptsVersion1;

  /**
   * Creates a verifier.
   *
   * @param jwks JSON text of {@code /.well-known/jwks.json}. For several bridges, or while a key is
   *     replaced, use one set with all keys
   * @param bridges ids of the accepted bridges
   * @param maxAge maximum age of a signature
   * @param clockSkew tolerated difference between the clocks of bridge and service
   * @param clock current time
   * @throws IllegalArgumentException if the set is malformed or contains no usable key
   */
  public BridgeSignatureVerifier(
      String jwks, Set<String> bridges, Duration maxAge, Duration clockSkew, Clock clock) {
    this(keys(jwks), Set.copyOf(bridges), maxAge, clockSkew, clock, false);
  }

  private BridgeSignatureVerifier(
      List<Key> keys,
      Set<String> bridges,
      Duration maxAge,
      Duration clockSkew,
      Clock clock,
      boolean acceptsVersion1) {
    this.keys = keys;
    this.bridges = bridges;
    this.maxAge = maxAge;
    this.clockSkew = clockSkew;
    this.clock = clock;
    this.acceptsVersion1 = acceptsVersion1;
  }

  /**
   * Returns a verifier that also accepts version 1 signatures of earlier bridges. Use it only
   * during an upgrade.
   *
   * <p>Version 1 does not distinguish {@code 5} from {@code "5"}, or one property from two. Anyone
   * who can write to the service's queue can exploit this.
   *
   * @return another verifier; this one is unchanged
   */
  public BridgeSignatureVerifier acceptingVersion1() {
    return new BridgeSignatureVerifier(keys, bridges, maxAge, clockSkew, clock, true);
  }

  /**
   * Verifies a signature and its message.
   *
   * @param signature value of {@code bridgeSignature}; null if the message has none
   * @param message the message with the signature
   * @return sender of the message
   * @throws SignatureException if anything does not match; the message is meant for the log
   */
  public Sender verify(String signature, Received message) throws SignatureException {
    require(signature != null, "the message is not signed");
    require(signature.length() <= MAX_LENGTH, "the signature is too long");
    String[] parts = signature.split("\\.", -1);
    require(parts.length == 3, "the signature is not a compact JWS");
    Key key = keyOf(parts);
    Map<String, Object> header = object(parts[0]);
    require(TYPE.equals(header.get("typ")), "the signature has an unexpected type");
    require(key.algorithm().equals(header.get("alg")), "the signature names another algorithm");
    require(!header.containsKey("crit"), "the signature has critical extensions");
    Map<String, Object> claims = object(parts[1]);
    Instant issuedAt = Instant.ofEpochSecond(claim(claims, "iat", BigInteger.class).longValue());
    Instant now = clock.instant();
    require(!issuedAt.isAfter(now.plus(clockSkew)), "the signature is from the future");
    require(!issuedAt.isBefore(now.minus(maxAge).minus(clockSkew)), "the signature has expired");
    String bridge = claim(claims, "bridgeId", String.class);
    require(bridges.contains(bridge), "the signature is from a bridge that is not trusted");
    requireMadeFor(message, claims);
    List<String> roles = new ArrayList<>();
    for (Object role : claim(claims, "roles", List.class)) {
      roles.add((String) role);
    }
    return new Sender(
        claim(claims, "user", String.class),
        Set.copyOf(roles),
        bridge,
        claim(claims, "bridgeClientId", String.class),
        issuedAt,
        claim(claims, "jti", String.class));
  }

  private void requireMadeFor(Received message, Map<String, Object> claims)
      throws SignatureException {
    boolean reply = Boolean.TRUE.equals(claims.get("reply"));
    require(
        message.destination() == null
            ? reply
            : !reply && message.destination().equals(claims.get("destination")),
        "the signature is for another destination");
    Object correlationId = claims.get("correlationId");
    require(
        message.correlationId() == null
            ? correlationId == null
            : message.correlationId().equals(correlationId),
        "the signature is for another correlation id");
    require(
        message.replyTo() == null || isHash(claims, "replyToHash", utf8(message.replyTo())),
        "the signature is for another reply address");
    require(
        isHash(claims, "propertiesHash", canonical(message.properties(), claims)),
        "the signature is for other properties");
    require(isHash(claims, "bodyHash", message.body()), "the signature is for another body");
  }

  private byte[] canonical(Map<String, ?> properties, Map<String, Object> claims)
      throws SignatureException {
    Object version = claims.getOrDefault("version", BigInteger.ONE); // Version 1 has no such claim.
    try {
      if (version.equals(BigInteger.TWO)) {
        return CanonicalProperties.version2(properties);
      }
      require(version.equals(BigInteger.ONE), "the version of the signature is unknown");
      require(acceptsVersion1, "the signature has version 1, which is not accepted");
      return CanonicalProperties.version1(properties);
    } catch (IllegalArgumentException x) {
      throw new SignatureException("the signature is for other properties", x);
    }
  }

  private static boolean isHash(Map<String, Object> claims, String name, byte[] bytes)
      throws SignatureException {
    try {
      byte[] actual = MessageDigest.getInstance("SHA-256").digest(bytes);
      return MessageDigest.isEqual(actual, base64(claim(claims, name, String.class)));
    } catch (GeneralSecurityException x) {
      throw new SignatureException(x);
    }
  }

  private Key keyOf(String[] parts) throws SignatureException {
    byte[] content = (parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII);
    byte[] given = base64(parts[2]);
    for (Key key : keys) {
      if (isSignature(key, content, given)) {
        return key;
      }
    }
    throw new SignatureException("no trusted key has made the signature");
  }

  private static boolean isSignature(Key key, byte[] content, byte[] given) {
    if (key.algorithm().equals("ES256") && (given.length != 64 || hasZeroHalf(given))) {
      return false; // Some JDK releases accept zeros.
    }
    try {
      Signature verification = Signature.getInstance(key.jdkName());
      verification.initVerify(key.key());
      verification.update(content);
      return verification.verify(given);
    } catch (GeneralSecurityException x) {
      return false;
    }
  }

  private static boolean hasZeroHalf(byte[] signature) {
    return new BigInteger(1, signature, 0, 32).signum() == 0
        || new BigInteger(1, signature, 32, 32).signum() == 0;
  }

  private static void require(boolean condition, String otherwise) throws SignatureException {
    if (!condition) {
      throw new SignatureException(otherwise);
    }
  }

  private static <T> T claim(Map<String, Object> claims, String name, Class<T> type)
      throws SignatureException {
    Object value = claims.get(name);
    require(type.isInstance(value), "the signature has no valid claim " + name);
    return type.cast(value);
  }

  private static byte[] base64(String text) throws SignatureException {
    try {
      return Base64.getUrlDecoder().decode(text);
    } catch (IllegalArgumentException x) {
      throw new SignatureException("the signature is not base64url", x);
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Map<String, Object> object(String part) throws SignatureException {
    try {
      return Json.object(new String(base64(part), StandardCharsets.UTF_8));
    } catch (IllegalArgumentException x) {
      throw new SignatureException("the signature contains no JSON object", x);
    }
  }

  private static List<Key> keys(String jwks) {
    List<Key> keys = new ArrayList<>();
    if (Json.object(jwks).get("keys") instanceof List<?> list) {
      for (Object entry : list) {
        if (entry instanceof Map<?, ?> jwk) {
          try {
            key(jwk, keys);
          } catch (GeneralSecurityException | RuntimeException x) {
            throw new IllegalArgumentException("a key of the set is invalid", x);
          }
        }
      }
    }
    if (keys.isEmpty()) {
      throw new IllegalArgumentException("the set contains no EC P-256, Ed25519 or RSA key");
    }
    return List.copyOf(keys);
  }

  private static void key(Map<?, ?> jwk, List<Key> keys) throws GeneralSecurityException {
    if ("EC".equals(jwk.get("kty")) && "P-256".equals(jwk.get("crv"))) {
      AlgorithmParameters curve = AlgorithmParameters.getInstance("EC");
      curve.init(new ECGenParameterSpec("secp256r1"));
      ECPublicKeySpec point =
          new ECPublicKeySpec(
              new ECPoint(number(jwk, "x"), number(jwk, "y")),
              curve.getParameterSpec(ECParameterSpec.class));
      PublicKey key = KeyFactory.getInstance("EC").generatePublic(point);
      keys.add(new Key("ES256", "SHA256withECDSAinP1363Format", key));
    } else if ("OKP".equals(jwk.get("kty")) && "Ed25519".equals(jwk.get("crv"))) {
      byte[] x = Base64.getUrlDecoder().decode((String) jwk.get("x"));
      byte[] bigEndian = new byte[32];
      for (int i = 0; i < 32; i++) {
        bigEndian[i] = x[31 - i];
      }
      boolean odd = (bigEndian[0] & 0x80) != 0;
      bigEndian[0] &= 0x7F;
      EdECPoint point = new EdECPoint(odd, new BigInteger(1, bigEndian));
      PublicKey key =
          KeyFactory.getInstance("Ed25519")
              .generatePublic(new EdECPublicKeySpec(NamedParameterSpec.ED25519, point));
      keys.add(new Key("EdDSA", "Ed25519", key));
    } else if ("RSA".equals(jwk.get("kty"))) {
      RSAPublicKeySpec spec = new RSAPublicKeySpec(number(jwk, "n"), number(jwk, "e"));
      PublicKey key = KeyFactory.getInstance("RSA").generatePublic(spec);
      if (((RSAPublicKey) key).getModulus().bitLength() >= 2048) {
        keys.add(new Key("RS256", "SHA256withRSA", key));
      }
    }
  }

  private static BigInteger number(Map<?, ?> jwk, String name) {
    return new BigInteger(1, Base64.getUrlDecoder().decode((String) jwk.get(name)));
  }

  /** Parser for the JSON that a bridge writes; it rejects all other JSON. */
  private static final class Json {
    private static final int DEEPEST = 8;
    private final String text;
    private int at;

    private Json(String text) {
      this.text = text;
    }

    /** Parses exactly one object. */
    static Map<String, Object> object(String text) {
      Json json = new Json(text);
      if (json.peek() != '{') {
        throw json.wrong();
      }
      @SuppressWarnings("unchecked")
      Map<String, Object> object = (Map<String, Object>) json.value(0);
      if (json.peek() != 0) {
        throw json.wrong();
      }
      return object;
    }

    private Object value(int depth) {
      if (depth > DEEPEST) {
        throw wrong();
      }
      char next = peek();
      if (next == '{') {
        return members(depth);
      }
      if (next == '[') {
        return elements(depth);
      }
      if (next == '"') {
        return string();
      }
      int start = at;
      while (at < text.length() && "-0123456789truefalsn".indexOf(text.charAt(at)) >= 0) {
        at++;
      }
      String word = text.substring(start, at);
      return switch (word) {
        case "true" -> true;
        case "false" -> false;
        default -> {
          if (!word.matches("-?\\d{1,18}")) {
            throw wrong();
          }
          yield new BigInteger(word);
        }
      };
    }

    private Map<String, Object> members(int depth) {
      Map<String, Object> members = new HashMap<>();
      at++;
      if (peek() == '}') {
        at++;
        return members;
      }
      do {
        if (peek() != '"') {
          throw wrong();
        }
        String name = string();
        take(':');
        if (members.put(name, value(depth + 1)) != null) {
          throw wrong();
        }
      } while (goesOn('}'));
      return members;
    }

    private List<Object> elements(int depth) {
      List<Object> elements = new ArrayList<>();
      at++;
      if (peek() == ']') {
        at++;
        return elements;
      }
      do {
        elements.add(value(depth + 1));
      } while (goesOn(']'));
      return elements;
    }

    private boolean goesOn(char end) {
      if (peek() == end) {
        at++;
        return false;
      }
      take(',');
      return true;
    }

    private String string() {
      StringBuilder string = new StringBuilder();
      for (at++; at < text.length(); at++) {
        char c = text.charAt(at);
        if (c == '"') {
          at++;
          return string.toString();
        }
        if (c < ' ') {
          throw wrong();
        }
        string.append(c == '\\' ? escaped() : c);
      }
      throw wrong();
    }

    private char escaped() {
      at++;
      char c = at < text.length() ? text.charAt(at) : 0;
      int plain = "\"\\/bfnrt".indexOf(c);
      if (plain >= 0) {
        return "\"\\/\b\f\n\r\t".charAt(plain);
      }
      if (c != 'u' || at + 4 >= text.length()) {
        throw wrong();
      }
      String digits = text.substring(at + 1, at + 5);
      if (!digits.matches("[0-9A-Fa-f]{4}")) {
        throw wrong();
      }
      at += 4;
      return (char) Integer.parseInt(digits, 16);
    }

    private void take(char expected) {
      if (peek() != expected) {
        throw wrong();
      }
      at++;
    }

    /** Skips white space. Returns the next character without consuming it, or 0 at the end. */
    private char peek() {
      while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
        at++;
      }
      return at < text.length() ? text.charAt(at) : 0;
    }

    private IllegalArgumentException wrong() {
      return new IllegalArgumentException("unexpected JSON at " + at);
    }
  }
}
