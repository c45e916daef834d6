package io.longspan.demo;

import com.fasterxml.jackson.annotation.JsonInclude;
import jakarta.jms.JMSException;
import java.util.List;
import java.util.function.Consumer;
import org.apache.jena.graph.Node;
import org.apache.jena.update.UpdateRequest;

/**
 * The writing operations of the RDF store. Each method reads the request at once, and returns the
 * work for the thread of the write queue.
 */
final class GraphChanges {
  private final GraphStore store;
  private final StoreLimits limits;
  private final UpdateRunner updates;
  private final ChangePublisher publisher;

  GraphChanges(
      GraphStore store, StoreLimits limits, UpdateRunner updates, ChangePublisher publisher) {
    this.store = store;
    this.limits = limits;
    this.updates = updates;
    this.publisher = publisher;
  }

  /** Answer to writing operations. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  private record Written(
      String transaction, @JsonInclude List<ChangePublisher.Line> graphs, List<String> warnings) {}

  Answers.Work update(Request request) {
    String text = request.text();
    Node graph = GraphService.defaultGraph(request);
    return answers -> {
      UpdateRequest update = updates.parse(text);
      commit(request, graph, dataset -> updates.run(dataset, update), List.of(), answers);
    };
  }

  Answers.Work load(Request request) {
    String text = request.text();
    Node graph = GraphName.of(request.required("graph"));
    boolean add =
        switch (request.string("mode").orElse("replace")) {
          case "replace" -> false;
          case "add" -> true;
          default ->
              throw new ServiceException(ErrorCode.badRequest, "The mode is replace or add.");
        };
    return answers -> {
      TurtleDocument document = TurtleDocument.parse(text, graph, limits.triplesPerGraph());
      Consumer<UserDataset> writer =
          dataset -> {
            if (add) {
              document.addTo(dataset, graph);
            } else {
              document.replace(dataset, graph);
            }
          };
      commit(request, null, writer, warnings(document), answers);
    };
  }

  Answers.Work create(Request request) {
    Node graph = GraphName.of(request.required("graph"));
    Consumer<UserDataset> writer =
        dataset -> {
          if (!dataset.open(graph).isRevision()) {
            throw new ServiceException(
                ErrorCode.badRequest, "The graph <" + graph.getURI() + "> exists.");
          }
        };
    return answers -> commit(request, null, writer, List.of(), answers);
  }

  private static List<String> warnings(TurtleDocument document) {
    if (document.repairs() == 0) {
      return List.of();
    }
    return List.of(
        "Not valid Turtle: "
            + document.repairs()
            + " needless backslashes in strings were read as backslashes.");
  }

  private void commit(
      Request request,
      Node graph,
      Consumer<UserDataset> writer,
      List<String> warnings,
      Answers answers)
      throws JMSException {
    Commit commit = store.write(request.user(), graph, writer);
    publisher.publish(commit, request.string("revision").orElse(null), answers);
    answers.json(
        request,
        new Written(
            commit.transaction(),
            commit.graphs().stream().map(ChangePublisher.Line::of).toList(),
            warnings));
  }
}
