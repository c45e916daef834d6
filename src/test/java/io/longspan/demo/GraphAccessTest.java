package io.longspan.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import jakarta.jms.JMSException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.jena.graph.Node;
import org.apache.jena.query.Query;
import org.apache.jena.update.UpdateRequest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Alice owns a public and a private graph; Bob, a reader of the public one, tries everything. */
class GraphAccessTest {

  private static final Node OPEN = GraphName.of("urn:g:open");
  private static final Node SECRET = GraphName.of("urn:g:secret");
  private static final Node BOBS = GraphName.of("urn:g:bobs");

  private final GraphStore store = new GraphStore(StoreLimits.standard(), Clock.systemUTC());
  private final QueryRunner queries = new QueryRunner(Duration.ofSeconds(10), 10_000);
  private final UpdateRunner updates = new UpdateRunner(Duration.ofSeconds(10));

  @BeforeEach
  void fill() {
    load("alice", OPEN, "<urn:a> <urn:p> 'open' ; <urn:next> <urn:b> .");
    load("alice", SECRET, "<urn:a> <urn:p> 'secret' . <urn:b> <urn:next> <urn:hidden> .");
    load("bob", BOBS, "<urn:a> <urn:p> 'bobs' .");
    store.grant(SECRET, List.of("carol"), List.of("alice"));
  }

  private void load(String user, Node graph, String turtle) {
    TurtleDocument document = TurtleDocument.parse(turtle, graph, 100);
    store.write(user, null, dataset -> document.replace(dataset, graph));
  }

  private String query(String user, Node defaultGraph, String sparql) {
    Query query = queries.parse(sparql);
    StringBuilder result = new StringBuilder();
    store.read(
        user,
        defaultGraph,
        dataset -> {
          try {
            queries.run(
                dataset,
                query,
                1_000,
                (type, body, last) -> result.append(body),
                new Cancellation());
          } catch (JMSException e) {
            throw new AssertionError(e);
          }
          return null;
        });
    return result.toString();
  }

  private Commit update(String user, Node defaultGraph, String sparql) {
    UpdateRequest update = updates.parse(sparql);
    return store.write(user, defaultGraph, dataset -> updates.run(dataset, update));
  }

  private String everything() {
    return query("alice", null, "SELECT * { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g ?s ?p ?o")
        + query("bob", null, "SELECT * { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g ?s ?p ?o")
        + store.graphs("alice")
        + store.graphs("bob")
        + store.graphs("carol");
  }

  private static final String ALL = "SELECT * { GRAPH ?g { ?s ?p ?o } }";

