package io.longspan.demo;

import java.util.Set;
import org.apache.jena.graph.Node;
import org.apache.jena.graph.Triple;

/**
 * What one transaction did to one graph, net.
 *
 * @param graph the graph's URI
 * @param added triples that are there now and were not before
 * @param removed triples that were there before and are not now
 * @param revision the graph's revision after the transaction
 * @param readableByAll whether {@code "*"} may read the graph
 */
record GraphChange(
    Node graph, Set<Triple> added, Set<Triple> removed, int revision, boolean readableByAll) {}
