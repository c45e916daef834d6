package io.longspan.demo;

/**
 * Limits of the store. A write beyond them fails with {@code tooLarge} and changes nothing.
 *
 * @param graphs number of named graphs
 * @param triplesPerGraph number of triples of one graph
 * @param triples number of triples in total
 * @param characters number of characters of all terms in total
 * @param termCharacters number of characters of one IRI or literal
 */
record StoreLimits(
    int graphs, int triplesPerGraph, int triples, long characters, int termCharacters) {

  static StoreLimits standard() {
    return new StoreLimits(1_000, 100_000, 300_000, 100_000_000L, 64 * 1024);
  }
}