  @Test
  void readersAndWritersReadWhatStrangersDoNot() {
    assertThat(query("alice", null, ALL)).contains("secret", "open", "bobs");
    assertThat(query("carol", null, ALL)).contains("secret", "open", "bobs");
    assertThat(query("bob", null, ALL)).doesNotContain("secret").contains("open", "bobs");
    assertThat(query("stranger", null, ALL)).doesNotContain("secret").contains("open");
    assertThat(store.graphs("bob")).noneMatch(graph -> graph.uri().contains("secret"));
    assertThat(store.graphs("carol"))
        .anyMatch(graph -> graph.uri().contains("secret") && !graph.writable());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT * { ?s ?p ?o }",
        "SELECT * { GRAPH ?g { ?s ?p ?o } }",
        "SELECT * { GRAPH <urn:g:secret> { ?s ?p ?o } }",
        "SELECT * FROM <urn:g:secret> { ?s ?p ?o }",
        "SELECT * FROM NAMED <urn:g:secret> { GRAPH ?g { ?s ?p ?o } }",
        "SELECT * FROM <urn:g:open> FROM <urn:g:secret> { ?s ?p ?o }",
        "SELECT * FROM <urn:g:open> FROM NAMED <urn:g:secret> { ?s ?p ?o . GRAPH ?g { ?a ?b ?c } }",
        "SELECT * FROM NAMED <urn:g:open> FROM NAMED <urn:g:secret> { GRAPH ?g { ?a ?b ?c } }",
        "SELECT * { GRAPH ?g { <urn:a> <urn:next>+ ?end } }",
        "SELECT * { <urn:a> <urn:next>/<urn:next> ?end }",
        "SELECT * { <urn:a> (<urn:next>|!<urn:none>)* ?end }",
        "SELECT * { ?s ?p ?o FILTER EXISTS { GRAPH <urn:g:secret> { ?s2 ?p2 ?o2 } } }",
        "SELECT * { { SELECT ?o { GRAPH <urn:g:secret> { ?s ?p ?o } } } }",
        "SELECT * { BIND(<urn:g:secret> AS ?g) GRAPH ?g { ?s ?p ?o } }",
        "SELECT * { VALUES ?g { <urn:g:secret> } GRAPH ?g { ?s ?p ?o } }",
        "SELECT * { GRAPH <urn:x-arq:UnionGraph> { ?s ?p ?o } }",
        "SELECT * { GRAPH <urn:x-arq:DefaultGraph> { ?s ?p ?o } }",
        "SELECT * FROM <urn:x-arq:UnionGraph> { ?s ?p ?o }",
        "SELECT * FROM NAMED <urn:x-arq:UnionGraph> { GRAPH ?g { ?s ?p ?o } }",
        "SELECT * FROM <urn:longspan:access> { ?s ?p ?o }",
        "SELECT * { GRAPH <urn:longspan:access> { ?s ?p ?o } }",
        "SELECT * { GRAPH <urn:longspan:states> { ?s ?p ?o } }",
        "SELECT (COUNT(*) AS ?n) (GROUP_CONCAT(STR(?o)) AS ?all) { GRAPH ?g { ?s ?p ?o } }",
        "CONSTRUCT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } }",
        "DESCRIBE <urn:a> <urn:b>",
        "DESCRIBE ?s FROM <urn:g:secret> WHERE { ?s ?p ?o }",
        "SELECT * { GRAPH ?g {} }",
      })
  void noQueryShowsAHiddenGraph(String sparql) {
    assertThat(query("bob", null, sparql))
        .doesNotContain("\"secret\"")
        .doesNotContain("hidden")
        .doesNotContain("carol")
        .doesNotContain("urn:longspan")
        // the name itself only where the query brought it along
        .satisfies(
            result -> {
              if (!sparql.contains("urn:g:secret")) {
                assertThat(result).doesNotContain("urn:g:secret");
              }
            });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ASK { GRAPH <urn:g:secret> { ?s ?p ?o } }",
        "ASK FROM <urn:g:secret> { ?s ?p ?o }",
        "ASK { GRAPH <urn:g:secret> {} }",
        "ASK { GRAPH <urn:longspan:access> { ?s ?p ?o } }",
        "ASK { ?s ?p 'secret' }",
        "ASK FROM <urn:x-arq:UnionGraph> { ?s ?p 'secret' }",
      })
  void noQuestionFindsAHiddenGraph(String sparql) {
    assertThat(query("bob", null, sparql)).contains("false");
  }

  @Test
  void theHiddenGraphsOwnPatternsWorkForItsReaders() {
    assertThat(query("carol", null, "SELECT * { <urn:a> <urn:next>/<urn:next> ?end }"))
        .contains("urn:hidden");
    assertThat(query("carol", SECRET, "SELECT * { ?s <urn:p> ?o }"))
        .contains("secret")
        .doesNotContain("open");
    assertThat(query("bob", SECRET, "SELECT * { ?s <urn:p> ?o }")).doesNotContain("\"secret\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "INSERT DATA { GRAPH <urn:g:open> { <urn:x> <urn:p> 1 } }",
        "INSERT DATA { GRAPH <urn:g:secret> { <urn:x> <urn:p> 1 } }",
        "DELETE DATA { GRAPH <urn:g:open> { <urn:a> <urn:p> 'open' } }",
        "DELETE DATA { GRAPH <urn:g:secret> { <urn:a> <urn:p> 'secret' } }",
        "DELETE WHERE { GRAPH ?g { ?s ?p ?o } }",
        "DELETE { GRAPH ?g { ?s ?p ?o } } INSERT { GRAPH ?g { ?s ?p 1 } }"
            + " WHERE { GRAPH ?g { ?s ?p ?o } }",
        "INSERT { GRAPH <urn:g:open> { ?s ?p 1 } } WHERE { GRAPH <urn:g:bobs> { ?s ?p ?o } }",
        "INSERT { GRAPH ?g { <urn:x> <urn:p> 1 } } WHERE { BIND(<urn:g:secret> AS ?g) }",
        "WITH <urn:g:open> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "WITH <urn:g:secret> INSERT { <urn:x> <urn:p> 1 } WHERE {}",
        "WITH <urn:g:open> DELETE { ?s ?p ?o } USING <urn:g:open> WHERE { ?s ?p ?o }",
        "INSERT DATA { GRAPH <urn:g:bobs> { <urn:x> <urn:p> 1 } } ;"
            + " INSERT DATA { GRAPH <urn:g:open> { <urn:x> <urn:p> 1 } }",
        "DROP ALL",
        "DROP NAMED",
        "CLEAR ALL",
        "CLEAR SILENT NAMED",
        "DROP GRAPH <urn:g:open>",
        "DROP SILENT GRAPH <urn:g:secret>",
        "DROP GRAPH <urn:g:secret>",
        "CREATE GRAPH <urn:g:secret>",
        "CLEAR GRAPH <urn:g:open>",
        "COPY <urn:g:bobs> TO <urn:g:open>",
        "MOVE <urn:g:bobs> TO <urn:g:open>",
        "MOVE <urn:g:open> TO <urn:g:bobs>",
        "ADD <urn:g:bobs> TO <urn:g:secret>",
        "INSERT DATA { GRAPH <urn:longspan:access> {"
            + " <urn:g:secret> <urn:longspan:access#reader> 'bob' } }",
        "INSERT { GRAPH ?g { <urn:g:secret> <urn:longspan:access#writer> 'bob' } }"
            + " WHERE { BIND(IRI('urn:longspan:access') AS ?g) }",
        "ADD <urn:g:bobs> TO <urn:longspan:access>",
        "CLEAR GRAPH <urn:longspan:access>",
        "DROP GRAPH <urn:longspan:states>",
        "CREATE GRAPH <urn:longspan:mine>",
        "INSERT DATA { GRAPH <urn:x-arq:UnionGraph> { <urn:x> <urn:p> 1 } }",
        "INSERT DATA { <urn:x> <urn:p> 1 }",
        "INSERT { ?s ?p 1 } WHERE { GRAPH <urn:g:bobs> { ?s ?p ?o } }",
        "LOAD <file:///etc/hostname> INTO GRAPH <urn:g:bobs>",
        "LOAD SILENT <http://127.0.0.1:1/> INTO GRAPH <urn:g:bobs>",
      })
  void noUpdateWritesWhatItsUserMayNot(String sparql) {
    String before = everything();
    try {
      update("bob", null, sparql);
    } catch (ServiceException e) {
      assertThat(e.code()).isIn(ErrorCode.forbidden, ErrorCode.badRequest);
    }
    // SILENT, or a graph that isn't visible, may hide the refusal; there is no effect either way.
    assertThat(everything()).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "INSERT DATA { GRAPH <urn:g:open> { <urn:x> <urn:p> 1 } }",
        "INSERT DATA { GRAPH <urn:g:secret> { <urn:x> <urn:p> 1 } }",
        "DELETE WHERE { GRAPH ?g { ?s ?p ?o } }",
        "WITH <urn:g:open> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "DROP ALL",
        "CLEAR GRAPH <urn:g:open>",
        "CREATE GRAPH <urn:g:secret>",
        "MOVE <urn:g:open> TO <urn:g:bobs>",
        "INSERT DATA { GRAPH <urn:longspan:access> { <urn:x> <urn:p> 1 } }",
      })
  void anUpdateOfSomebodyElsesGraphIsForbidden(String sparql) {
    assertThatThrownBy(() -> update("bob", null, sparql))
        .isInstanceOfSatisfying(
            ServiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.forbidden));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "INSERT { GRAPH <urn:g:bobs> { ?s ?p ?o } } WHERE { GRAPH ?g { ?s ?p ?o } }",
        "INSERT { GRAPH <urn:g:bobs> { ?s ?p ?o } } WHERE { GRAPH <urn:g:secret> { ?s ?p ?o } }",
        "INSERT { GRAPH <urn:g:bobs> { ?s ?p ?o } } USING <urn:g:secret> WHERE { ?s ?p ?o }",
        "INSERT { GRAPH <urn:g:bobs> { ?s ?p ?o } } USING NAMED <urn:g:secret>"
            + " WHERE { GRAPH ?g { ?s ?p ?o } }",
        "INSERT { GRAPH <urn:g:bobs> { ?s ?p ?o } } USING <urn:longspan:access>"
            + " WHERE { ?s ?p ?o }",
        "INSERT { GRAPH <urn:g:bobs> { ?s ?p ?o } }"
            + " WHERE { GRAPH <urn:x-arq:UnionGraph> { ?s ?p ?o } }",
        "INSERT { GRAPH <urn:g:bobs> { <urn:a> <urn:is> ?end } }"
            + " WHERE { GRAPH ?g { <urn:b> <urn:next>* ?end } }",
        "COPY SILENT <urn:g:secret> TO <urn:g:bobs>",
        "ADD SILENT <urn:longspan:access> TO <urn:g:bobs>",
        "MOVE SILENT <urn:g:secret> TO <urn:g:bobs>",
      })
  void noUpdateCopiesWhatItsUserMayNotRead(String sparql) {
    try {
      update("bob", null, sparql);
    } catch (ServiceException e) {
      assertThat(e.code()).isIn(ErrorCode.forbidden, ErrorCode.badRequest);
    }
    assertThat(query("bob", null, ALL)).doesNotContain("secret").doesNotContain("hidden");
    assertThat(query("alice", null, ALL)).contains("\"secret\"");
  }

  @Test
  void aWriterDoesAllThatSparqlUpdateOffersOnHisGraphs() {
    update("bob", BOBS, "INSERT DATA { <urn:x> <urn:p> 'default' }");
    update("bob", null, "COPY <urn:g:open> TO <urn:g:bobs>");
    assertThat(query("bob", BOBS, "SELECT * { ?s ?p ?o }"))
        .contains("open")
        .doesNotContain("default");
    update(
        "bob", null, "WITH <urn:g:bobs> DELETE { ?s ?p ?o } INSERT { ?s ?p 1 } WHERE { ?s ?p ?o }");
    Commit cleared = update("bob", null, "DROP GRAPH <urn:g:bobs>");
    assertThat(cleared.graphs()).hasSize(1);
    // the emptied graph stays his, and goes on counting
    assertThat(cleared.graphs().get(0).revision()).isEqualTo(5);
    assertThatThrownBy(() -> load("carol", BOBS, "<urn:a> <urn:p> 1 ."))
        .isInstanceOf(ServiceException.class);
    Commit created = update("bob", null, "CREATE GRAPH <urn:g:new>");
    assertThat(created.graphs().get(0).readableByAll()).isTrue();
    Commit inserted =
        update("carol", null, "INSERT DATA { GRAPH <urn:g:carols> { <urn:a> <urn:p> 1 } }");
    assertThat(inserted.graphs().get(0).revision()).isEqualTo(1);
    assertThat(store.graphs("carol"))
        .anyMatch(graph -> graph.uri().equals("urn:g:carols") && graph.writable());
  }

  @Test
  void nothingIsFetchedFromElsewhere(@TempDir Path folder) throws Exception {
    AtomicInteger visits = new AtomicInteger();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          visits.incrementAndGet();
          byte[] body = "<urn:stolen> <urn:p> <urn:stolen> .".getBytes();
          exchange.getResponseHeaders().add("Content-Type", "text/turtle");
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    Path file = Files.writeString(folder.resolve("x.ttl"), "<urn:stolen> <urn:p> 1 .");
    try {
      String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/x.ttl";
      for (String where : List.of(url, file.toUri().toString())) {
        for (String sparql :
            List.of(
                "SELECT * { SERVICE <%s> { ?s ?p ?o } }",
                "SELECT * { SERVICE SILENT <%s> { ?s ?p ?o } }",
                "SELECT * { VALUES ?u { <%s> } SERVICE SILENT ?u { ?s ?p ?o } }",
                "SELECT * { FILTER EXISTS { SERVICE SILENT <%s> { ?s ?p ?o } } }",
                "SELECT * FROM <%s> { ?s ?p ?o }",
                "SELECT * FROM NAMED <%s> { GRAPH ?g { ?s ?p ?o } }",
                "SELECT * { GRAPH <%s> { ?s ?p ?o } }")) {
          try {
            assertThat(query("bob", null, sparql.formatted(where))).doesNotContain("stolen");
          } catch (ServiceException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.badRequest);
          }
        }
        for (String sparql :
            List.of(
                "LOAD <%s> INTO GRAPH <urn:g:bobs>",
                "INSERT { GRAPH <urn:g:bobs> { ?s ?p ?o } }"
                    + " WHERE { SERVICE SILENT <%s> { ?s ?p ?o } }",
                "INSERT { GRAPH <urn:g:bobs> { ?s ?p ?o } } USING <%s> WHERE { ?s ?p ?o }")) {
          try {
            update("bob", null, sparql.formatted(where));
          } catch (ServiceException e) {
            assertThat(e.code()).isIn(ErrorCode.badRequest, ErrorCode.forbidden);
          }
        }
      }
      assertThat(query("bob", null, ALL)).doesNotContain("stolen");
      assertThat(visits).hasValue(0);
    } finally {
      server.stop(0);
    }
  }

  @Test
  void javaClassesAreNotCalledByName() {
    String java = "<java:io.longspan.demo.CalledByName>";
    assertThat(query("bob", null, "SELECT (" + java + "(1) AS ?x) {}")).doesNotContain("value");
    assertThat(query("bob", null, "SELECT * { ?x " + java + " ?y }")).doesNotContain("value");
    update(
        "bob",
        null,
        "INSERT { GRAPH <urn:g:bobs> { <urn:x> <urn:p> ?x } }"
            + " WHERE { BIND("
            + java
            + "(1) AS ?x) }");
    assertThat(System.getProperty(CalledByName.TRACE)).isNull();
    String integer = "<http://www.w3.org/2001/XMLSchema#integer>";
    assertThat(query("bob", null, "SELECT (" + integer + "('7') AS ?x) {}")).contains("\"7\"");
  }

  @Test
  void relativeIrisDoNotTellWhereTheProcessRuns() {
    assertThat(query("bob", null, "SELECT (IRI('x') AS ?i) (<y> AS ?j) {}"))
        .contains(SparqlContext.BASE + "x")
        .doesNotContain("file:");
  }

  @Test
  void aQueryOrUpdateThatTakesTooLongIsGivenUp() {
    StringBuilder turtle = new StringBuilder();
    for (int i = 0; i < 90; i++) {
      turtle.append("<urn:s").append(i).append("> <urn:p> ").append(i).append(" . ");
    }
    load("bob", BOBS, turtle.toString());
    String where = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o";
    QueryRunner hasty = new QueryRunner(Duration.ofMillis(200), 10_000);
    Query query = hasty.parse("SELECT (COUNT(*) AS ?count) { " + where + " }");
    assertThatThrownBy(
            () ->
                store.read(
                    "bob",
                    BOBS,
                    dataset -> {
                      try {
                        hasty.run(dataset, query, 10, (t, b, l) -> {}, new Cancellation());
                      } catch (JMSException e) {
                        throw new AssertionError(e);
                      }
                      return null;
                    }))
        .isInstanceOfSatisfying(
            ServiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.tooLarge));
    UpdateRunner hastyUpdates = new UpdateRunner(Duration.ofMillis(200));
    UpdateRequest update =
        hastyUpdates.parse(
            "INSERT { <urn:x> <urn:p> ?c } WHERE { " + where + " FILTER(?c + ?o = -1) }");
    String before = everything();
    assertThatThrownBy(() -> store.write("bob", BOBS, dataset -> hastyUpdates.run(dataset, update)))
        .isInstanceOfSatisfying(
            ServiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.tooLarge));
    assertThat(everything()).isEqualTo(before);
  }
}
