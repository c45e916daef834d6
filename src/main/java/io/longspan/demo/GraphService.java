package io.longspan.demo;

import com.fasterxml.jackson.annotation.JsonInclude;
import jakarta.jms.JMSException;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.jena.graph.Node;
import org.apache.jena.query.Query;
import org.apache.jena.update.UpdateRequest;

/**
 * The RDF store as a JMS service. It runs each operation in one of two queues, so that the delivery
 * thread stays free for cancellations. The write queue has one thread, which also publishes, so
 * changes are published in commit order.
 */
final class GraphService implements Service {

  private static final int PAGE_SIZE = 500;
  private static final int MAX_PAGE_SIZE = 5_000;

  private final GraphStore store;
  private final StoreLimits limits;
  private final QueryRunner queries;
  private final UpdateRunner updates;
  private final ChangePublisher publisher;
  private final WorkQueue reads;
  private final WorkQueue writes;
  private final Clock clock;
  private final Map<QueryKey, Cancellation> running = new ConcurrentHashMap<>();

  GraphService(
      GraphStore store,
      StoreLimits limits,
      QueryRunner queries,
      UpdateRunner updates,
      ChangePublisher publisher,
      WorkQueue reads,
      WorkQueue writes,
      Clock clock) {
    this.store = store;
    this.limits = limits;
    this.queries = queries;
    this.updates = updates;
    this.publisher = publisher;
    this.reads = reads;
    this.writes = writes;
    this.clock = clock;
  }

  /** Senders choose correlation ids, so a key also needs the user and the reply address. */
  private record QueryKey(String user, String replyTo, String correlationId) {

    static QueryKey of(Request request) {
      return new QueryKey(
          request.user(), String.valueOf(request.replyTo()), request.correlationId());
    }
  }

  /** Answer to {@code graphs}. */
  private record Graphs(List<GraphStore.Entry> graphs) {}

