package io.longspan.signing;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import io.longspan.identity.Identity;
import io.longspan.protocol.DestinationName;
import io.longspan.protocol.MessageBody;
import io.longspan.protocol.SendCommand;
import io.longspan.verifier.BridgeSignatureVerifier;
import io.longspan.verifier.GoldenProperties;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SignatureException;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * A signature fits the properties that it was made for, and no others; a failure prints its seed.
 */
final class SignatureProperties {
  private final SigningKey key;
  private final BridgeSignatureVerifier verifier;

  SignatureProperties() throws Exception {
    Path file = Files.createTempFile("longspan-test-", ".jwk");
    try {
      Files.writeString(file, new ECKeyGenerator(Curve.P_256).generate().toJSONString());
      key = SigningKey.read(file, Clock.systemUTC());
    } finally {
      Files.delete(file);
    }
    verifier =
        new BridgeSignatureVerifier(
            key.publicKeySet(),
            Set.of("bridge-1"),
            Duration.ofMinutes(5),
            Duration.ofSeconds(30),
            Clock.systemUTC());
  }

  /** Two sets of properties; the second is likely to read like the first. */
  record Pair(Map<String, Object> signed, Map<String, Object> received) {}

  /** Texts of what the canonical forms are made of. */
  private static Arbitrary<String> texts() {
    return Arbitraries.of(
            "a", "b", "1", "3", "5", ":", "=", ";", "1:", "=1:", "=string:1:", ";1:", "true", "-")
        .list()
        .ofMaxSize(4)
        .map(pieces -> String.join("", pieces));
  }

  private static Arbitrary<Map<String, Object>> properties() {
    Arbitrary<Object> values =
        Arbitraries.oneOf(
            texts().map(text -> text),
            Arbitraries.of(true, false, 1, 5, -1, 1L, 5L, 1.0, 5.0, -0.0, 0.0));
    return Arbitraries.maps(texts().filter(name -> !name.isEmpty()), values).ofMaxSize(3);
  }

  @Provide
  Arbitrary<Pair> pairs() {
    Arbitrary<Map<String, Object>> any = properties();
    Arbitrary<Integer> cuts = Arbitraries.integers().between(0, 80);
    return Arbitraries.oneOf(
        Combinators.combine(any, any).as(Pair::new),
        any.map(signed -> new Pair(signed, new HashMap<>(signed))),
        any.map(signed -> new Pair(signed, retyped(signed))),
        Combinators.combine(any, cuts).as((signed, cut) -> new Pair(signed, cut(signed, cut))),
        any.map(signed -> new Pair(signed, merged(signed))));
  }

  /** Keeps what each value looks like and changes its type. */
  private static Map<String, Object> retyped(Map<String, Object> signed) {
    Map<String, Object> retyped = new HashMap<>();
    signed.forEach(
        (name, value) ->
            retyped.put(
                name, value instanceof Integer whole ? whole.longValue() : String.valueOf(value)));
    return retyped;
  }

  /** Takes the canonical text apart at another place, into one property. */
  private static Map<String, Object> cut(Map<String, Object> signed, int at) {
    String text = new String(SignedProperties.canonical(signed), StandardCharsets.UTF_8);
    int cut = Math.min(at, text.length());
    return Map.of(text.substring(0, cut) + "x", text.substring(cut));
  }

  /** One property whose name holds all the others, as version 1 wrote them. */
  private static Map<String, Object> merged(Map<String, Object> signed) {
    StringBuilder text = new StringBuilder();
    Object last = "";
    for (Map.Entry<String, Object> property : new TreeMap<>(signed).entrySet()) {
      String value = String.valueOf(last);
      text.append(text.isEmpty() ? "" : "=" + value.length() + ":" + value);
      text.append(property.getKey());
      last = property.getValue();
    }
    return Map.of(text.toString(), last);
  }

  private String sign(Map<String, Object> properties) {
    return key.sign(
            new IdentitySigner.Statement(
                new Identity("alice", Set.of("trader")),
                "bridge-1",
                "1abc",
                Optional.empty(),
                new SendCommand.Destination(DestinationName.parse("services/orders")),
                "answers",
                properties,
                new MessageBody.Text("buy", "text")))
        .orElseThrow();
  }

  private boolean fits(String signature, Map<String, Object> properties) {
    try {
      verifier.verify(
          signature,
          new BridgeSignatureVerifier.Received(
              "services/orders",
              null,
              "answers",
              properties,
              "buy".getBytes(StandardCharsets.UTF_8)));
      return true;
    } catch (SignatureException refusal) {
      return false;
    }
  }

  @Property(tries = 1000)
  void aSignatureFitsTheSamePropertiesOnly(@ForAll("pairs") Pair pair) {
    assertThat(fits(sign(pair.signed()), pair.received()))
        .isEqualTo(pair.signed().equals(pair.received()));
  }

  @Example
  void propertiesHaveTheirGoldenForm() {
    GoldenProperties.all()
        .forEach(
            golden ->
                assertThat(SignedProperties.canonical(golden.properties()))
                    .as(golden.name())
                    .asString(StandardCharsets.UTF_8)
                    .isEqualTo(golden.canonical()));
  }

  @Example
  void propertiesWhoseVersion1WasAlikeDiffer() {
    String two = sign(Map.of("amount", "100", "approvedBy", "carol"));
    assertThat(fits(two, Map.of("amount", "100", "approvedBy", "carol"))).isTrue();
    assertThat(fits(two, Map.of("amount=3:100approvedBy", "carol"))).isFalse();
    assertThat(fits(sign(Map.of("flag", true)), Map.of("flag", "true"))).isFalse();
    assertThat(fits(sign(Map.of("count", 5)), Map.of("count", "5"))).isFalse();
    assertThat(fits(sign(Map.of("count", 5)), Map.of("count", 5L))).isFalse();
  }
}
