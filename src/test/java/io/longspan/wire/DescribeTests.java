package io.longspan.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a user may use, and nothing else (protocol section 18). */
interface DescribeTests extends WireTarget {

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> destinations(Map<String, Object> answer) {
    assertThat(answer).containsEntry("status", "success").containsEntry("complete", true);
    return (List<Map<String, Object>>) answer.get("destinations");
  }

  private static List<Object> names(List<Map<String, Object>> destinations) {
    return destinations.stream().map(d -> d.get("name")).toList();
  }

  private static Map<String, Object> named(List<Map<String, Object>> destinations, String name) {
    return destinations.stream().filter(d -> name.equals(d.get("name"))).findFirst().orElseThrow();
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aBodyMustFitTheSchemaOfItsEntry(Transport transport) {
    String orders = WireTarget.unique("orders/o");
    String tried = WireTarget.unique("tried/o");
    try (RawBayeuxClient alice = bridge().connected(transport, "alice");
        TestService service = service().serve(orders, TestService::echo)) {
      service.serve(tried, TestService::echo);
      for (Object body : List.of(Map.of("amount", "3"), Map.of(), List.of(), "{\"amount\": 3}")) {
        assertThat(alice.send(orders, Map.of("JMSCorrelationID", "wrong"), body).get("error"))
            .asString()
            .startsWith("badRequest:")
            .contains("does not fit the schema: /");
      }
      assertThat(alice.send(orders, Map.of("JMSCorrelationID", "right"), Map.of("amount", 3)))
          .containsEntry("successful", true);
      assertThat(alice.awaitAnswer("right")).containsEntry("body", "{\"amount\":3}");
      double before = bridge().metric("longspan_schema_mismatches_total");
      assertThat(alice.send(tried, Map.of("JMSCorrelationID", "tried"), Map.of("amount", "3")))
          .containsEntry("successful", true);
      assertThat(alice.awaitAnswer("tried")).containsEntry("body", "{\"amount\":\"3\"}");
      assertThat(bridge().metric("longspan_schema_mismatches_total")).isEqualTo(before + 1);
      assertThat(service.received()).hasSize(2);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aUserLearnsWhatItMayUse(Transport transport) {
    try (RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      List<Map<String, Object>> described = destinations(alice.control("type", "describe"));
      assertThat(named(described, "services/{service}"))
          .isEqualTo(Map.of("name", "services/{service}", "kind", "queue", "may", List.of("send")));
      assertThat(named(described, "prices/{market}/{symbol}"))
          .containsEntry("kind", "topic")
          .containsEntry("may", List.of("send", "subscribe"))
          .containsEntry("wildcards", true);
      assertThat(named(described, "orders/{id}"))
          .containsEntry("title", "Orders")
          .containsEntry(
              "schema",
              Map.of(
                  "type",
                  "object",
                  "required",
                  List.of("amount"),
                  "properties",
                  Map.of("amount", Map.of("type", "integer"))));
      assertThat(names(described)).contains("mail/{box...}", "inbox");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void nothingOfWhatAUserMayNotUseIsDescribed(Transport transport) throws Exception {
    try (RawBayeuxClient bob = bridge().connected(transport, "bob")) {
      List<Map<String, Object>> described = destinations(bob.control("type", "describe"));
      assertThat(names(described))
          .doesNotContain("secret/{x}", "prices/closed/{symbol}", "orders/{id}", "orders/{other}");
      assertThat(named(described, "prices/{market}/{symbol}"))
          .containsEntry("may", List.of("subscribe"));
      // Only the authorisation service can tell who may subscribe.
      assertThat(named(described, "namedgraphs/{graph}")).containsEntry("may", List.of("send"));
    }
    assertThat(asyncApi("bob").body())
        .doesNotContain("secret", "closed", "orders", "never reached");
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aClientThatIsNotConnectedLearnsNothing(Transport transport) {
    try (RawBayeuxClient alice = bridge().client(transport, "alice").handshake()) {
      assertThat(alice.control("type", "describe")).containsEntry("errorCode", "notConnected");
    }
  }

  private HttpResponse<String> asyncApi(String user) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(bridge().uri("asyncapi.json"));
    if (user != null) {
      request.header("Authorization", RawBayeuxClient.basic(user, user));
    }
    return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
  }

  @Test
  default void theSameIsAnAsyncApiDocument() throws Exception {
    HttpResponse<String> answer = asyncApi("alice");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
    JsonNode document = RawBayeuxClient.JSON.readTree(answer.body());
    assertThat(document.path("asyncapi").asText()).isEqualTo("3.0.0");
    JsonNode orders = document.at("/channels/orders_id");
    assertThat(orders.path("address").asText()).isEqualTo("orders/{id}");
    assertThat(orders.path("title").asText()).isEqualTo("Orders");
    assertThat(orders.at("/parameters/id").isObject()).isTrue();
    assertThat(orders.at("/messages/body/payload/type").asText()).isEqualTo("object");
    assertThat(document.at("/channels/mail_box/address").asText()).isEqualTo("mail/{box}");
    document
        .path("operations")
        .forEach(
            operation -> {
              String pointer = operation.at("/channel/$ref").asText().substring(1);
              assertThat(document.at(pointer).isObject()).as(pointer).isTrue();
            });
    assertThat(document.at("/operations/send_orders_id/action").asText()).isEqualTo("send");
    assertThat(document.at("/operations/subscribe_inbox/action").asText()).isEqualTo("receive");
    assertThat(document.path("operations").has("subscribe_namedgraphs_graph")).isFalse();
  }

  @Test
  default void theDocumentNeedsCredentialsAndIsNotForForeignPages() throws Exception {
    assertThat(asyncApi(null).statusCode()).isEqualTo(401);
    HttpRequest foreign =
        HttpRequest.newBuilder(bridge().uri("asyncapi.json"))
            .header("Authorization", RawBayeuxClient.basic("alice", "alice"))
            .header("Origin", "https://elsewhere.example")
            .build();
    assertThat(HttpClient.newHttpClient().send(foreign, BodyHandlers.ofString()).statusCode())
        .isEqualTo(403);
  }
}