  /** Answer to writing operations. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  private record Written(
      String transaction, @JsonInclude List<ChangePublisher.Line> graphs, List<String> warnings) {}

  @Override
  public void handle(Request request, Answers answers) {
    String user = request.user();
    if (request.flag("cancel")) {
      Cancellation cancellation = running.get(QueryKey.of(request));
      if (cancellation != null) {
        cancellation.cancel();
      }
      return;
    }
    switch (request.required("operation")) {
      case "graphs" -> read(request, a -> a.json(request, new Graphs(store.graphs(user))));
      case "query" -> query(request, user);
      case "update" -> update(request, user);
      case "load" -> load(request, user);
      case "create" -> create(request, user);
      default ->
          throw new ServiceException(
              ErrorCode.badRequest, "The operation is graphs, query, update, load or create.");
    }
  }

  private void query(Request request, String user) {
    String text = request.text();
    Node graph = defaultGraph(request);
    int pageSize = request.count("pageSize", PAGE_SIZE, MAX_PAGE_SIZE);
    QueryKey key = QueryKey.of(request);
    Cancellation cancellation = new Cancellation();
    running.put(key, cancellation);
    try {
      read(
          request,
          answers -> {
            try {
              Query query = queries.parse(text);
              query(request, user, graph, query, pageSize, cancellation, answers);
            } finally {
              running.remove(key, cancellation);
            }
          });
    } catch (ServiceException e) {
      running.remove(key, cancellation);
      throw e;
    }
  }

  private void query(
      Request request,
      String user,
      Node graph,
      Query query,
      int pageSize,
      Cancellation cancellation,
      Answers answers)
      throws JMSException {
    if (graph != null) {
      requireReadable(user, graph);
    }
    PartedAnswer parts = new PartedAnswer(request, answers);
    try {
      JMSException lost =
          store.read(
              user,
              graph,
              dataset -> {
                try {
                  queries.run(dataset, query, pageSize, parts, cancellation);
                  return null;
                } catch (JMSException e) {
                  return e;
                }
              });
      if (lost != null) {
        throw lost;
      }
    } catch (ServiceException e) {
      parts.error(e);
    }
  }

  private void requireReadable(String user, Node graph) {
    if (!store.exists(graph)) {
      throw new ServiceException(ErrorCode.notFound, "There is no graph <" + graph.getURI() + ">.");
    }
    if (!store.mayRead(user, graph)) {
      throw new ServiceException(
          ErrorCode.forbidden, "You may not read the graph <" + graph.getURI() + ">.");
    }
  }

  private void update(Request request, String user) {
    String text = request.text();
    Node graph = defaultGraph(request);
    write(
        request,
        answers -> {
          UpdateRequest update = updates.parse(text);
          Consumer<UserDataset> writer = dataset -> updates.run(dataset, update);
          commit(request, user, graph, writer, List.of(), answers);
        });
  }

  private void load(Request request, String user) {
    String text = request.text();
    Node graph = GraphName.of(request.required("graph"));
    boolean add =
        switch (request.string("mode").orElse("replace")) {
          case "replace" -> false;
          case "add" -> true;
          default ->
              throw new ServiceException(ErrorCode.badRequest, "The mode is replace or add.");
        };
    write(
        request,
        answers -> {
          TurtleDocument document = TurtleDocument.parse(text, graph, limits.triplesPerGraph());
          Consumer<UserDataset> writer =
              dataset -> {
                if (add) {
                  document.addTo(dataset, graph);
                } else {
                  document.replace(dataset, graph);
                }
              };
          commit(request, user, null, writer, warnings(document), answers);
        });
  }

  private void create(Request request, String user) {
    Node graph = GraphName.of(request.required("graph"));
    write(
        request,
        answers ->
            commit(
                request,
                user,
                null,
                dataset -> {
                  if (!dataset.open(graph).isRevision()) {
                    throw new ServiceException(
                        ErrorCode.badRequest, "The graph <" + graph.getURI() + "> exists.");
                  }
                },
                List.of(),
                answers));
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
      String user,
      Node graph,
      Consumer<UserDataset> writer,
      List<String> warnings,
      Answers answers)
      throws JMSException {
    Commit commit = store.write(user, graph, writer);
    publisher.publish(commit, request.string("revision").orElse(null), answers);
    answers.json(
        request,
        new Written(
            commit.transaction(),
            commit.graphs().stream().map(ChangePublisher.Line::of).toList(),
            warnings));
  }

  private static Node defaultGraph(Request request) {
    return request.string("graph").map(GraphName::of).orElse(null);
  }

  private void read(Request request, Answers.Work work) {
    reads.submit(request, unlessExpired(request, work));
  }

  private void write(Request request, Answers.Work work) {
    writes.submit(request, unlessExpired(request, work));
  }

  /** Skips a request whose sender no longer waits. */
  private Answers.Work unlessExpired(Request request, Answers.Work work) {
    return answers -> {
      if (!request.isExpired(clock.millis())) {
        work.run(answers);
      }
    };
  }

  /** Numbers the parts of an answer; a single part has no number. */
  private static final class PartedAnswer implements ResultParts {

    private final Request request;
    private final Answers answers;
    private int sequence;

    PartedAnswer(Request request, Answers answers) {
      this.request = request;
      this.answers = answers;
    }

    @Override
    public void part(String contentType, String body, boolean last) throws JMSException {
      Map<String, Object> properties = new HashMap<>();
      properties.put("contentType", contentType);
      if (sequence > 0 || !last) {
        number(properties, last);
      }
      answers.text(request, body, properties);
    }

    void error(ServiceException e) throws JMSException {
      Map<String, Object> properties = new HashMap<>();
      if (sequence > 0) {
        number(properties, true);
      }
      answers.error(request, e.code(), e.getMessage(), properties);
    }

    private void number(Map<String, Object> properties, boolean last) {
      properties.put("sequence", ++sequence);
      properties.put("done", Boolean.toString(last));
    }
  }
}
