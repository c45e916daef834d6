package io.longspan.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.catalogue.DestinationCatalogue.Match;
import io.longspan.config.LongspanConfig.Dialect;
import io.longspan.identity.Identity;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.DestinationName;
import java.text.Normalizer;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What holds for every name and every user; a failure prints its seed. */
final class NameProperties {
  private static final Identity ALICE = new Identity("alice", Set.of());

  /** What brokers, catalogues and escapes are made of, in any order. */
  @Provide
  Arbitrary<String> hostile() {
    Arbitrary<String> pieces =
        Arbitraries.of(
            "a",
            "b",
            "x",
            ".",
            "..",
            "/",
            "-",
            "%",
            "%2E",
            "%25",
            "%2e",
            "2E",
            "25",
            "~",
            "~2E",
            ":",
            "::",
            "://",
            "ID:",
            "temp-topic://",
            "queue://",
            ",",
            ">",
            "*",
            "**",
            "#",
            "?",
            "$",
            "$sys",
            "ActiveMQ.",
            "activemq.",
            "Advisory",
            "bridge",
            "bridge/",
            "push",
            "DLQ",
            "ExpiryQueue",
            "VirtualTopic.",
            "Consumer.",
            "one/",
            "rest/",
            "own/",
            "alice/",
            "prices/",
            "m/",
            "tail/",
            "{x}",
            "(",
            ")",
            "+",
            "@",
            "!",
            "=",
            " ",
            "\n",
            "\u0000",
            "\u00e9",
            "e\u0301",
            "\uff0e",
            "\ud800",
            "01234567-89ab-cdef-0123-456789abcdef");
    return Arbitraries.oneOf(
        pieces.list().ofMinSize(1).ofMaxSize(8).map(list -> String.join("", list)),
        Arbitraries.strings().ofMaxLength(20),
        Arbitraries.strings().withChars('a', '.', '/', '%', '2', '5', 'E', '-').ofMaxLength(8));
  }

  @Provide
  Arbitrary<String> segment() {
    return Arbitraries.strings()
        .withChars('a', 'b', '.', '%', '2', '5', 'E', '-', '~')
        .ofMinLength(1)
        .ofMaxLength(6)
        .filter(s -> !s.equals(".") && !s.equals(".."));
  }

  @Property
  void aNameIsItsAlphabetOrItIsRefused(@ForAll("hostile") String text) {
    try {
      DestinationName name = DestinationName.parse(text);
      assertThat(text)
          .matches("[A-Za-z0-9_.()%+~:@!=/-]{1,512}")
          .doesNotMatch("(.*/)?\\.{1,2}(/.*)?");
      assertThat(String.join("/", name.segments())).isEqualTo(text);
    } catch (BridgeException refusal) {
      assertThat(refusal.toBayeuxError()).startsWith("badRequest:");
    }
  }

  @Property(tries = 3000)
  void nothingReachesABrokerThatItWouldReadAsSyntax(
      @ForAll("hostile") String user, @ForAll("hostile") String text) {
    NameFuzz.check(user, text);
  }

  @Property(tries = 3000)
  void twoNamesNeverShareADestination(
      @ForAll("segment") String a,
      @ForAll("segment") String b,
      @ForAll("segment") String c,
      @ForAll("segment") String d) {
    for (String entry : List.of("m", "prices", "rest", "tail")) {
      Optional<String> one = jms(ALICE, entry + "/" + a + "/" + b);
      Optional<String> other = jms(ALICE, entry + "/" + c + "/" + d);
      if (one.isPresent() && !(a.equals(c) && b.equals(d))) {
        assertThat(other).isNotEqualTo(one);
      }
    }
  }

  @Property(tries = 3000)
  void twoUsersNeverShareADestination(
      @ForAll("hostile") String one, @ForAll("hostile") String other) {
    if (!one.equals(other)) {
      assertThat(inbox(one)).isNotEqualTo(inbox(other));
    }
  }

  @Property
  void twoNormalFormsOfAUsersNameAreTwoUsers(@ForAll String name) {
    String composed = Normalizer.normalize(name + "\u00e9", Normalizer.Form.NFC);
    String decomposed = Normalizer.normalize(name + "\u00e9", Normalizer.Form.NFD);
    assertThat(inbox(composed)).isNotEqualTo(inbox(decomposed));
  }

  @Property(tries = 3000)
  void whatIsEscapedComesBack(@ForAll("hostile") String segment) {
    String token = JmsNameEscape.escape(segment);
    assertThat(token).doesNotContain(".");
    assertThat(JmsNameEscape.unescape(token)).isEqualTo(segment);
  }

  /** A pattern hears a topic if, and only if, its entry would grant the topic by its own name. */
  @Property(tries = 3000)
  void aPatternNeverReachesBeyondItsEntry(
      @ForAll("patterns") String pattern, @ForAll("hostile") String jmsName) {
    DestinationName asked = DestinationName.parsePattern(pattern);
    Match granted = NameFuzz.CATALOGUE.match(ALICE, asked).orElseThrow();
    NameFuzz.CATALOGUE
        .logicalName(ALICE, asked, jmsName)
        .ifPresent(
            logical -> {
              Match itself =
                  NameFuzz.CATALOGUE.match(ALICE, DestinationName.parse(logical)).orElseThrow();
              assertThat(itself.entry()).isSameAs(granted.entry());
              assertThat(itself.destination().name()).isEqualTo(jmsName);
            });
  }

  @Provide
  Arbitrary<String> patterns() {
    return Arbitraries.of("one/*", "rest/**", "prices/**", "prices/*/a", "own/alice/*");
  }

  @Property
  void aTemplateWhoseVariablesTouchIsRefused(@ForAll("glue") String glue) {
    String template = "p.{a}" + glue + "{b}";
    boolean taken;
    try {
      JmsNameTemplate.parse(
          template,
          NameTemplate.parse("p/{a}/{b}"),
          Kind.QUEUE,
          new BrokerNameRules(Dialect.ARTEMIS));
      taken = true;
    } catch (IllegalArgumentException refusal) {
      taken = false;
    }
    assertThat(taken).isEqualTo(glue.contains("."));
  }

  @Provide
  Arbitrary<String> glue() {
    return Combinators.combine(
            Arbitraries.strings().withChars('a', '-', '_').ofMaxLength(3), Arbitraries.of("", "."))
        .as((text, dot) -> text + dot);
  }

  private static Optional<String> jms(Identity identity, String name) {
    return NameFuzz.CATALOGUE
        .match(identity, DestinationName.parse(name))
        .map(match -> match.destination().name());
  }

  private static String inbox(String user) {
    return jms(new Identity(user, Set.of()), "inbox").orElseThrow();
  }
}
