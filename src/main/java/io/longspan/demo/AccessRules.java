package io.longspan.demo;

import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import org.apache.jena.graph.Node;
import org.apache.jena.graph.NodeFactory;
import org.apache.jena.sparql.core.DatasetGraph;
import org.apache.jena.sparql.core.Quad;

/**
 * Readers and writers of graphs, stored as triples in a graph of the store: {@code <graph>
 * urn:longspan:access#reader "alice"}. Writers may read; {@code "*"} is everybody.
 *
 * <p>Every method needs an open transaction of the calling thread on the store.
 */
final class AccessRules {

  static final String EVERYBODY = "*";

  private static final Node RULES = NodeFactory.createURI("urn:longspan:access");
  private static final Node READER = NodeFactory.createURI("urn:longspan:access#reader");
  private static final Node WRITER = NodeFactory.createURI("urn:longspan:access#writer");

  private final DatasetGraph store;

  AccessRules(DatasetGraph store) {
    this.store = store;
  }

  boolean mayRead(String user, Node graph) {
    return has(graph, READER, user) || mayWrite(user, graph);
  }

  boolean mayWrite(String user, Node graph) {
    return has(graph, WRITER, user);
  }

  boolean isPublic(Node graph) {
    return mayRead(EVERYBODY, graph);
  }

  /** Returns a new set of the graphs that the user may read. */
  Set<Node> readableBy(String user) {
    Set<Node> graphs = new LinkedHashSet<>();
    for (Node right : new Node[] {READER, WRITER}) {
      for (String name : new String[] {user, EVERYBODY}) {
        Iterator<Quad> rules = store.findNG(RULES, Node.ANY, right, literal(name));
        rules.forEachRemaining(rule -> graphs.add(rule.getSubject()));
      }
    }
    return graphs;
  }

  /** Replaces the readers and writers of a graph. */
  void set(Node graph, Collection<String> readers, Collection<String> writers) {
    store.deleteAny(RULES, graph, Node.ANY, Node.ANY);
    readers.forEach(name -> store.add(RULES, graph, READER, literal(name)));
    writers.forEach(name -> store.add(RULES, graph, WRITER, literal(name)));
  }

  private boolean has(Node graph, Node right, String user) {
    return store.contains(RULES, graph, right, literal(user))
        || store.contains(RULES, graph, right, literal(EVERYBODY));
  }

  private static Node literal(String name) {
    return NodeFactory.createLiteralString(name);
  }
}
