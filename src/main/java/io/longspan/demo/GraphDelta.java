package io.longspan.demo;

import java.util.LinkedHashSet;
import java.util.Set;
import org.apache.jena.graph.Triple;

/** Net change of one graph in an open transaction. Used by the transaction's thread. */
final class GraphDelta {

  private final Set<Triple> added = new LinkedHashSet<>();
  private final Set<Triple> removed = new LinkedHashSet<>();
  private GraphState now;
  private boolean revision;

  GraphDelta(GraphState before, boolean created) {
    this.revision = created;
    this.now = before;
  }

  void add(Triple triple, long characters) {
    if (!removed.remove(triple)) {
      added.add(triple);
    }
    now = now.plus(1, characters);
  }

  void remove(Triple triple, long characters) {
    if (!added.remove(triple)) {
      removed.add(triple);
    }
    now = now.plus(-1, -characters);
  }

  Set<Triple> added() {
    return added;
  }

  Set<Triple> removed() {
    return removed;
  }

  /** Creates a revision of the graph even if no triple differs. */
  void makeRevision() {
    revision = true;
  }

  /**
   * Returns whether the graph has a new revision: it is new, a triple differs, or {@link
   * #makeRevision} was called.
   */
  boolean isRevision() {
    return revision || !added.isEmpty() || !removed.isEmpty();
  }

  /** Returns the graph's state with the next revision number. */
  GraphState nextState() {
    return now.next();
  }

  int triples() {
    return now.triples();
  }
}
