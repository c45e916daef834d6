package io.longspan.demo;

import java.util.Set;
import org.apache.jena.graph.Node;
import org.apache.jena.graph.Triple;

/**
 * Net change of one graph by one transaction.
 *
 * @param graph URI of the graph
 * @param added new triples
 * @param removed deleted triples
 * @param revision revision after the transaction
 * @param readableByAll whether {@code "*"} may read the graph
 */
record GraphChange(
    Node graph, Set<Triple> added, Set<Triple> removed, int revision, boolean readableByAll) {}
