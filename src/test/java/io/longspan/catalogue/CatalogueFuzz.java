package io.longspan.catalogue;

import io.longspan.identity.Identity;
import io.longspan.protocol.DestinationName;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/** A catalogue file: refused with one line that says where, or one that can be asked. */
public final class CatalogueFuzz {
  private static final CatalogueParser PARSER = new CatalogueParser();
  private static final Identity ALICE = new Identity("alice", Set.of("trader"));
  private static final List<DestinationName> NAMES =
      List.of("a", "a/b", "a/b/c", "a/*", "a/**", "DLQ", "bridge/push").stream()
          .map(DestinationName::parsePattern)
          .toList();

  private CatalogueFuzz() {}

  /** Called by the fuzzer. */
  public static void fuzzerTestOneInput(byte[] input) {
    DestinationCatalogue catalogue;
    try {
      catalogue = PARSER.parse(new String(input, StandardCharsets.UTF_8));
    } catch (IllegalArgumentException refusal) {
      if (refusal.getMessage() == null || refusal.getMessage().isEmpty()) {
        throw new AssertionError("a refusal without its reason", refusal);
      }
      return;
    }
    catalogue.roles();
    for (DestinationName name : NAMES) {
      catalogue
          .match(ALICE, name)
          .ifPresent(
              match -> {
                if (match.destination().name().startsWith("bridge/")
                    || match.destination().name().equals("DLQ")) {
                  throw new AssertionError("granted " + name);
                }
              });
    }
  }
}
