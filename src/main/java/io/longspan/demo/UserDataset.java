package io.longspan.demo;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.jena.atlas.iterator.Iter;
import org.apache.jena.graph.Graph;
import org.apache.jena.graph.Node;
import org.apache.jena.graph.Triple;
import org.apache.jena.query.ReadWrite;
import org.apache.jena.query.TxnType;
import org.apache.jena.riot.system.PrefixMap;
import org.apache.jena.riot.system.PrefixMapFactory;
import org.apache.jena.sparql.core.DatasetGraph;
import org.apache.jena.sparql.core.DatasetGraphTriplesQuads;
import org.apache.jena.sparql.core.GraphView;
import org.apache.jena.sparql.core.Quad;

/**
 * View of the store for one user in one transaction: the graphs that the user may read, and writes
 * to the graphs that the user may write. A SPARQL engine cannot reach more through it.
 *
 * <p>It does not wrap the store's dataset on purpose. An engine may unwrap a wrapper, and a method
 * without an override would bypass the checks. Here all reads end in the three {@code find…}
 * methods. All writes end in the four {@code addTo…} and {@code deleteFrom…} methods.
 *
 * <p>If the request names a default graph, it is that named graph. Otherwise it is the union of the
 * user's graphs for a reader, and empty and read-only for a writer.
 *
 * <p>Used by the thread of the transaction, until the transaction ends.
 */
final class UserDataset extends DatasetGraphTriplesQuads {

  private final DatasetGraph store;
  private final String user;
  private final AccessRules rules;
  private final GraphStates states;
  private final StoreLimits limits;
  private final Node defaultGraph;
  private final boolean writing;
  private final Set<Node> readable;
  private final Map<Node, GraphDelta> deltas = new LinkedHashMap<>();
  private long graphCount;
  private long triples;
  private long characters;

  /**
   * Creates the view in the calling thread's transaction.
   *
   * @param defaultGraph named graph that is the default graph, or null
   * @param writing whether the transaction writes
   */
  UserDataset(
      DatasetGraph store, String user, StoreLimits limits, Node defaultGraph, boolean writing) {
    this.store = store;
    this.user = user;
    this.limits = limits;
    this.defaultGraph = defaultGraph;
    this.writing = writing;
    this.rules = new AccessRules(store);
    this.states = new GraphStates(store);
    this.readable = rules.readableBy(user);
    if (writing) {
      for (GraphState state : states.all().values()) {
        graphCount++;
        triples += state.triples();
        characters += state.characters();
      }
    }
  }

  /** Returns a copy of the set of graphs that the user may read. */
  Set<Node> readableGraphs() {
    return Set.copyOf(readable);
  }

  /** Returns the changes so far by graph, in order of the first write. */
  Map<Node, GraphDelta> deltas() {
    return Collections.unmodifiableMap(deltas);
  }

  /**
   * Prepares a graph for writing in this transaction; creates it if necessary.
   *
   * @throws ServiceException {@code forbidden} if the user may not write it, {@code tooLarge} if
   *     there are too many graphs
   */
  GraphDelta open(Node graph) {
    if (!writing) {
      throw new ServiceException(ErrorCode.forbidden, "A query doesn't write.");
    }
    GraphDelta delta = deltas.get(graph);
    if (delta != null) {
      return delta;
    }
    GraphName.check(graph);
    GraphState state = states.find(graph).orElse(null);
    if (state != null) {
      requireWritable(graph);
      delta = new GraphDelta(state, false);
    } else {
      if (graphCount >= limits.graphs()) {
        throw new ServiceException(
            ErrorCode.tooLarge, "The store holds " + limits.graphs() + " graphs, no more.");
      }
      graphCount++;
      states.put(graph, GraphState.NEW);
      rules.set(graph, List.of(AccessRules.EVERYBODY), List.of(user));
      readable.add(graph);
      delta = new GraphDelta(GraphState.NEW, true);
    }
    deltas.put(graph, delta);
    return delta;
  }

  private void requireWritable(Node graph) {
    if (!rules.mayWrite(user, graph)) {
      throw new ServiceException(
          ErrorCode.forbidden, "You may not write the graph <" + graph.getURI() + ">.");
    }
  }

  // Reading

  @Override
  protected Iterator<Quad> findInDftGraph(Node s, Node p, Node o) {
    Iterator<Triple> found;
    if (defaultGraph != null) {
      found = Iter.map(findInSpecificNamedGraph(defaultGraph, s, p, o), Quad::asTriple);
    } else if (writing) {
      return Iter.nullIterator();
    } else {
      found = findInUnionGraph(s, p, o);
    }
    return Iter.map(found, triple -> Quad.create(Quad.defaultGraphIRI, triple));
  }

  @Override
  protected Iterator<Quad> findInSpecificNamedGraph(Node graph, Node s, Node p, Node o) {
    return readable.contains(graph) ? store.findNG(graph, s, p, o) : Iter.nullIterator();
  }

  @Override
  protected Iterator<Quad> findInAnyNamedGraphs(Node s, Node p, Node o) {
    return Iter.flatMap(
        new ArrayList<>(readable).iterator(), graph -> store.findNG(graph, s, p, o));
  }

