package io.longspan.catalogue;

import io.longspan.catalogue.DestinationCatalogue.Match;
import io.longspan.identity.Identity;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.DestinationName;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** A user and a name, a line each, through parser, catalogue and templates. */
public final class NameFuzz {
  static final DestinationCatalogue CATALOGUE =
      new CatalogueParser()
          .parse(
              """
              destinations:
                - {name: "own/{user}/{x}", kind: topic, jms: "own.{user}.{x}", subscribe: ["*"], wildcards: true}
                - {name: "m/{a}/{b}", kind: topic, jms: "{a}.x{b}", subscribe: ["*"]}
                - {name: "prices/{market}/{symbol}", kind: topic, jms: "prices.{market}.{symbol}", subscribe: ["*"], wildcards: true}
                - {name: "one/{x}", kind: topic, jms: "{x}", subscribe: ["*"], wildcards: true}
                - {name: "rest/{x...}", kind: topic, jms: "{x}", subscribe: ["*"], wildcards: true}
                - {name: "tail/{a}/{x...}", kind: topic, jms: "{a}.t.{x}", subscribe: ["*"], wildcards: true}
                - {name: inbox, kind: topic, jms: "inbox.{user}", subscribe: ["*"]}
                - {name: "{x...}", kind: topic, subscribe: ["*"]}
              """);

  /** Written anew, and stricter where it can be: what reaches a broker looks like this. */
  private static final Pattern HARMLESS = Pattern.compile("[A-Za-z0-9._()%+~:@!=/$-]{1,2000}");

  private static final Pattern TOKENS_WITH_WILDCARDS =
      Pattern.compile("(?:(?:[^*.>#]+|\\*)\\.)*(?:[^*.>#]+|\\*\\*?)");

  private NameFuzz() {}

  /** Called by the fuzzer. */
  public static void fuzzerTestOneInput(byte[] input) {
    String[] lines = new String(input, StandardCharsets.UTF_8).split("\n", 2);
    check(lines[0], lines.length > 1 ? lines[1] : lines[0]);
  }

  static void check(String user, String text) {
    Identity identity = new Identity(user, Set.of());
    DestinationName name;
    try {
      name = DestinationName.parsePattern(text);
    } catch (BridgeException refusal) {
      return;
    }
    Optional<Match> match = CATALOGUE.match(identity, name);
    if (match.isEmpty()) {
      return;
    }
    String jms = match.get().destination().name();
    String literal = name.pattern() ? jms.replace("*", "") : jms;
    if (!(literal.isEmpty() || HARMLESS.matcher(literal).matches())
        || (name.pattern() && !TOKENS_WITH_WILDCARDS.matcher(jms).matches())
        || jms.contains("::")
        || jms.contains("://")
        || jms.regionMatches(true, 0, "ID:", 0, 3)
        || jms.regionMatches(true, 0, "ActiveMQ.", 0, 9)
        || jms.startsWith("bridge/")) {
      throw new AssertionError(text + " is " + jms);
    }
    // Whatever a broker says that a message came from: the name found for it leads back to it.
    CATALOGUE
        .logicalName(identity, name, jms)
        .ifPresent(
            logical -> {
              if (!jms.equals(
                  CATALOGUE
                      .match(identity, DestinationName.parse(logical))
                      .orElseThrow()
                      .destination()
                      .name())) {
                throw new AssertionError(logical + " is not " + jms);
              }
            });
  }
}
