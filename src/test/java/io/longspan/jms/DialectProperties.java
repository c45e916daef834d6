package io.longspan.jms;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.catalogue.CatalogueParser;
import io.longspan.catalogue.DestinationCatalogue;
import io.longspan.catalogue.DestinationCatalogue.Match;
import io.longspan.config.LongspanConfig.Broker;
import io.longspan.config.LongspanConfig.Dialect;
import io.longspan.config.LongspanConfig.Jndi;
import io.longspan.config.LongspanConfig.Provider;
import io.longspan.identity.Identity;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.DestinationName;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * What holds for every name of a client on brokers whose topics have levels between slashes. The
 * brokers' own rules are written here again, from their documentation.
 */
final class DialectProperties {
  private static final Identity ALICE = new Identity("alice", Set.of());

  private static final String ENTRIES =
      """
      destinations:
        - {name: "q/{x}", kind: queue, jms: "{x}", send: ["*"]}
        - {name: "qq/{x}/{y}", kind: queue, jms: "Q.{x}.{y}", send: ["*"]}
        - {name: "t/{x}", kind: topic, jms: "{x}", send: ["*"], subscribe: ["*"], wildcards: true}
        - {name: "p/{x}/{y}", kind: topic, jms: "P/{x}/{y}", send: ["*"], subscribe: ["*"], wildcards: true}
        - {name: "r/{x...}", kind: topic, jms: "R/{x}", send: ["*"], subscribe: ["*"], wildcards: true}
        - {name: "own/{user}/{x}", kind: topic, jms: "O/{user}/{x}", subscribe: ["*"], wildcards: true}
        - {name: "{x...}", kind: topic, send: ["*"], subscribe: ["*"]}
      """;

  private static final Map<Dialect, DestinationCatalogue> CATALOGUES = new EnumMap<>(Dialect.class);

  static {
    for (Dialect dialect : List.of(Dialect.IBMMQ, Dialect.SOLACE)) {
      Broker broker = new Broker(Provider.JNDI, "", "", "", dialect, new Jndi("factory", Map.of()));
      CATALOGUES.put(dialect, new CatalogueParser(broker).parse(ENTRIES));
    }
  }

  @Provide
  Arbitrary<Dialect> dialects() {
    return Arbitraries.of(CATALOGUES.keySet());
  }

  /** Pieces of which clients, brokers and catalogues make names. */
  @Provide
  Arbitrary<String> names() {
    return Arbitraries.of(
            "q/",
            "qq/",
            "t/",
            "p/",
            "r/",
            "own/",
            "alice/",
            "a",
            "b",
            "/",
            ".",
            "%",
            "%2E",
            "2E",
            "+",
            "#",
            "*",
            "**",
            ">",
            "!",
            "$SYS/",
            "SYSTEM.",
            "AMQ.",
            "TEMP/",
            "_P2P/",
            "#P2P/",
            "queue:",
            "topic:",
            "queue://",
            "jndi:",
            "jndi:jms/",
            "?targetClient=1",
            "bridge/",
            "P/",
            "R/",
            "O/",
            "x".repeat(40),
            "é",
            "'",
            "&",
            ";",
            "@",
            "=",
            "~")
        .list()
        .ofMinSize(1)
        .ofMaxSize(6)
        .map(pieces -> String.join("", pieces));
  }

  @Provide
  Arbitrary<String> segments() {
    return Arbitraries.strings()
        .withChars('a', 'b', '.', '%', '2', '5', 'E', '-', '+', '!')
        .ofMinLength(1)
        .ofMaxLength(6)
        .filter(s -> !s.equals(".") && !s.equals(".."));
  }

  private static Optional<Match> match(Dialect dialect, String name) {
    try {
      DestinationName parsed =
          name.contains("*") ? DestinationName.parsePattern(name) : DestinationName.parse(name);
      return CATALOGUES.get(dialect).match(ALICE, parsed);
    } catch (BridgeException refusal) {
      return Optional.empty();
    }
  }

  private static boolean isWildcard(Dialect dialect, String level) {
    return dialect == Dialect.IBMMQ
        ? level.equals("+") || level.equals("#")
        : level.equals(">") || level.endsWith("*");
  }

  private static List<String> levels(String name) {
    return Arrays.asList(name.split("/", -1));
  }

