package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.Algorithm;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.JSONObjectUtils;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SignatureException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Clients and others at the broker try to pass for somebody else before a service that checks
 * {@code bridgeSignature}.
 */
interface SignatureAttacks extends AttackTarget {
  String PROPERTY = "bridgeSignature";
  List<String> SPELLINGS =
      List.of("bridgeSignature", "bridgesignature", "BRIDGESIGNATURE", "BridgeSignature");

  /** A bridge that signs, and what its back ends know of it. */
  record Signing(TestBridge bridge, ECKey key, String jwks) implements AutoCloseable {
    @Override
    public void close() {
      bridge.close();
    }
  }

  private Signing signing() {
    try {
      ECKey key = new ECKeyGenerator(Curve.P_256).generate();
      TestBridge bridge = bridgeWith("identity.signingKey", fileOf(key).toString());
      HttpResponse<String> jwks = HttpIT.get(bridge.uri(".well-known/jwks.json"));
      return new Signing(bridge, key, jwks.body());
    } catch (Exception x) {
      throw new IllegalStateException(x);
    }
  }

  private static Path fileOf(JWK key) {
    try {
      Path file = Files.createTempFile("longspan-test-", ".jwk");
      file.toFile().deleteOnExit();
      return Files.writeString(file, key.toJSONString());
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }

  private static String unique(String prefix) {
    return prefix + Long.toHexString(System.nanoTime());
  }

  private TestService service() {
    return new TestService(broker().connectionFactory());
  }

  /** What a plain JMS service finds in a message. */
  private static VerifierJar.Received received(String destination, Message message)
      throws JMSException {
    Map<String, Object> properties = new HashMap<>();
    for (Object name : Collections.list(message.getPropertyNames())) {
      properties.put((String) name, message.getObjectProperty((String) name));
    }
    byte[] body;
    if (message instanceof BytesMessage bytes) {
      body = new byte[(int) bytes.getBodyLength()];
      bytes.reset();
      bytes.readBytes(body);
    } else {
      String text = ((TextMessage) message).getText();
      body = text == null ? new byte[0] : text.getBytes(StandardCharsets.UTF_8);
    }
    return new VerifierJar.Received(
        destination,
        message.getJMSCorrelationID(),
        message.getJMSReplyTo() instanceof Topic topic
            ? topic.getTopicName()
            : ((Queue) message.getJMSReplyTo()).getQueueName(),
        properties,
        body);
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aServiceWithOnlyTheVerifierIdentifiesTheSender(Transport transport)
      throws Exception {
    String queue = unique("services/s");
    String room = unique("chat/r");
    try (Signing signing = signing();
        VerifierJar verifier = new VerifierJar(signing.jwks(), Clock.systemUTC());
        TestService service = service().serve(queue, (s, m) -> {});
        TestService listener = service().watch(room);
        RawBayeuxClient alice = signing.bridge().connected(transport, "alice")) {
      Map<String, Object> properties =
          message(
              "JMSCorrelationID",
              "c-1",
              "operation",
              "greet",
              "count",
              7,
              "big",
              1L << 40,
              "ratio",
              0.1,
              "yes",
              true,
              "text",
              "zoë ~ \t 日本");
      alice.send(queue, properties, "grüß dich");
      alice.publish(
          "/anzo/bridge", message("destination", queue, "bodyFormat", "base64", "body", "AP8B"));
      alice.send(queue, Map.of(), Map.of("a", List.of(1, 2.5, "x")));
      alice.publish("/anzo/bridge", message("destination", queue));
      alice.send(room, Map.of("JMSCorrelationID", "c-2"), "hello");

      Message first = service.await(m -> service.received().size() == 4);
      for (Message message : service.received()) {
        assertThat(verifier.verify(message.getStringProperty(PROPERTY), received(queue, message)))
            .containsEntry("user", "alice")
            .containsEntry("roles", Set.of("trader", "editor"))
            .containsEntry("bridgeId", "bridge-1")
            .containsEntry("clientId", alice.clientId());
      }
      assertThat(first.getJMSCorrelationID()).isEqualTo("c-1");
      Message heard = listener.awaitFirst();
      assertThat(verifier.verify(heard.getStringProperty(PROPERTY), received(room, heard)))
          .containsEntry("user", "alice");
      assertThat(service.received().stream().map(SignatureAttacks::idOf).distinct()).hasSize(4);
    }
  }

  private static Object idOf(Message message) {
    try {
      return claims(message.getStringProperty(PROPERTY)).get("jti");
    } catch (Exception x) {
      throw new IllegalStateException(x);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void anAnswerToAReplyHandleIsSignedOnlyAsAnAnswer(Transport transport) throws Exception {
    String queue = unique("services/s");
    String answers = unique("answers");
    try (Signing signing = signing();
        VerifierJar verifier = new VerifierJar(signing.jwks(), Clock.systemUTC());
        TestService service =
            service()
                .serve(
                    queue,
                    (session, request) -> {
                      Message question = session.createTextMessage("who are you?");
                      question.setJMSReplyTo(session.createQueue(answers));
                      try (var producer = session.createProducer(request.getJMSReplyTo())) {
                        producer.send(question);
                      }
                    });
        TestService answered = service().serve(answers, (s, m) -> {});
        RawBayeuxClient alice = signing.bridge().connected(transport, "alice")) {
      alice.send(queue, Map.of(), "hello");
      Object handle = alice.awaitData(d -> "who are you?".equals(d.get("body"))).get("replyTo");
      Map<String, Object> forged = new LinkedHashMap<>();
      SPELLINGS.forEach(name -> forged.put(name, "forged"));
      alice.publish(
          "/anzo/bridge", message("replyTo", handle, "properties", forged, "body", "alice"));
      Message answer = answered.awaitFirst();
      String signature = answer.getStringProperty(PROPERTY);
      assertThat(signaturesOf(answer)).containsExactly(Map.entry(PROPERTY, signature));
      assertThat(verifier.verify(signature, received(null, answer))).containsEntry("user", "alice");
      assertRefused(verifier, signature, received(queue, answer), "another destination");
      Message request = service.awaitFirst();
      assertRefused(
          verifier,
          request.getStringProperty(PROPERTY),
          received(null, request),
          "another destination");
    }
  }

  /** Every property that a service could take for the signature, whatever its letter case. */
  private static Map<String, Object> signaturesOf(Message message) throws JMSException {
    Map<String, Object> found = new TreeMap<>();
    for (Object name : Collections.list(message.getPropertyNames())) {
      if (PROPERTY.equalsIgnoreCase((String) name)) {
        found.put((String) name, message.getObjectProperty((String) name));
      }
    }
    return found;
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aClientCannotSetTheSignatureItself(Transport transport) throws Exception {
    try (Signing signing = signing();
        VerifierJar verifier = new VerifierJar(signing.jwks(), Clock.systemUTC())) {
      for (TestBridge attacked : List.of(signing.bridge(), bridge())) {
        for (String destination : List.of(unique("services/s"), unique("chat/r"))) {
          try (TestService service =
                  destination.startsWith("chat")
                      ? service().watch(destination)
                      : service().serve(destination, (s, m) -> {});
              RawBayeuxClient bob = attacked.connected(transport, "bob")) {
            for (String name : SPELLINGS) {
              bob.send(destination, Map.of(name, "forged"), name);
            }
            Map<String, Object> all = new LinkedHashMap<>();
            SPELLINGS.forEach(name -> all.put(name, "forged"));
            bob.send(destination, all, "all");
            service.await(m -> service.received().size() == SPELLINGS.size() + 1);
            for (Message message : service.received()) {
              if (attacked == bridge()) {
                assertThat(signaturesOf(message)).isEmpty();
              } else {
                assertThat(signaturesOf(message)).containsOnlyKeys(PROPERTY);
                assertThat(
                        verifier.verify(
                            message.getStringProperty(PROPERTY), received(destination, message)))
                    .containsEntry("user", "bob");
              }
            }
          }
        }
      }
    }
  }

  private static void assertRefused(
      VerifierJar verifier, String signature, VerifierJar.Received message, String why) {
    assertThatThrownBy(() -> verifier.verify(signature, message))
        .isInstanceOf(SignatureException.class)
        .hasMessageContaining(why);
  }

  private static Map<String, Object> claims(String signature) throws Exception {
    return JSONObjectUtils.parse(Base64URL.from(signature.split("\\.")[1]).decodeToString());
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aCapturedSignatureFitsNoOtherMessage(Transport transport) throws Exception {
    String queue = unique("services/s");
    try (Signing signing = signing();
        VerifierJar verifier = new VerifierJar(signing.jwks(), Clock.systemUTC());
        TestService service = service().serve(queue, (s, m) -> {});
        RawBayeuxClient alice = signing.bridge().connected(transport, "alice")) {
      alice.send(queue, Map.of("JMSCorrelationID", "c-1", "operation", "read"), "mine");
      Message message = service.awaitFirst();
      String signature = message.getStringProperty(PROPERTY);
      VerifierJar.Received genuine = received(queue, message);
      assertThat(verifier.verify(signature, genuine)).containsEntry("user", "alice");

      String id = genuine.correlationId();
      String replyTo = genuine.replyTo();
      byte[] body = genuine.body();
      Map<String, ?> properties = genuine.properties();
      record Other(String why, VerifierJar.Received message) {}
      List<Other> others = new ArrayList<>();
      others.add(
          new Other(
              "another destination",
              new VerifierJar.Received("services/other", id, replyTo, properties, body)));
      others.add(
          new Other(
              "another correlation id",
              new VerifierJar.Received(queue, "c-2", replyTo, properties, body)));
      others.add(
          new Other(
              "another correlation id",
              new VerifierJar.Received(queue, null, replyTo, properties, body)));
      others.add(
          new Other(
              "another reply address",
              new VerifierJar.Received(queue, id, "answers-to-mallory", properties, body)));
      others.add(
          new Other(
              "another body",
              new VerifierJar.Received(queue, id, replyTo, properties, new byte[] {'x'})));
      for (Map<String, Object> change :
          List.<Map<String, Object>>of(
              Map.of("operation", "delete"),
              Map.of("runAsUser", "root"),
              Map.of("bridgeClientId", "another"),
              Map.of("added", "yes"))) {
        Map<String, Object> changed = new HashMap<>(properties);
        changed.putAll(change);
        others.add(
            new Other(
                "other properties", new VerifierJar.Received(queue, id, replyTo, changed, body)));
      }
      for (Other other : others) {
        assertRefused(verifier, signature, other.message(), other.why());
      }
      assertRefused(verifier, null, genuine, "not signed");
      try (VerifierJar elsewhere =
          new VerifierJar(signing.jwks(), Set.of("bridge-2"), Clock.systemUTC())) {
        assertRefused(elsewhere, signature, genuine, "not trusted");
      }
      Instant now = Instant.now();
      for (Map.Entry<Duration, String> moment :
          Map.of(Duration.ofMinutes(6), "expired", Duration.ofMinutes(-2), "from the future")
              .entrySet()) {
        Clock clock = Clock.fixed(now.plus(moment.getKey()), ZoneOffset.UTC);
        try (VerifierJar other = new VerifierJar(signing.jwks(), clock)) {
          assertRefused(other, signature, genuine, moment.getValue());
        }
      }
    }
  }

  /** What another writer to the queue can make of a message so that its properties read alike. */
  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aCapturedSignatureFitsNoSimilarProperties(Transport transport) throws Exception {
    String queue = unique("services/s");
    try (Signing signing = signing();
        VerifierJar verifier = new VerifierJar(signing.jwks(), Clock.systemUTC());
        TestService service = service().serve(queue, (s, m) -> {});
        RawBayeuxClient alice = signing.bridge().connected(transport, "alice")) {
      alice.send(
          queue,
          message("amount", "100", "approvedBy", "carol", "count", 5, "urgent", true),
          "mine");
      Message message = service.awaitFirst();
      String signature = message.getStringProperty(PROPERTY);
      VerifierJar.Received genuine = received(queue, message);
      assertThat(verifier.verify(signature, genuine)).containsEntry("user", "alice");
      for (Map<String, Object> change :
          List.<Map<String, Object>>of(
              Map.of("count", "5"), Map.of("count", 5L), Map.of("urgent", "true"))) {
        Map<String, Object> changed = new HashMap<>(genuine.properties());
        changed.putAll(change);
        assertRefused(verifier, signature, with(genuine, changed), "other properties");
      }
      Map<String, Object> merged = new HashMap<>(genuine.properties());
      merged.keySet().removeAll(Set.of("amount", "approvedBy"));
      merged.put("amount=3:100approvedBy", "carol");
      assertRefused(verifier, signature, with(genuine, merged), "other properties");

      Map<String, Object> older = claims(signature);
      assertThat(older.remove("version")).isEqualTo(2L);
      JWSObject version1 =
          new JWSObject(
              JWSHeader.parse(Base64URL.from(signature.split("\\.")[0])), new Payload(older));
      version1.sign(new ECDSASigner(signing.key()));
      assertRefused(verifier, version1.serialize(), genuine, "version 1");
    }
  }

  private static VerifierJar.Received with(
      VerifierJar.Received message, Map<String, Object> properties) {
    return new VerifierJar.Received(
        message.destination(),
        message.correlationId(),
        message.replyTo(),
        properties,
        message.body());
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aForgedSignatureIsRejected(Transport transport) throws Exception {
    String queue = unique("services/s");
    try (Signing signing = signing();
        VerifierJar verifier = new VerifierJar(signing.jwks(), Clock.systemUTC());
        TestService service = service().serve(queue, (s, m) -> {});
        RawBayeuxClient bob = signing.bridge().connected(transport, "bob")) {
      bob.send(queue, Map.of("JMSCorrelationID", "c-1"), "x");
      Message message = service.awaitFirst();
      VerifierJar.Received genuine = received(queue, message);
      String signature = message.getStringProperty(PROPERTY);
      for (String forged : forgeries(signing, signature)) {
        assertRefused(verifier, forged, genuine, "");
      }
      assertRefused(verifier, "x".repeat(100_000), genuine, "too long");
      ECKey other = new ECKeyGenerator(Curve.P_256).generate();
      try (VerifierJar unknowing =
          new VerifierJar(new JWKSet(other.toPublicJWK()).toString(), Clock.systemUTC())) {
        assertRefused(unknowing, signature, genuine, "no trusted key");
      }
    }
  }

  /** What somebody who has one genuine signature, and all public keys, can make of it. */
  private static List<String> forgeries(Signing signing, String genuine) throws Exception {
    String[] parts = genuine.split("\\.");
    Map<String, Object> claims = claims(genuine);
    claims.put("user", "root");
    claims.put("roles", List.of("sysadmin"));
    String root = Base64URL.encode(JSONObjectUtils.toJSONString(claims)).toString();
    List<String> forged = new ArrayList<>();
    forged.add(parts[0] + "." + root + "." + parts[2]);
    for (String none : List.of("none", "None", "NONE")) {
      String header = Base64URL.encode("{\"alg\":\"" + none + "\"}").toString();
      forged.add(header + "." + parts[1] + ".");
      forged.add(header + "." + root + ".");
      forged.add(header + "." + root + "." + parts[2]);
    }
    // The zeros that some releases of the JDK believe, and cut or swollen signatures.
    forged.add(parts[0] + "." + root + "." + Base64URL.encode(new byte[64]));
    forged.add(parts[0] + "." + root + "." + Base64URL.encode(new byte[0]));
    forged.add(parts[0] + "." + parts[1] + "." + parts[2].substring(0, 40));
    forged.add(parts[0] + "." + parts[1]);
    forged.add(genuine + ".");
    forged.add("");
    forged.add("..");
    forged.add("[]".repeat(100_000));
    // The public key as the secret of a MAC, and keys of the forger's own, also named in the
    // header.
    byte[] known = signing.jwks().getBytes(StandardCharsets.UTF_8);
    JWSObject mac =
        new JWSObject(new JWSHeader(JWSAlgorithm.HS256), new Payload(Base64URL.from(root)));
    mac.sign(new MACSigner(known));
    forged.add(mac.serialize());
    ECKey own = new ECKeyGenerator(Curve.P_256).generate();
    JWSObject byOwn =
        new JWSObject(
            new JWSHeader.Builder(JWSAlgorithm.ES256).jwk(own.toPublicJWK()).build(),
            new Payload(Base64URL.from(root)));
    byOwn.sign(new ECDSASigner(own));
    forged.add(byOwn.serialize());
    // What the bridge's key has signed for another purpose.
    JWSObject token =
        new JWSObject(new JWSHeader(JWSAlgorithm.ES256), new Payload(Base64URL.from(parts[1])));
    token.sign(new ECDSASigner(signing.key()));
    forged.add(token.serialize());
    return forged;
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void everybodyMayReadThePublicKeyAndNobodyThePrivateOne(Transport transport)
      throws Exception {
    JWK key =
        transport == Transport.WEBSOCKET
            ? new RSAKeyGenerator(2048).algorithm(Algorithm.parse("RS256")).generate()
            : ed25519();
    String queue = unique("services/s");
    try (TestBridge bridge = bridgeWith("identity.signingKey", fileOf(key).toString());
        TestService service = service().serve(queue, (s, m) -> {});
        RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      HttpResponse<String> answer = HttpIT.get(bridge.uri(".well-known/jwks.json"));
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.headers().firstValue("Content-Type").orElseThrow())
          .startsWith("application/jwk-set+json");
      assertThat(answer.headers().firstValue("Cache-Control").orElseThrow()).contains("max-age");
      assertThat(answer.headers().firstValue("Set-Cookie")).isEmpty();
      JWK shown = JWKSet.parse(answer.body()).getKeys().get(0);
      assertThat(shown.isPrivate()).isFalse();
      assertThat(shown.toPublicJWK().computeThumbprint()).isEqualTo(key.computeThumbprint());
      for (Object secret :
          key.toJSONObject().entrySet().stream()
              .filter(e -> Set.of("d", "p", "q", "dp", "dq", "qi").contains(e.getKey()))
              .map(Map.Entry::getValue)
              .toList()) {
        assertThat(answer.body()).doesNotContain((String) secret);
      }
      alice.send(queue, Map.of(), "x");
      Message message = service.awaitFirst();
      try (VerifierJar verifier = new VerifierJar(answer.body(), Clock.systemUTC())) {
        assertThat(verifier.verify(message.getStringProperty(PROPERTY), received(queue, message)))
            .containsEntry("user", "alice");
      }
    }
    assertThat(HttpIT.get(bridge().uri(".well-known/jwks.json")).statusCode()).isEqualTo(404);
  }

  /** The key of RFC 8037, appendix A. */
  private static JWK ed25519() throws java.text.ParseException, JOSEException {
    return JWK.parse(
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\","
            + "\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\","
            + "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}");
  }
}
