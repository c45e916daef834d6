package io.longspan.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.jms.Message;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Real revisions, one after the other. The numbers were computed with another RDF library (rdflib),
 * as differences of sets of triples; the auto files 06 and 07 after repairing their escapes.
 */
class RevisionsTest {

  private static final String URI = "https://example.org/graphs/schema";

  private DemoBroker broker;
  private DemoServices services;
  private BusClient client;
  private List<Message> patches;

  @BeforeEach
  void start() throws Exception {
    broker = new DemoBroker();
    services = new DemoServices(broker.factory());
    services.start();
    client = new BusClient(broker.factory());
    patches = client.watch(GraphName.topic(URI));
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    services.close();
    broker.close();
  }

  /** Loads the documents and returns "added removed" of each. */
  private List<String> load(List<String> documents) throws Exception {
    List<String> differences = new ArrayList<>();
    for (String document : documents) {
      JsonNode answer = client.graphOk("alice", "load", document, Map.of("graph", URI));
      JsonNode change = answer.path("graphs").get(0);
      assertThat(change.path("revision").asInt()).isEqualTo(differences.size() + 1);
      differences.add(change.path("added").asInt() + " " + change.path("removed").asInt());
    }
    await().until(() -> patches.size() == documents.size());
    for (int i = 0; i < patches.size(); i++) {
      assertThat(patches.get(i).getIntProperty("revision")).isEqualTo(i + 1);
      String told =
          patches.get(i).getIntProperty("added") + " " + patches.get(i).getIntProperty("removed");
      assertThat(told).isEqualTo(differences.get(i));
      if (!patches.get(i).propertyExists("truncated")) {
        assertThat(lines(patches.get(i), "A ") + " " + lines(patches.get(i), "D "))
            .isEqualTo(differences.get(i));
      }
    }
    return differences;
  }

  private static long lines(Message patch, String start) throws Exception {
    return BusClient.body(patch).lines().filter(line -> line.startsWith(start)).count();
  }

  private static List<String> files(String vocabulary) throws IOException {
    Path folder = SharedData.schemaOrg().orElse(null);
    assumeTrue(folder != null, "no shared/data beside this checkout");
    List<String> documents = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.sorted().toList()) {
        if (file.getFileName().toString().startsWith(vocabulary)) {
          documents.add(Files.readString(file));
        }
      }
    }
    return documents;
  }

  @Test
  void theTwelveRevisionsOfAutoDifferAsAnotherLibrarySays() throws Exception {
    assertThat(load(files("auto-")))
        .containsExactly(
            "186 0", "1 1", "0 0", "186 186", "1 1", "1 1", "1 1", "0 0", "27 27", "2 2", "1 1",
            "0 0");
    GraphStore.Entry graph = services.store().graphs("bob").get(0);
    assertThat(graph).isEqualTo(new GraphStore.Entry(URI, 186, false, 12));
  }

  @Test
  void theRevisionsOfHealthDifferAsAnotherLibrarySays() throws Exception {
    assertThat(load(files("med-health-core-")))
        .containsExactly(
            "1979 0",
            "17 8",
            "0 0",
            "1988 1988",
            "0 2",
            "6 6",
            "2 3",
            "16 15",
            "2 3",
            "1 1",
            "0 2",
            "0 0",
            "14 0",
            "1 1",
            "1 1",
            "5 0",
            "5 0");
  }

  @Test
  void smallRevisionsWithNeedlessBackslashesDifferAsCountedByHand() throws Exception {
    assertThat(
            load(List.of(fixture("birds-1.ttl"), fixture("birds-2.ttl"), fixture("birds-3.ttl"))))
        .containsExactly("6 0", "3 1", "0 0");
  }

  private static String fixture(String name) throws IOException {
    try (InputStream in = RevisionsTest.class.getResourceAsStream("/demo/" + name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void aRepairIsToldAsAWarningAndASoundDocumentHasNone() throws Exception {
    JsonNode repaired =
        client.graphOk("alice", "load", fixture("birds-2.ttl"), Map.of("graph", URI));
    assertThat(repaired.path("warnings").get(0).asText()).contains("2 needless backslashes");
    JsonNode sound = client.graphOk("alice", "load", fixture("birds-1.ttl"), Map.of("graph", URI));
    assertThat(sound.has("warnings")).isFalse();
  }
}