  @Property(tries = 5000)
  void noNameOfAClientIsSyntaxOfTheBroker(
      @ForAll("dialects") Dialect dialect, @ForAll("names") String name) {
    Optional<BrokerDestination> found = match(dialect, name).map(Match::destination);
    if (found.isEmpty() || found.get().pattern()) {
      return;
    }
    String jms = found.get().name();
    assertThat(jms).doesNotContainPattern("://|\\?|\\s|[{}*>#]").doesNotStartWith("bridge/");
    assertThat(jms.toLowerCase(java.util.Locale.ROOT)).doesNotStartWith("jndi:");
    if (dialect == Dialect.IBMMQ) {
      assertThat(jms).doesNotMatch("(?i)(SYSTEM\\.|AMQ\\.|TEMP/|\\$SYS|queue:|topic:).*");
      assertThat(jms).matches(queue(found.get()) ? "[A-Za-z0-9._/%]{1,48}" : "[^+]{1,10240}");
    } else {
      assertThat(jms).doesNotMatch("(?i)(!|_P2P|\\$SYS).*");
      assertThat(jms).matches(queue(found.get()) ? "[^'<>*?&;]{1,200}" : ".{1,250}");
    }
    assertThat(levels(jms)).noneMatch(level -> isWildcard(dialect, level));
  }

  private static boolean queue(BrokerDestination destination) {
    return destination.kind() == Kind.QUEUE;
  }

  @Property(tries = 3000)
  void twoNamesNeverShareADestination(
      @ForAll("dialects") Dialect dialect,
      @ForAll("segments") String a,
      @ForAll("segments") String b,
      @ForAll("segments") String c,
      @ForAll("segments") String d) {
    for (String entry : List.of("qq", "p", "r")) {
      Optional<BrokerDestination> one = destination(dialect, entry + "/" + a + "/" + b);
      if (one.isPresent() && !(a.equals(c) && b.equals(d))) {
        assertThat(destination(dialect, entry + "/" + c + "/" + d)).isNotEqualTo(one);
      }
    }
  }

  private static Optional<BrokerDestination> destination(Dialect dialect, String name) {
    return match(dialect, name).map(Match::destination);
  }

  /** The wildcards of a subscription are those of the client, at the same levels. */
  @Property(tries = 5000)
  void aPatternHasNoOtherWildcardsThanTheClientHasWritten(
      @ForAll("dialects") Dialect dialect, @ForAll("names") String name) {
    Optional<BrokerDestination> found =
        destination(dialect, name).filter(BrokerDestination::pattern);
    if (found.isEmpty()) {
      return;
    }
    List<String> neutral = levels(found.get().name());
    List<String> broker = levels(Patterns.of(dialect, found.get().name()));
    assertThat(broker).hasSameSizeAs(neutral);
    Predicate<String> wild = level -> level.equals("*") || level.equals("**");
    for (int i = 0; i < neutral.size(); i++) {
      assertThat(isWildcard(dialect, broker.get(i))).isEqualTo(wild.test(neutral.get(i)));
      if (!wild.test(neutral.get(i))) {
        assertThat(broker.get(i)).isEqualTo(neutral.get(i));
      }
    }
    assertThat(neutral.subList(0, neutral.size() - 1)).doesNotContain("**");
  }

  /** A pattern receives a topic only if its entry would grant the topic by its own name. */
  @Property(tries = 5000)
  void aPatternNeverReachesBeyondItsEntry(
      @ForAll("dialects") Dialect dialect,
      @ForAll("patterns") String pattern,
      @ForAll("names") String jmsName) {
    DestinationCatalogue catalogue = CATALOGUES.get(dialect);
    DestinationName asked = DestinationName.parsePattern(pattern);
    Match granted = catalogue.match(ALICE, asked).orElseThrow();
    catalogue
        .logicalName(ALICE, asked, jmsName)
        .ifPresent(
            logical -> {
              Match itself = catalogue.match(ALICE, DestinationName.parse(logical)).orElseThrow();
              assertThat(itself.entry()).isSameAs(granted.entry());
              assertThat(itself.destination().name()).isEqualTo(jmsName);
            });
  }

  @Provide
  Arbitrary<String> patterns() {
    return Arbitraries.of("t/*", "p/*/*", "p/a/*", "p/**", "r/**", "own/alice/*");
  }
}
