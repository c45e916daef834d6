package io.longspan.demo;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.UUID;
import org.apache.jena.graph.Node;
import org.apache.jena.graph.Triple;
import org.apache.jena.riot.Lang;
import org.apache.jena.riot.RDFParser;
import org.apache.jena.riot.RiotException;
import org.apache.jena.riot.lang.LabelToNode;
import org.apache.jena.riot.system.ErrorHandlerFactory;
import org.apache.jena.riot.system.StreamRDFBase;

/**
 * Triples of a Turtle document for one graph.
 *
 * <p>Blank nodes are named by the graph and their label, or their position if they have none. So
 * the same document for the same graph always gives the same triples, and two revisions can be
 * compared as sets.
 */
final class TurtleDocument {

  private final Set<Triple> triples;
  private final int repairs;

  private TurtleDocument(Set<Triple> triples, int repairs) {
    this.triples = Collections.unmodifiableSet(triples);
    this.repairs = repairs;
  }

  /**
   * Parses a document; opens no file and no connection. If it is invalid, needless backslashes are
   * repaired and it is parsed again.
   *
   * @param graph scope of the blank nodes, and base of relative IRIs
   * @param mostTriples maximum number of triples
   * @throws ServiceException {@code syntax} or {@code tooLarge}
   */
  static TurtleDocument parse(String text, Node graph, int mostTriples) {
    try {
      return new TurtleDocument(read(text, graph, mostTriples), 0);
    } catch (RiotException e) {
      TurtleEscapes.Repair repair = TurtleEscapes.repair(text);
      if (repair.count() > 0) {
        try {
          return new TurtleDocument(read(repair.text(), graph, mostTriples), repair.count());
        } catch (RiotException other) {
          e.addSuppressed(other);
        }
      }
      throw new ServiceException(ErrorCode.syntax, "Turtle: " + e.getMessage(), e);
    }
  }

  private static Set<Triple> read(String text, Node graph, int mostTriples) {
    Set<Triple> triples = new LinkedHashSet<>();
    UUID seed = UUID.nameUUIDFromBytes(graph.getURI().getBytes(StandardCharsets.UTF_8));
    RDFParser.fromString(text, Lang.TURTLE)
        .base(graph.getURI())
        .labelToNode(LabelToNode.createScopeByDocumentHash(seed))
        .errorHandler(ErrorHandlerFactory.errorHandlerExceptionOnError())
        .build()
        .parse(
            new StreamRDFBase() {
              @Override
              public void triple(Triple triple) {
                if (triples.size() >= mostTriples && !triples.contains(triple)) {
                  throw new ServiceException(
                      ErrorCode.tooLarge, "A graph may have " + mostTriples + " triples.");
                }
                triples.add(triple);
              }
            });
    return triples;
  }

  /** Returns how many needless backslashes were repaired. */
  int repairs() {
    return repairs;
  }

  /** Returns the triples in document order, unmodifiable. */
  Set<Triple> triples() {
    return triples;
  }

  /** Adds the triples to a graph as its next revision. */
  void addTo(UserDataset dataset, Node graph) {
    dataset.open(graph).makeRevision();
    for (Triple t : triples) {
      dataset.add(graph, t.getSubject(), t.getPredicate(), t.getObject());
    }
  }

  /** Replaces the content of a graph as its next revision; changes only the triples that differ. */
  void replace(UserDataset dataset, Node graph) {
    dataset.open(graph);
    for (Triple t : dataset.getGraph(graph).find().filterDrop(triples::contains).toList()) {
      dataset.delete(graph, t.getSubject(), t.getPredicate(), t.getObject());
    }
    addTo(dataset, graph);
  }
}
