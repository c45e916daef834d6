package io.longspan.demo;

import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.jena.graph.Node;
import org.apache.jena.query.TxnType;
import org.apache.jena.sparql.core.DatasetGraph;
import org.apache.jena.sparql.core.DatasetGraphFactory;

/**
 * In-memory RDF store: named graphs with revisions, readers and writers.
 *
 * <p>Safe for use by many threads. Readers block neither each other nor the writer; there is one
 * writer at a time. To publish commits in order, write on one thread.
 */
final class GraphStore {

  private final DatasetGraph store = DatasetGraphFactory.createTxnMem();
  private final AccessRules rules = new AccessRules(store);
  private final GraphStates states = new GraphStates(store);
  private final StoreLimits limits;
  private final Clock clock;

  GraphStore(StoreLimits limits, Clock clock) {
    this.limits = limits;
    this.clock = clock;
  }

  /**
   * List entry of a graph.
   *
   * @param uri name of the graph
   * @param triples number of triples
   * @param writable whether the requesting user may write it
   * @param revision 1, 2, …
   */
  record Entry(String uri, int triples, boolean writable, int revision) {}

  /**
   * Runs a reader in a transaction on the graphs that the user may read. Blocks while it runs.
   *
   * @param defaultGraph the default graph; null for the union of the user's graphs
   */
  <T> T read(String user, Node defaultGraph, Function<UserDataset, T> reader) {
    return store.calc(
        TxnType.READ,
        () -> reader.apply(new UserDataset(store, user, limits, defaultGraph, false)));
  }

  /**
   * Runs a writer in a transaction and commits; an exception of the writer aborts. Blocks.
   *
   * @param defaultGraph the default graph; null for an empty one
   * @return the commit
   */
  Commit write(String user, Node defaultGraph, Consumer<UserDataset> writer) {
    return store.calc(
        TxnType.WRITE,
        () -> {
          UserDataset dataset = new UserDataset(store, user, limits, defaultGraph, true);
          writer.accept(dataset);
          List<GraphChange> changes = new ArrayList<>();
          for (Map.Entry<Node, GraphDelta> entry : dataset.deltas().entrySet()) {
            if (entry.getValue().isRevision()) {
              changes.add(record(entry.getKey(), entry.getValue()));
            }
          }
          return new Commit(
              UUID.randomUUID().toString(), user, clock.instant(), List.copyOf(changes));
        });
  }

  private GraphChange record(Node graph, GraphDelta delta) {
    GraphState state = delta.nextState();
    states.put(graph, state);
    return new GraphChange(
        graph, delta.added(), delta.removed(), state.revision(), rules.isPublic(graph));
  }

  /** Returns the graphs that the user may read, sorted by URI. */
  List<Entry> graphs(String user) {
    return store.calc(
        TxnType.READ,
        () ->
            rules.readableBy(user).stream()
                .map(graph -> entry(user, graph, states.find(graph).orElse(GraphState.NEW)))
                .sorted((a, b) -> a.uri().compareTo(b.uri()))
                .toList());
  }

  private Entry entry(String user, Node graph, GraphState state) {
    return new Entry(
        graph.getURI(), state.triples(), rules.mayWrite(user, graph), state.revision());
  }

  /** Returns the revision of a graph; 0 if it does not exist. */
  int revision(Node graph) {
    return store.calc(TxnType.READ, () -> states.find(graph).orElse(GraphState.NEW).revision());
  }

  boolean exists(Node graph) {
    return store.calc(TxnType.READ, () -> states.exists(graph));
  }

  boolean mayRead(String user, Node graph) {
    return store.calc(TxnType.READ, () -> rules.mayRead(user, graph));
  }

  /** Replaces the readers and writers of an existing graph. */
  void grant(Node graph, Collection<String> readers, Collection<String> writers) {
    store.exec(TxnType.WRITE, () -> rules.set(graph, readers, writers));
  }
}
