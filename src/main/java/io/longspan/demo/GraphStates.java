package io.longspan.demo;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.jena.graph.Node;
import org.apache.jena.graph.NodeFactory;
import org.apache.jena.sparql.core.DatasetGraph;
import org.apache.jena.sparql.core.Quad;

/**
 * States of graphs, stored as triples, so that an aborted transaction also restores them. A graph
 * exists if it has a state.
 *
 * <p>Every method needs an open transaction of the calling thread on the store.
 */
final class GraphStates {

  private static final Node STATES = NodeFactory.createURI("urn:longspan:states");
  private static final Node STATE = NodeFactory.createURI("urn:longspan:states#state");

  private final DatasetGraph store;

  GraphStates(DatasetGraph store) {
    this.store = store;
  }

  boolean exists(Node graph) {
    return store.contains(STATES, graph, STATE, Node.ANY);
  }

  Optional<GraphState> find(Node graph) {
    Iterator<Quad> found = store.findNG(STATES, graph, STATE, Node.ANY);
    return found.hasNext() ? Optional.of(parse(found.next().getObject())) : Optional.empty();
  }

  /** Returns a new map of all graphs and their states. */
  Map<Node, GraphState> all() {
    Map<Node, GraphState> states = new LinkedHashMap<>();
    store
        .findNG(STATES, Node.ANY, STATE, Node.ANY)
        .forEachRemaining(quad -> states.put(quad.getSubject(), parse(quad.getObject())));
    return states;
  }

  void put(Node graph, GraphState state) {
    store.deleteAny(STATES, graph, STATE, Node.ANY);
    String text = state.revision() + " " + state.triples() + " " + state.characters();
    store.add(STATES, graph, STATE, NodeFactory.createLiteralString(text));
  }

  private static GraphState parse(Node literal) {
    String[] fields = literal.getLiteralLexicalForm().split(" ");
    return new GraphState(
        Integer.parseInt(fields[0]), Integer.parseInt(fields[1]), Long.parseLong(fields[2]));
  }
}
