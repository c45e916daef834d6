package io.longspan.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.jms.JMSException;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.jena.graph.Node;
import org.apache.jena.query.Query;
import org.apache.jena.query.QueryFactory;

/**
 * The RDF store as a JMS service. It runs each operation in one of two queues, so that the delivery
 * thread stays free for cancellations. The write queue has one thread, which also publishes, so
 * changes are published in commit order.
 */
final class GraphService implements Service {

  private static final int PAGE_SIZE = 500;
  private static final int MAX_PAGE_SIZE = 5_000;
  private static final int SNAPSHOT_PAGE_SIZE = 1_000;
  private static final Query ALL = QueryFactory.create("CONSTRUCT WHERE { ?s ?p ?o }");

  private final GraphStore store;
  private final QueryRunner queries;
  private final GraphChanges changes;
  private final ChangePublisher publisher;
  private final WorkQueue reads;
  private final WorkQueue writes;
  private final Clock clock;
  private final ObjectMapper json;
  private final Map<QueryKey, Cancellation> running = new ConcurrentHashMap<>();

  GraphService(
      GraphStore store,
      StoreLimits limits,
      QueryRunner queries,
      UpdateRunner updates,
      ChangePublisher publisher,
      WorkQueue reads,
      WorkQueue writes,
      Clock clock,
      ObjectMapper json) {
    this.store = store;
    this.queries = queries;
    this.changes = new GraphChanges(store, limits, updates, publisher);
    this.publisher = publisher;
    this.reads = reads;
    this.writes = writes;
    this.clock = clock;
    this.json = json;
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
    // The bridge's question for a snapshot is its body (protocol section 17).
    Optional<String> operation = request.string("operation");
    if (operation.isEmpty()) {
      snapshot(request, user);
      return;
    }
    switch (operation.get()) {
      case "graphs" -> read(request, a -> a.json(request, new Graphs(store.graphs(user))));
      case "query" -> query(request, user);
      case "update" -> write(request, changes.update(request));
      case "load" -> write(request, changes.load(request));
      case "create" -> write(request, changes.create(request));
      default ->
          throw new ServiceException(
              ErrorCode.badRequest, "The operation is graphs, query, update, load or create.");
    }
  }

  /**
   * Answers with all triples of the graph of a topic. The write queue's thread does it: between two
   * commits, the state is that after the last change that was published.
   */
  private void snapshot(Request request, String user) {
    Node graph =
        topicOf(request)
            .flatMap(GraphName::ofTopic)
            .map(GraphName::of)
            .orElseThrow(
                () -> new ServiceException(ErrorCode.badRequest, "The operation is missing."));
    write(
        request,
        answers -> {
          Map<String, Object> last = new HashMap<>();
          last.put("revision", store.revision(graph));
          publisher.lastChange(graph).ifPresent(id -> last.put("snapshotThrough", id));
          if (store.exists(graph)) {
            query(request, user, graph, ALL, SNAPSHOT_PAGE_SIZE, new Cancellation(), answers, last);
          } else {
            // A graph that nobody has written yet is empty.
            new PartedAnswer(request, answers, last).part(ResultParts.N_TRIPLES, "", true);
          }
        });
  }

  private Optional<String> topicOf(Request request) {
    try {
      JsonNode question = json.readTree(request.text());
      return question.path("operation").asText().equals("snapshot")
          ? Optional.of(question.path("topic").asText())
          : Optional.empty();
    } catch (JsonProcessingException e) {
      return Optional.empty();
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
              query(request, user, graph, query, pageSize, cancellation, answers, Map.of());
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
      Answers answers,
      Map<String, Object> last)
      throws JMSException {
    if (graph != null) {
      requireReadable(user, graph);
    }
    PartedAnswer parts = new PartedAnswer(request, answers, last);
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

  static Node defaultGraph(Request request) {
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
}
