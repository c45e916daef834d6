package io.longspan.demo;

import java.util.LinkedHashSet;
import java.util.Set;
import org.apache.jena.graph.Triple;

/** The net change of one graph while a transaction runs; owned by that transaction's thread. */
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

  /** Makes this a revision of the graph even where no triple differs. */
  void makeRevision() {
    revision = true;
  }

  /** Whether the graph has a new revision: it is new, a triple differs, or it was asked for. */
  boolean isRevision() {
    return revision || !added.isEmpty() || !removed.isEmpty();
  }

  /** Returns the graph's state as this revision. */
  GraphState nextState() {
    return now.next();
  }

  int triples() {
    return now.triples();
  }
}
