package io.longspan.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.jena.atlas.iterator.Iter;
import org.apache.jena.rdfpatch.RDFPatchOps;
import org.apache.jena.sparql.core.DatasetGraph;
import org.apache.jena.sparql.core.DatasetGraphFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GraphServiceTest {

  private static final String URI = "https://example.org/graphs/one";
  private static final Map<String, String> NOTHING = Map.of();

  private DemoBroker broker;
  private DemoServices services;
  private BusClient client;

  @BeforeEach
  void start() throws Exception {
    broker = new DemoBroker();
    StoreLimits limits = new StoreLimits(5, 20_000, 30_000, 10_000_000, 1_000);
    services = new DemoServices(broker.factory(), null, null, limits, Clock.systemUTC());
    services.start();
    client = new BusClient(broker.factory());
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    services.close();
    broker.close();
  }

  private JsonNode load(String user, String turtle) throws Exception {
    return client.graphOk(user, "load", turtle, Map.of("graph", URI));
  }

  private static String numbers(int count) {
    StringBuilder turtle = new StringBuilder("@prefix : <urn:x:> .\n");
    for (int i = 0; i < count; i++) {
      turtle.append(":s").append(i).append(" :p ").append(i).append(" .\n");
    }
    return turtle.toString();
  }

  @Test
  void everybodySeesTheTeamAndItsWritersMayWriteIt() throws Exception {
    JsonNode alice = client.graphOk("alice", "graphs", "", NOTHING).path("graphs");
    assertThat(alice).hasSize(1);
    assertThat(alice.get(0).path("uri").asText()).isEqualTo(DemoServices.TEAM_GRAPH);
    assertThat(alice.get(0).path("triples").asInt()).isEqualTo(14);
    assertThat(alice.get(0).path("revision").asInt()).isEqualTo(1);
    assertThat(alice.get(0).path("writable").asBoolean()).isTrue();
    JsonNode bob = client.graphOk("bob", "graphs", "", NOTHING).path("graphs");
    assertThat(bob.get(0).path("writable").asBoolean()).isFalse();
    assertThat(client.graphError("bob", "load", "", Map.of("graph", DemoServices.TEAM_GRAPH)))
        .isEqualTo("forbidden");
  }

  @Test
  void anAnswerCarriesCorrelationIdStatusAndContentType() throws Exception {
    Message answer = client.graph("alice", "graphs", "", NOTHING);
    assertThat(answer.getJMSCorrelationID()).startsWith("c-");
    assertThat(answer.getStringProperty("contentType")).isEqualTo("application/json");
    assertThat(answer.propertyExists("sequence")).isFalse();
  }

  @Test
  void aNewGraphBelongsToItsFirstWriterAndIsReadByAll() throws Exception {
    JsonNode created = client.graphOk("bob", "create", "", Map.of("graph", URI));
    assertThat(created.path("graphs").get(0).path("revision").asInt()).isEqualTo(1);
    assertThat(client.graphError("bob", "create", "", Map.of("graph", URI)))
        .isEqualTo("badRequest");
    assertThat(client.graphError("alice", "create", "", Map.of("graph", URI)))
        .isEqualTo("forbidden");
    JsonNode graphs = client.graphOk("alice", "graphs", "", NOTHING).path("graphs");
    assertThat(graphs.get(0).path("uri").asText()).isEqualTo(URI);
    assertThat(graphs.get(0).path("triples").asInt()).isZero();
    assertThat(graphs.get(0).path("writable").asBoolean()).isFalse();
  }

  @Test
  void loadReplacesAndTellsTheDifference() throws Exception {
    load("alice", "<urn:a> <urn:p> 1, 2 .");
    JsonNode second = load("alice", "<urn:a> <urn:p> 2, 3, 4 .");
    JsonNode change = second.path("graphs").get(0);
    assertThat(change.path("graph").asText()).isEqualTo(URI);
    assertThat(change.path("added").asInt()).isEqualTo(2);
    assertThat(change.path("removed").asInt()).isEqualTo(1);
    assertThat(change.path("revision").asInt()).isEqualTo(2);
    JsonNode third =
        client.graphOk("alice", "load", "<urn:a> <urn:p> 9 .", Map.of("graph", URI, "mode", "add"));
    assertThat(third.path("graphs").get(0).path("added").asInt()).isEqualTo(1);
    assertThat(third.path("graphs").get(0).path("removed").asInt()).isZero();
  }

  private List<Message> snapshot(String user, String uri) throws Exception {
    String question =
        "{\"operation\":\"snapshot\",\"topic\":\"%s\",\"user\":\"%s\"}"
            .formatted(GraphName.topic(uri), user);
    String id = client.send("services/graph", client.text(question, Map.of("runAsUser", user)));
    await()
        .until(
            () -> {
              List<Message> parts = client.answers(id);
              return !parts.isEmpty()
                  && !"false".equals(parts.get(parts.size() - 1).getStringProperty("done"));
            });
    return client.answers(id);
  }

  @Test
  void aSnapshotHasTheStateAfterTheLastPublishedChange() throws Exception {
    List<Message> changes = client.watch(GraphName.topic(URI));
    assertThat(snapshot("bob", URI))
        .singleElement()
        .satisfies(
            empty -> {
              assertThat(empty.getBody(String.class)).isEmpty();
              assertThat(empty.getIntProperty("revision")).isZero();
            });
    load("alice", "<urn:a> <urn:p> 1 .");
    load("alice", numbers(1_500));
    List<Message> parts = snapshot("bob", URI);
    assertThat(parts.size()).isGreaterThan(1);
    await().until(() -> changes.size() == 2);
    Message last = parts.get(parts.size() - 1);
    assertThat(last.getIntProperty("revision")).isEqualTo(2);
    assertThat(last.getStringProperty("snapshotThrough"))
        .isEqualTo(changes.get(1).getJMSMessageID());
    long triples = 0;
    for (Message part : parts) {
      assertThat(part.getStringProperty("contentType")).isEqualTo("application/n-triples");
      triples += part.getBody(String.class).lines().count();
    }
    assertThat(triples).isEqualTo(1_500);
  }

  @Test
  void aSnapshotIsForThoseWhoMayReadTheGraph() throws Exception {
    load("alice", "<urn:a> <urn:p> 1 .");
    services.store().grant(GraphName.of(URI), List.of("alice"), List.of("alice"));
    assertThat(snapshot("alice", URI).get(0).getStringProperty("status")).isEqualTo("ok");
    assertThat(snapshot("bob", URI).get(0).getStringProperty("status")).isEqualTo("error");
  }

  @Test
  void theSameDocumentWithBlankNodesIsARevisionWithoutADifference() throws Exception {
    String turtle = "<urn:a> <urn:p> [ <urn:q> _:x ; <urn:r> ( 1 2 ) ] .";
    load("alice", turtle);
    JsonNode again = load("alice", turtle).path("graphs").get(0);
    assertThat(again.path("added").asInt()).isZero();
    assertThat(again.path("removed").asInt()).isZero();
    assertThat(again.path("revision").asInt()).isEqualTo(2);
  }

  @Test
  void aChangeIsPublishedAsAPatchThatMakesTheSameGraphElsewhere() throws Exception {
    String iri = "https://example.org/graphs/a%20b?x=ü";
    List<Message> patches =
        client.watch("namedgraphs/(https%3A%2F%2Fexample.org%2Fgraphs%2Fa%2520b%3Fx%3D%C3%BC)");
    List<Message> summaries = client.watch("transactions/completed");
    client.graphOk(
        "alice", "load", "<urn:a> <urn:p> 'x', _:b .", Map.of("graph", iri, "revision", "first"));
    client.graphOk(
        "alice",
        "update",
        "DELETE { GRAPH ?g { ?s ?p 'x' } } INSERT { GRAPH ?g { ?s ?p 'y\\n' } }"
            + " WHERE { GRAPH ?g { ?s ?p 'x' } }",
        NOTHING);
    await().until(() -> patches.size() == 2 && summaries.size() == 2);

    Message first = patches.get(0);
    assertThat(first.getStringProperty("contentType")).isEqualTo("application/rdf-patch");
    assertThat(first.getStringProperty("graph")).isEqualTo(iri);
    assertThat(first.getStringProperty("user")).isEqualTo("alice");
    assertThat(first.getStringProperty("label")).isEqualTo("first");
    assertThat(first.getIntProperty("added")).isEqualTo(2);
    assertThat(first.getIntProperty("removed")).isZero();
    assertThat(first.getIntProperty("revision")).isEqualTo(1);
    assertThat(first.propertyExists("truncated")).isFalse();
    assertThat(patches.get(1).getIntProperty("removed")).isEqualTo(1);

    DatasetGraph copy = DatasetGraphFactory.createTxnMem();
    for (Message patch : patches) {
      byte[] text = BusClient.body(patch).getBytes(StandardCharsets.UTF_8);
      RDFPatchOps.applyChange(copy, new ByteArrayInputStream(text));
    }
    Set<Object> expected =
        services
            .store()
            .read(
                "alice",
                null,
                dataset ->
                    new HashSet<Object>(
                        Iter.toList(dataset.find(GraphName.of(iri), null, null, null))));
    Set<Object> copied = new HashSet<>();
    copy.executeRead(() -> copy.find().forEachRemaining(copied::add));
    assertThat(copied).isEqualTo(expected).hasSize(2);

    JsonNode summary = BusClient.json(summaries.get(1));
    assertThat(summary.path("transaction").asText())
        .isEqualTo(patches.get(1).getStringProperty("transaction"));
    assertThat(summary.path("user").asText()).isEqualTo("alice");
    assertThat(summary.path("time").asText()).endsWith("Z");
    assertThat(summary.path("graphs").get(0).path("graph").asText()).isEqualTo(iri);
    assertThat(summary.path("graphs").get(0).path("revision").asInt()).isEqualTo(2);
    assertThat(summary.path("otherGraphs").asInt()).isZero();
  }

  @Test
  void thePublicSummaryOnlyCountsPrivateGraphs() throws Exception {
    load("alice", "<urn:a> <urn:p> 1 .");
    services.store().grant(GraphName.of(URI), List.of(), List.of("alice"));
    List<Message> summaries = client.watch("transactions/completed");
    client.graphOk(
        "alice",
        "update",
        "INSERT DATA { GRAPH <%s> { <urn:a> <urn:p> 2 } GRAPH <urn:new> { <urn:a> <urn:p> 2 } }"
            .formatted(URI),
        NOTHING);
    await().until(() -> summaries.size() == 1);
    JsonNode summary = BusClient.json(summaries.get(0));
    assertThat(summary.path("graphs")).hasSize(1);
    assertThat(summary.path("graphs").get(0).path("graph").asText()).isEqualTo("urn:new");
    assertThat(summary.path("otherGraphs").asInt()).isEqualTo(1);
    assertThat(BusClient.body(summaries.get(0))).doesNotContain(URI);
  }

  @Test
  void aPatchThatIsTooLargeIsLeftOut() throws Exception {
    List<Message> patches = client.watch(GraphName.topic(URI));
    load("alice", numbers(10_000));
    await().until(() -> !patches.isEmpty());
    assertThat(patches.get(0).getBooleanProperty("truncated")).isTrue();
    assertThat(patches.get(0).getIntProperty("added")).isEqualTo(10_000);
    assertThat(BusClient.body(patches.get(0))).isEmpty();
  }

  @Test
  void anUpdateWithoutEffectIsNoRevision() throws Exception {
    load("alice", "<urn:a> <urn:p> 1 .");
    List<Message> patches = client.watch(GraphName.topic(URI));
    JsonNode nothing =
        client.graphOk(
            "alice",
            "update",
            "INSERT DATA { <urn:b> <urn:p> 2 } ; DELETE DATA { <urn:b> <urn:p> 2 }",
            Map.of("graph", URI));
    assertThat(nothing.path("graphs")).isEmpty();
    JsonNode next =
        client.graphOk(
            "alice", "update", "INSERT DATA { <urn:b> <urn:p> 2 }", Map.of("graph", URI));
    assertThat(next.path("graphs").get(0).path("revision").asInt()).isEqualTo(2);
    await().until(() -> !patches.isEmpty());
    assertThat(patches.get(0).getIntProperty("revision")).isEqualTo(2);
  }

  @Test
  void selectAndAskAnswerSparqlJson() throws Exception {
    load("alice", "<urn:a> <urn:p> 'x'@en .");
    JsonNode rows =
        client.graphOk("bob", "query", "SELECT ?o { <urn:a> ?p ?o }", Map.of("graph", URI));
    assertThat(rows.path("head").path("vars").get(0).asText()).isEqualTo("o");
    JsonNode o = rows.path("results").path("bindings").get(0).path("o");
    assertThat(o.path("value").asText()).isEqualTo("x");
    assertThat(o.path("xml:lang").asText()).isEqualTo("en");
    JsonNode ask = client.graphOk("bob", "query", "ASK { <urn:a> ?p ?o }", NOTHING);
    assertThat(ask.path("boolean").asBoolean()).isTrue();
  }

  @Test
  void constructAnswersNTriplesInParts() throws Exception {
    load("alice", numbers(5));
    Message request = query("alice", "CONSTRUCT WHERE { ?s ?p ?o }");
    request.setIntProperty("pageSize", 2);
    request.setStringProperty("graph", URI);
    List<Message> parts = parts(request);
    assertThat(parts).hasSize(3);
    assertThat(parts.get(0).getStringProperty("contentType")).isEqualTo("application/n-triples");
    assertThat(BusClient.body(parts.get(0)).lines()).hasSize(2);
    assertThat(BusClient.body(parts.get(2)).lines()).hasSize(1);
  }

  private Message query(String user, String sparql) throws JMSException {
    Message message = client.text(sparql, Map.of("operation", "query"));
    message.setStringProperty("runAsUser", user);
    return message;
  }

  private List<Message> parts(Message request) throws Exception {
    String id = client.send("services/graph", request);
    await().until(() -> client.answers(id).stream().anyMatch(GraphServiceTest::isLast));
    return client.answers(id);
  }

  private static boolean isLast(Message message) {
    try {
      String done = message.getStringProperty("done");
      return done == null || done.equals("true");
    } catch (JMSException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aLargeResultComesInPartsThatTogetherAreAllRows() throws Exception {
    load("alice", numbers(1_001));
    Message request = query("bob", "SELECT ?o { ?s ?p ?o }");
    request.setStringProperty("graph", URI);
    List<Message> parts = parts(request);
    assertThat(parts).hasSize(3);
    Set<String> values = new HashSet<>();
    for (int i = 0; i < parts.size(); i++) {
      assertThat(parts.get(i).getIntProperty("sequence")).isEqualTo(i + 1);
      assertThat(parts.get(i).getStringProperty("done")).isEqualTo(i == 2 ? "true" : "false");
      JsonNode part = BusClient.json(parts.get(i));
      assertThat(part.path("head").path("vars")).hasSize(1);
      for (JsonNode row : part.path("results").path("bindings")) {
        values.add(row.path("o").path("value").asText());
      }
    }
    assertThat(values).hasSize(1_001);
  }

  @Test
  void aResultOfExactlyOnePageIsOneAnswer() throws Exception {
    load("alice", numbers(10));
    Message request = query("bob", "SELECT ?o { ?s ?p ?o }");
    request.setStringProperty("graph", URI);
    // A JavaScript client's number may arrive as a double.
    request.setDoubleProperty("pageSize", 10);
    List<Message> parts = parts(request);
    assertThat(parts).hasSize(1);
    assertThat(parts.get(0).propertyExists("sequence")).isFalse();
    assertThat(parts.get(0).propertyExists("done")).isFalse();
  }

  @Test
  void cancellingEndsAQueryThatWouldRunOnWithoutALastPart() throws Exception {
    load("alice", numbers(300));
    Message endless = query("bob", "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }");
    endless.setIntProperty("pageSize", 1);
    String id = client.send("services/graph", endless);
    await().until(() -> client.answers(id).size() > 3);
    Message cancel = client.text("", Map.of("cancel", true, "runAsUser", "bob"));
    client.send("services/graph", cancel, id);
    // The three readers are all free again: three more of the kind run and can be cancelled.
    for (int i = 0; i < 3; i++) {
      Message next = query("bob", "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }");
      next.setIntProperty("pageSize", 1);
      String nextId = client.send("services/graph", next);
      await().until(() -> client.answers(nextId).size() > 3);
      client.send(
          "services/graph", client.text("", Map.of("cancel", true, "runAsUser", "bob")), nextId);
    }
    client.graphOk("bob", "query", "ASK {}", NOTHING);
    assertThat(client.answers(id)).noneMatch(GraphServiceTest::isLast);
  }

  @Test
  void nobodyElseCancelsAQuery() throws Exception {
    load("alice", numbers(40));
    Message slow = query("bob", "SELECT * { ?a ?b ?c . ?d ?e ?f }");
    slow.setIntProperty("pageSize", 100);
    String id = client.send("services/graph", slow);
    Message cancel = client.text("", Map.of("cancel", true, "runAsUser", "mallory"));
    client.send("services/graph", cancel, id);
    await().until(() -> client.answers(id).stream().anyMatch(GraphServiceTest::isLast));
    assertThat(client.answers(id)).hasSizeGreaterThan(2);
  }

  @Test
  void aResultWithTooManyRowsEndsWithAnErrorAsItsLastPart() throws Exception {
    load("alice", numbers(300));
    Message request = query("bob", "SELECT * { ?a ?b ?c . ?d ?e ?f }");
    request.setIntProperty("pageSize", 5_000);
    List<Message> parts = parts(request);
    Message last = parts.get(parts.size() - 1);
    assertThat(last.getStringProperty("status")).isEqualTo("error");
    assertThat(BusClient.json(last).path("code").asText()).isEqualTo("tooLarge");
    assertThat(last.getIntProperty("sequence")).isEqualTo(parts.size());
    assertThat(parts.get(0).getStringProperty("status")).isEqualTo("ok");
  }

  @Test
  void whatTheStoreCannotHoldIsRefusedAndChangesNothing() throws Exception {
    load("alice", "<urn:a> <urn:p> 1 .");
    assertThat(client.graphError("alice", "load", numbers(20_001), Map.of("graph", URI)))
        .isEqualTo("tooLarge");
    load("alice", numbers(200));
    // 200 × 200 triples would be more than a graph takes
    String explosion =
        "INSERT { GRAPH <%s> { ?a <urn:q> ?b } } WHERE { GRAPH <%s> { ?a ?p ?x . ?b ?p ?y } }"
            .formatted(URI, URI);
    assertThat(client.graphError("alice", "update", explosion, NOTHING)).isEqualTo("tooLarge");
    String longTerm = "<urn:a> <urn:p> '" + "x".repeat(1_001) + "' .";
    assertThat(client.graphError("alice", "load", longTerm, Map.of("graph", URI)))
        .isEqualTo("tooLarge");
    for (int i = 0; i < 3; i++) {
      client.graphOk("alice", "create", "", Map.of("graph", "urn:g:" + i));
    }
    assertThat(client.graphError("alice", "create", "", Map.of("graph", "urn:g:9")))
        .isEqualTo("tooLarge");
    JsonNode graph = client.graphOk("alice", "graphs", "", NOTHING).path("graphs").get(0);
    assertThat(graph.path("triples").asInt()).isEqualTo(200);
    assertThat(graph.path("revision").asInt()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "nonsense", "QUERY"})
  void anUnknownOperationIsABadRequest(String operation) throws Exception {
    assertThat(client.graphError("alice", operation, "", NOTHING)).isEqualTo("badRequest");
  }

  @Test
  void malformedRequestsGetErrorsAndTheServiceLivesOn() throws Exception {
    assertThat(client.graphError("alice", "query", "SELECT {", NOTHING)).isEqualTo("syntax");
    assertThat(client.graphError("alice", "update", "INSERT", NOTHING)).isEqualTo("syntax");
    assertThat(client.graphError("alice", "load", "<a> <b>", Map.of("graph", URI)))
        .isEqualTo("syntax");
    assertThat(client.graphError("alice", "load", "", NOTHING)).isEqualTo("badRequest");
    assertThat(client.graphError("alice", "load", "", Map.of("graph", "relative")))
        .isEqualTo("badRequest");
    assertThat(client.graphError("alice", "load", "", Map.of("graph", URI, "mode", "x")))
        .isEqualTo("badRequest");
    assertThat(client.graphError("alice", "query", "ASK {}", Map.of("graph", "urn:none")))
        .isEqualTo("notFound");
    assertThat(client.graphError("alice", "query", "ASK {}", Map.of("pageSize", 0)))
        .isEqualTo("badRequest");
    assertThat(client.graphError("alice", "query", "ASK {}", Map.of("pageSize", "NaN")))
        .isEqualTo("badRequest");
    assertThat(client.graphError("*", "graphs", "", NOTHING)).isEqualTo("forbidden");
    assertThat(client.graphError("", "graphs", "", NOTHING)).isEqualTo("forbidden");
    String deep = "ASK {" + "{".repeat(100_000) + "}".repeat(100_000) + "}";
    assertThat(client.graphError("alice", "query", deep, NOTHING)).isEqualTo("syntax");
    Message map = client.map(Map.of("operation", "query", "runAsUser", "alice"));
    assertThat(BusClient.json(client.answer("services/graph", map)).path("code").asText())
        .isEqualTo("badRequest");
    client.sendWithoutReplyTo("services/graph", client.text("", NOTHING));
    client.graphOk("alice", "graphs", "", NOTHING);
  }

  @Test
  void aRequestWithoutReplyAddressIsStillDone() throws Exception {
    Map<String, String> create = Map.of("operation", "create", "graph", URI, "runAsUser", "alice");
    client.sendWithoutReplyTo("services/graph", client.text("", create));
    await().until(() -> services.store().exists(GraphName.of(URI)));
  }

  @Test
  void revisionsArePublishedInCommitOrder() throws Exception {
    List<Message> patches = client.watch(GraphName.topic(URI));
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      Map<String, String> properties =
          Map.of("operation", "load", "graph", URI, "runAsUser", "alice");
      Message load = client.text("<urn:a> <urn:p> " + i + " .", properties);
      ids.add(client.send("services/graph", load));
    }
    await().until(() -> patches.size() == 50);
    for (int i = 0; i < 50; i++) {
      assertThat(patches.get(i).getIntProperty("revision")).isEqualTo(i + 1);
      assertThat(BusClient.body(patches.get(i))).contains("\nA <urn:a> <urn:p> \"" + i + "\"^^<");
    }
    assertThat(ids).allSatisfy(id -> assertThat(client.answers(id)).hasSize(1));
  }
}