  @Override
  public Iterator<Node> listGraphNodes() {
    return new ArrayList<>(readable).iterator();
  }

  @Override
  public boolean containsGraph(Node graph) {
    return Quad.isDefaultGraph(graph) || Quad.isUnionGraph(graph) || readable.contains(graph);
  }

  @Override
  public Graph getDefaultGraph() {
    return GraphView.createDefaultGraph(this);
  }

  @Override
  public Graph getGraph(Node graph) {
    return GraphView.createNamedGraph(this, graph);
  }

  // Writing

  @Override
  protected void addToDftGraph(Node s, Node p, Node o) {
    addToNamedGraph(requireDefaultGraph(), s, p, o);
  }

  @Override
  protected void addToNamedGraph(Node graph, Node s, Node p, Node o) {
    GraphDelta delta = open(graph);
    if (store.contains(graph, s, p, o)) {
      return;
    }
    long length = length(s) + length(p) + length(o);
    if (triples >= limits.triples()
        || delta.triples() >= limits.triplesPerGraph()
        || characters + length > limits.characters()) {
      throw new ServiceException(
          ErrorCode.tooLarge,
          "The store is full: it takes "
              + (limits.triplesPerGraph() + " triples per graph, " + limits.triples())
              + (" in all, with " + limits.characters() + " characters."));
    }
    store.add(graph, s, p, o);
    delta.add(Triple.create(s, p, o), length);
    triples++;
    characters += length;
  }

  @Override
  protected void deleteFromDftGraph(Node s, Node p, Node o) {
    deleteFromNamedGraph(requireDefaultGraph(), s, p, o);
  }

  @Override
  protected void deleteFromNamedGraph(Node graph, Node s, Node p, Node o) {
    requireWritableIfExists(graph);
    if (!store.contains(graph, s, p, o)) {
      return;
    }
    long length = length(s) + length(p) + length(o);
    GraphDelta delta = open(graph);
    store.delete(graph, s, p, o);
    delta.remove(Triple.create(s, p, o), length);
    triples--;
    characters -= length;
  }

  @Override
  public void deleteAny(Node graph, Node s, Node p, Node o) {
    if (graph != null && graph.isConcrete() && !Quad.isDefaultGraph(graph)) {
      requireWritableIfExists(graph);
    }
    // A copy, because deleting would change what is iterated.
    List<Quad> found = Iter.toList(find(graph, s, p, o));
    found.forEach(this::delete);
  }

  /** Creates an empty graph if necessary, and adds triples to it. */
  @Override
  public void addGraph(Node graph, Graph content) {
    open(graph);
    content
        .find()
        .forEachRemaining(t -> add(graph, t.getSubject(), t.getPredicate(), t.getObject()));
  }

  /** Removes all triples of a graph; its readers, writers and revision stay. */
  @Override
  public void removeGraph(Node graph) {
    deleteAny(graph, Node.ANY, Node.ANY, Node.ANY);
  }

  private void requireWritableIfExists(Node graph) {
    GraphName.check(graph);
    if (!writing) {
      throw new ServiceException(ErrorCode.forbidden, "A query doesn't write.");
    }
    if (states.exists(graph)) {
      requireWritable(graph);
    }
  }

  private Node requireDefaultGraph() {
    if (defaultGraph == null) {
      throw new ServiceException(
          ErrorCode.badRequest,
          "The store has no default graph: name one with GRAPH, WITH or the property graph.");
    }
    return defaultGraph;
  }

  private long length(Node term) {
    int length;
    if (term.isLiteral()) {
      length = term.getLiteralLexicalForm().length() + term.getLiteralLanguage().length();
    } else if (term.isURI()) {
      length = term.getURI().length();
    } else {
      length = term.toString().length();
    }
    if (length > limits.termCharacters()) {
      throw new ServiceException(
          ErrorCode.tooLarge,
          "An IRI or literal may have " + limits.termCharacters() + " characters.");
    }
    return length;
  }

  // The store owns the transaction; it cannot be ended here.

  @Override
  public PrefixMap prefixes() {
    return PrefixMapFactory.emptyPrefixMap();
  }

  @Override
  public boolean supportsTransactions() {
    return true;
  }

  @Override
  public boolean isInTransaction() {
    return true;
  }

  @Override
  public ReadWrite transactionMode() {
    return writing ? ReadWrite.WRITE : ReadWrite.READ;
  }

  @Override
  public TxnType transactionType() {
    return writing ? TxnType.WRITE : TxnType.READ;
  }

  @Override
  public void begin(TxnType type) {
    throw new UnsupportedOperationException("the transaction is open");
  }

  @Override
  public boolean promote(Promote mode) {
    return writing;
  }

  @Override
  public void commit() {
    throw new UnsupportedOperationException("the store commits");
  }

  @Override
  public void abort() {
    throw new UnsupportedOperationException("the store aborts");
  }

  @Override
  public void end() {
    throw new UnsupportedOperationException("the store ends the transaction");
  }
}
