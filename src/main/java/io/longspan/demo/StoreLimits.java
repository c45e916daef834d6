package io.longspan.demo;

/**
 * What the store in memory may hold at most; what goes beyond is refused as {@code tooLarge} and
 * leaves the store as it was.
 *
 * @param graphs number of named graphs
 * @param triplesPerGraph number of triples of one graph
 * @param triples number of triples of all graphs together
 * @param characters characters of all terms of all triples together
 * @param termCharacters characters of one IRI or literal
 */
record StoreLimits(
    int graphs, int triplesPerGraph, int triples, long characters, int termCharacters) {

  static StoreLimits standard() {
    return new StoreLimits(1_000, 100_000, 300_000, 100_000_000L, 64 * 1024);
  }
}
