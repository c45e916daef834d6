package io.longspan.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.jms.Message;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AuthorizationServiceTest {

  private static final String TEAM = "namedgraphs/(https%3A%2F%2Fexample.org%2Fgraphs%2Fteam)";

  private DemoBroker broker;
  private DemoServices services;
  private BusClient client;

  @BeforeEach
  void start() throws Exception {
    broker = new DemoBroker();
    services = new DemoServices(broker.factory());
    services.start();
    client = new BusClient(broker.factory());
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    services.close();
    broker.close();
  }

  private JsonNode ask(String operation, String user, String destination) throws Exception {
    Map<String, Object> question =
        Map.of(
            "operation", operation,
            "user", user,
            "roles", List.of("viewer"),
            "destination", destination);
    String body = new ObjectMapper().writeValueAsString(question);
    Message answer = client.answer("services/authorization", client.text(body, Map.of()));
    assertThat(answer.getStringProperty("status")).isEqualTo("ok");
    JsonNode decision = BusClient.json(answer);
    assertThat(decision.path("allowed").isBoolean()).isTrue();
    assertThat(decision.path("ttl").asInt()).isPositive();
    return decision;
  }

  private boolean maySubscribe(String user, String destination) throws Exception {
    return ask("canSubscribe", user, destination).path("allowed").asBoolean();
  }

  @Test
  void whoMayReadAGraphMaySubscribeToIt() throws Exception {
    assertThat(maySubscribe("bob", TEAM)).isTrue();
    services
        .store()
        .grant(GraphName.of(DemoServices.TEAM_GRAPH), List.of("carol"), List.of("alice"));
    assertThat(maySubscribe("alice", TEAM)).isTrue();
    assertThat(maySubscribe("carol", TEAM)).isTrue();
    assertThat(maySubscribe("bob", TEAM)).isFalse();
    assertThat(maySubscribe("*", TEAM)).isFalse();
    assertThat(maySubscribe("", TEAM)).isFalse();
  }

  @Test
  void aGraphThatDoesNotExistYetMayBeWaitedFor() throws Exception {
    JsonNode decision = ask("canSubscribe", "bob", "namedgraphs/(urn%3Ag%3Anew)");
    assertThat(decision.path("allowed").asBoolean()).isTrue();
    assertThat(decision.path("ttl").asInt()).isLessThanOrEqualTo(5);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "namedgraphs",
        "namedgraphs/()",
        "namedgraphs/(urn%3Ag%3Anew",
        "namedgraphs/urn%3Ag%3Anew",
        "namedgraphs/(urn:g:new)",
        "namedgraphs/(urn%3ag%3anew)",
        "namedgraphs/(urn%3Ag%3A%zz)",
        "namedgraphs/(urn%3Ag%3A%)",
        "namedgraphs/(%FF)",
        "namedgraphs/**",
        "namedgraphs/*",
        "namedgraphs/(urn%3Alongspan%3Aaccess)",
        "prices/x/y",
        "services/graph",
      })
  void anythingElseIsDenied(String destination) throws Exception {
    assertThat(maySubscribe("alice", destination)).isFalse();
  }

  @Test
  void sendingToAGraphsTopicIsTheStoresBusiness() throws Exception {
    assertThat(ask("canSend", "alice", TEAM).path("allowed").asBoolean()).isFalse();
    assertThat(ask("canFly", "alice", TEAM).path("allowed").asBoolean()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "null", "[]", "{", "{\"operation\": 1}", "\"x\""})
  void aMalformedQuestionIsNeverAYes(String question) throws Exception {
    Message answer = client.answer("services/authorization", client.text(question, Map.of()));
    assertThat(BusClient.json(answer).path("allowed").asBoolean()).isFalse();
    assertThat(maySubscribe("bob", TEAM)).isTrue();
  }
}
