package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.properties;
import static io.longspan.wire.TestService.text;
import static io.longspan.wire.WireTarget.unique;
import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.Message;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Subscriptions to topics: rights, selectors, wildcards and delivery (protocol sections 2, 4, 10
 * and 11).
 */
interface SubscriptionTests extends WireTarget {

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void theBridgeAuthorisesEachTopicSeparately(Transport transport) {
    try (RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      Map<String, Object> answer =
          alice.subscribe(
              "chat/a", "prices/closed/X", "a b", "unknown/x", "prices/eu/ABC", "services/echo");
      assertThat(answer)
          .containsEntry("status", "failed")
          .containsEntry(
              "failedTopics", List.of("prices/closed/X", "a b", "unknown/x", "services/echo"))
          .doesNotContainKey("errorCode");
      @SuppressWarnings("unchecked")
      List<String> errors = (List<String>) answer.get("topicErrors");
      assertThat(errors).hasSize(4);
      assertThat(errors.get(0))
          .isEqualTo(errors.get(2))
          .isEqualTo(errors.get(3))
          .startsWith("notAuthorized");
      assertThat(errors.get(1)).startsWith("badRequest");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aSubscriberReceivesEachTopicMessageOnceUntilItUnsubscribes(Transport transport) {
    String topic = unique("chat/c");
    try (TestService service = service();
        RawBayeuxClient alice = bridge().connected(transport, "alice");
        RawBayeuxClient bob = bridge().connected(transport, "bob")) {
      alice.subscribe(topic);
      alice.subscribe(topic);
      bob.subscribe(topic);
      service.publish(topic, session -> session.createTextMessage("one"));
      for (RawBayeuxClient client : List.of(alice, bob)) {
        Map<String, Object> one = client.awaitData(d -> "one".equals(d.get("body")));
        assertThat(properties(one))
            .containsEntry("type", "topicMessage")
            .containsEntry("topic", topic)
            .doesNotContainKey("subscription");
      }
      assertThat(alice.control("type", "topicUnsubscribe", "topics", List.of(topic, "chat/other")))
          .containsEntry("status", "success");
      service.publish(topic, session -> session.createTextMessage("two"));
      bob.awaitData(d -> "two".equals(d.get("body")));
      service.publish("chat/end", session -> session.createTextMessage("end"));
      assertThat(alice.data()).filteredOn(d -> "one".equals(d.get("body"))).hasSize(1);
      assertThat(alice.data()).noneMatch(d -> "two".equals(d.get("body")));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aSelectorFiltersTheMessagesOfOneSubscriber(Transport transport) {
    String topic = unique("chat/c");
    try (TestService service = service();
        RawBayeuxClient alice = bridge().connected(transport, "alice");
        RawBayeuxClient bob = bridge().connected(transport, "bob")) {
      assertThat(
              alice.control(
                  "type", "topicSubscribe", "topics", List.of(topic), "selector", "price > 10"))
          .containsEntry("status", "success");
      assertThat(alice.subscribe(topic)).containsEntry("failedTopics", List.of(topic));
      bob.subscribe(topic);
      for (int price : List.of(5, 50, 7, 70)) {
        service.publish(
            topic,
            session -> {
              Message message = session.createTextMessage(String.valueOf(price));
              message.setIntProperty("price", price);
              return message;
            });
      }
      bob.awaitData(d -> "70".equals(d.get("body")));
      alice.awaitData(d -> "70".equals(d.get("body")));
      assertThat(topicBodies(alice)).containsExactly("50", "70");
      assertThat(topicBodies(bob)).containsExactly("5", "50", "7", "70");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aWildcardSubscriptionNamesTheActualTopicAndCoversOnlyItsCatalogueEntry(
      Transport transport) {
    String market = unique("m");
    try (TestService service = service();
        RawBayeuxClient bob = bridge().connected(transport, "bob")) {
      assertThat(bob.subscribe("prices/*/ABC", "prices/" + market + "/**"))
          .containsEntry("status", "success");
      service.publish("prices.closed.ABC", session -> session.createTextMessage("closed"));
      service.publish("prices." + market + ".XYZ", session -> session.createTextMessage("xyz"));
      service.publish("prices.other.ABC", session -> session.createTextMessage("abc"));
      Map<String, Object> xyz = bob.awaitData(d -> "xyz".equals(d.get("body")));
      assertThat(properties(xyz))
          .containsEntry("topic", "prices/" + market + "/XYZ")
          .containsEntry("subscription", "prices/" + market + "/**");
      Map<String, Object> abc = bob.awaitData(d -> "abc".equals(d.get("body")));
      assertThat(properties(abc))
          .containsEntry("topic", "prices/other/ABC")
          .containsEntry("subscription", "prices/*/ABC");
      assertThat(topicBodies(bob)).doesNotContain("closed");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aTopicNamedAfterTheUserDeliversOnlyMessagesForThatUser(Transport transport) {
    try (TestService service = service();
        RawBayeuxClient alice = bridge().connected(transport, "alice");
        RawBayeuxClient bob = bridge().connected(transport, "bob")) {
      alice.subscribe("inbox");
      bob.subscribe("inbox");
      service.publish("inbox.bob", session -> session.createTextMessage("for bob"));
      service.publish("inbox.alice", session -> session.createTextMessage("for alice"));
      bob.awaitData(d -> "for bob".equals(d.get("body")));
      alice.awaitData(d -> "for alice".equals(d.get("body")));
      assertThat(topicBodies(alice)).doesNotContain("for bob");
      assertThat(topicBodies(bob)).doesNotContain("for alice");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void theAuthorisationServiceGrantsTopicsAndAMalformedAnswerDeniesThem(
      Transport transport) {
    String granted = unique("namedgraphs/(urn%3Ag");
    try (TestService service =
            service()
                .serve(
                    "services/authorization",
                    (session, request) -> {
                      String body = text(request);
                      TestService.reply(
                          session,
                          request,
                          session.createTextMessage(
                              body.contains(granted)
                                  ? "{\"allowed\":true,\"ttl\":60}"
                                  : body.contains("odd") ? "nonsense" : "{\"allowed\":\"true\"}"));
                    });
        RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      assertThat(alice.subscribe(granted, "namedgraphs/odd", "namedgraphs/no"))
          .containsEntry("failedTopics", List.of("namedgraphs/odd", "namedgraphs/no"));
      Message question = service.await(m -> text(m).contains(granted));
      assertThat(text(question))
          .isEqualTo(
              "{\"operation\":\"canSubscribe\",\"user\":\"alice\",\"roles\":[\"trader\",\"editor\"],"
                  + "\"destination\":\""
                  + granted
                  + "\"}");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void theBridgeNumbersEveryMessageOnTheUserChannelConsecutively(Transport transport) {
    String topic = unique("chat/c");
    try (TestService service = service();
        RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      alice.subscribe(topic);
      for (int i = 0; i < 100; i++) {
        String body = String.valueOf(i);
        service.publish(topic, session -> session.createTextMessage(body));
      }
      alice.awaitData(d -> "99".equals(d.get("body")));
      List<Object> numbers = alice.data().stream().map(d -> d.get("seq")).toList();
      assertThat(numbers)
          .containsExactlyElementsOf(IntStream.rangeClosed(1, numbers.size()).boxed().toList());
      assertThat(topicBodies(alice))
          .containsExactlyElementsOf(
              IntStream.range(0, 100).<Object>mapToObj(String::valueOf).toList());
    }
  }

  private static List<Object> topicBodies(RawBayeuxClient client) {
    return client.data().stream()
        .filter(d -> "topicMessage".equals(properties(d).get("type")))
        .map(d -> d.get("body"))
        .toList();
  }
}
