package io.longspan.fuzz;

import io.longspan.bayeux.BayeuxFuzz;
import io.longspan.catalogue.CatalogueFuzz;
import io.longspan.catalogue.NameFuzz;
import io.longspan.jms.SelectorFuzz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** What is fuzzed, each with its corpus in {@code src/test/resources/fuzz}. */
enum FuzzTarget {
  BAYEUX(BayeuxFuzz.class, BayeuxFuzz::fuzzerTestOneInput, 1),
  SELECTOR(SelectorFuzz.class, SelectorFuzz::fuzzerTestOneInput, 1),
  NAME(NameFuzz.class, NameFuzz::fuzzerTestOneInput, 1),
  CATALOGUE(CatalogueFuzz.class, CatalogueFuzz::fuzzerTestOneInput, 20);

  /** Takes one input. */
  interface Target {
    void accept(byte[] input) throws Exception;
  }

  private final Class<?> type;
  private final Target target;

  private final int slowness;

  FuzzTarget(Class<?> type, Target target, int slowness) {
    this.type = type;
    this.target = target;
    this.slowness = slowness;
  }

  /** Returns this target's share of so many runs; reading YAML takes longer. */
  long runs(long asked) {
    return asked / slowness;
  }

  String className() {
    return type.getName();
  }

  void accept(byte[] input) throws Exception {
    target.accept(input);
  }

  Path folder() {
    return Path.of("src", "test", "resources", "fuzz", name().toLowerCase(Locale.ROOT));
  }

  List<Path> corpus() throws IOException {
    try (Stream<Path> files = Files.list(folder())) {
      return files.sorted().toList();
    }
  }
}
