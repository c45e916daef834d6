package io.longspan.demo;

import jakarta.jms.JMSException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.jena.graph.Node;
import org.apache.jena.graph.NodeFactory;
import org.apache.jena.graph.Triple;
import org.apache.jena.rdfpatch.text.RDFChangesWriterText;

/**
 * Publishes committed transactions: one RDF Patch per changed graph on the graph's topic, and a
 * summary on {@code transactions/completed}. Called by one thread, in commit order.
 */
final class ChangePublisher {

  static final String SUMMARY_TOPIC = "transactions/completed";

  /** A patch of this size in bytes, or a larger one, is omitted. */
  static final int MAX_PATCH_SIZE = 256 * 1024;

  /** The {@code JMSMessageID} of the last change, by the URI of its graph. */
  private final Map<String, String> lastChanges = new HashMap<>();

  /** Change of one graph, in a summary and in the answer to the writer. */
  record Line(String graph, int added, int removed, int revision) {

    static Line of(GraphChange change) {
      return new Line(
          change.graph().getURI(),
          change.added().size(),
          change.removed().size(),
          change.revision());
    }
  }

  /** Body of the summary. */
  record Summary(
      String transaction, String user, String time, List<Line> graphs, int otherGraphs) {}

  /**
   * Publishes a commit; does nothing if no graph has a new revision.
   *
   * @param label label of the revision, or null
   */
  void publish(Commit commit, String label, Answers answers) throws JMSException {
    List<GraphChange> changes = commit.graphs();
    if (changes.isEmpty()) {
      return;
    }
    for (GraphChange change : changes) {
      publish(commit, change, label, answers);
    }
    List<Line> lines = changes.stream().filter(GraphChange::readableByAll).map(Line::of).toList();
    answers.publish(
        SUMMARY_TOPIC,
        answers.toJson(
            new Summary(
                commit.transaction(),
                commit.user(),
                commit.time().toString(),
                lines,
                changes.size() - lines.size())),
        Map.of("contentType", "application/json"));
  }

  /** Returns the {@code JMSMessageID} of the last change of a graph, if one was published. */
  Optional<String> lastChange(Node graph) {
    return Optional.ofNullable(lastChanges.get(graph.getURI()));
  }

  private void publish(Commit commit, GraphChange change, String label, Answers answers)
      throws JMSException {
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put("contentType", "application/rdf-patch");
    properties.put("transaction", commit.transaction());
    properties.put("graph", change.graph().getURI());
    properties.put("user", commit.user());
    properties.put("added", change.added().size());
    properties.put("removed", change.removed().size());
    properties.put("revision", change.revision());
    if (label != null) {
      properties.put("label", label);
    }
    byte[] patch = patch(commit, change);
    String body = "";
    if (patch.length < MAX_PATCH_SIZE) {
      body = new String(patch, StandardCharsets.UTF_8);
    } else {
      properties.put("truncated", true);
    }
    String uri = change.graph().getURI();
    lastChanges.put(uri, answers.publish(GraphName.topic(uri), body, properties));
  }

  private static byte[] patch(Commit commit, GraphChange change) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Node graph = change.graph();
    try (RDFChangesWriterText patch = new RDFChangesWriterText(new PlainTokens(bytes))) {
      patch.start();
      patch.header("id", NodeFactory.createURI("urn:uuid:" + commit.transaction()));
      patch.txnBegin();
      for (Triple t : change.removed()) {
        patch.delete(graph, t.getSubject(), t.getPredicate(), t.getObject());
      }
      for (Triple t : change.added()) {
        patch.add(graph, t.getSubject(), t.getPredicate(), t.getObject());
      }
      patch.txnCommit();
      patch.finish();
    }
    return bytes.toByteArray();
  }
}
