package io.longspan.demo;

/**
 * State of a graph, besides its triples.
 *
 * @param revision 0 before the first commit, then 1, 2, …
 * @param triples number of triples
 * @param characters total characters of the terms of these triples
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
