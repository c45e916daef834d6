package io.longspan.demo;

/**
 * What the store remembers of a graph besides its triples.
 *
 * @param revision 0 for a graph that was never committed, then 1, 2, …
 * @param triples number of triples
 * @param characters characters of all terms of these triples
 */
record GraphState(int revision, int triples, long characters) {

  static final GraphState NEW = new GraphState(0, 0, 0);

  GraphState plus(int moreTriples, long moreCharacters) {
    return new GraphState(revision, triples + moreTriples, characters + moreCharacters);
  }

  GraphState next() {
    return new GraphState(revision + 1, triples, characters);
  }
}
