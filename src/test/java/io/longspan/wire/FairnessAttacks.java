package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.message;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One user asks the broker for more than a share; alice attacks, bob must not notice. */
interface FairnessAttacks extends AttackTarget {
  String SUBSCRIPTIONS = "longspan_subscriptions";
  String SUBSCRIPTION_BYTES = "longspan_budget_bytes{purpose=\"subscriptions\"}";
  String SEND_BYTES = "longspan_budget_bytes{purpose=\"sends\"}";

  /** Returns a queue of the broker that is soon full and refuses its senders. */
  String fullQueue();

  private static List<String> topics(String prefix, int count) {
    return IntStream.range(0, count).mapToObj(i -> "chat/" + prefix + "-" + i).toList();
  }

  private static void startToSubscribe(RawBayeuxClient client, List<String> topics) {
    client.start(
        message(
            "channel",
            "/anzo/control",
            "data",
            message("correlationId", "flood", "type", "topicSubscribe", "topics", topics)));
  }

  private static void awaitFlood(RawBayeuxClient client) {
    client.awaitData(data -> "flood".equals(data.get("correlationId")));
  }

  /** The broker's consumers of topics. */
  private int consumers() {
    return broker() instanceof ActiveMqTestBroker activeMq
        ? activeMq.consumers()
        : broker().temporaryTopics().size();
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void thousandsOfSubscriptionsOfAUserDelayNobodyAndLeaveNothing(Transport transport) {
    int consumersBefore = consumers();
    List<RawBayeuxClient> alices = new ArrayList<>();
    try (TestBridge own = bridgeWith();
        RawBayeuxClient bob = own.connected(transport, "bob")) {
      int consumersOfBridge = consumers();
      for (int i = 0; i < 4; i++) {
        alices.add(own.connected(transport, "alice"));
      }
      long start = System.nanoTime();
      for (int i = 0; i < alices.size(); i++) {
        startToSubscribe(alices.get(i), topics("t" + i, 800));
      }
      // The flood is under way, and far from its end.
      Awaitility.await().until(() -> own.metric(SUBSCRIPTIONS) > 100);
      long bobStart = System.nanoTime();
      assertThat(bob.subscribe("chat/bob")).containsEntry("status", "success");
      // Also to what alice has asked for, and what comes late among it.
      assertThat(bob.subscribe("chat/t3-799")).containsEntry("status", "success");
      long bobTime = System.nanoTime() - bobStart;
      alices.forEach(FairnessAttacks::awaitFlood);
      long floodTime = System.nanoTime() - start;
      assertThat(bobTime).isLessThan(floodTime / 3);
      assertThat(own.metric(SUBSCRIPTION_BYTES)).isGreaterThan(3200 * 1024);

      alices.forEach(RawBayeuxClient::close);
      Awaitility.await().until(() -> own.metric(SUBSCRIPTIONS) <= 2);
      assertThat(own.metric(SUBSCRIPTION_BYTES)).isLessThan(10 * 1024);
      bob.close();
      // But for what the bridge itself has opened.
      Awaitility.await().until(() -> consumers() <= consumersOfBridge);
    } finally {
      alices.forEach(RawBayeuxClient::cut);
    }
    Awaitility.await().until(() -> consumers() <= consumersBefore);
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aClientThatLeavesWhileItsTopicsAreOpenedLeavesNothing(Transport transport) {
    List<RawBayeuxClient> alices = new ArrayList<>();
    try (TestBridge own = bridgeWith("limits.topicsPerClient", "2000")) {
      for (int i = 0; i < 5; i++) {
        alices.add(own.connected(transport, "alice"));
      }
      for (int i = 0; i < alices.size(); i++) {
        startToSubscribe(alices.get(i), topics("l" + i, 1900));
      }
      Awaitility.await().until(() -> own.metric(SUBSCRIPTIONS) == 5 * 1900);
      alices.stream()
          .map(alice -> alice.start(message("channel", "/meta/disconnect")))
          .toList()
          .forEach(RawBayeuxClient::await);
      int open = consumers();
      int highest = open;
      while (own.metric(SUBSCRIPTIONS) > 0) {
        highest = Math.max(highest, consumers());
      }
      // Only what was being opened still is, and not the thousands that waited.
      assertThat(highest - open).isLessThan(500);
      Awaitility.await().until(() -> consumers() < 500);
    } finally {
      alices.forEach(RawBayeuxClient::cut);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void theTopicsOfAUserAreLimitedOverAllItsSessions(Transport transport) {
    try (TestBridge own = bridgeWith("limits.topicsPerUser", "60", "limits.topicsPerClient", "50");
        RawBayeuxClient first = own.connected(transport, "alice");
        RawBayeuxClient second = own.connected(transport, "alice");
        RawBayeuxClient bob = own.connected(transport, "bob")) {
      assertThat(first.subscribe(topics("a", 50).toArray(String[]::new)))
          .containsEntry("status", "success");
      Map<String, Object> partly = second.subscribe(topics("b", 20).toArray(String[]::new));
      assertThat(partly).containsEntry("status", "failed");
      assertThat((List<?>) partly.get("failedTopics")).hasSize(10);
      assertThat(String.valueOf(partly.get("topicErrors"))).contains("limitExceeded");
      assertThat(second.subscribe(topics("c", 20).toArray(String[]::new)))
          .containsEntry("errorCode", "limitExceeded");
      assertThat(bob.subscribe(topics("c", 50).toArray(String[]::new)))
          .containsEntry("status", "success");
      // What is given back can be had again.
      first.close();
      Awaitility.await()
          .until(
              () ->
                  "success"
                      .equals(
                          second.subscribe(topics("c", 20).toArray(String[]::new)).get("status")));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void messagesForAFullQueueCountForTheirUserAndDelayNobody(Transport transport) {
    String body = "x".repeat(16 << 10);
    List<RawBayeuxClient> alices = new ArrayList<>();
    try (TestBridge own = bridgeWith("limits.userBytes", "1MiB");
        TestService service =
            new TestService(broker().connectionFactory())
                .serve("services/fair-" + transport, (session, request) -> {});
        RawBayeuxClient bob = own.connected(transport, "bob")) {
      List<CompletableFuture<Map<String, Object>>> replies = new ArrayList<>();
      // A client's receipts may come in series, so it has one message that waits.
      for (int i = 0; i < 50; i++) {
        alices.add(own.connected(transport, "alice"));
      }
      for (RawBayeuxClient alice : alices) {
        replies.add(
            alice.start(
                message(
                    "channel",
                    "/anzo/bridge",
                    "data",
                    message("destination", fullQueue(), "body", body))));
      }
      int whileTheyWait = 0;
      for (int i = 0; i < 20 || replies.stream().anyMatch(reply -> !reply.isDone()); i++) {
        whileTheyWait += replies.stream().allMatch(CompletableFuture::isDone) ? 0 : 1;
        assertThat(bob.send("services/fair-" + transport, Map.of(), "still here"))
            .containsEntry("successful", true);
        assertThat(own.metric(SEND_BYTES)).isLessThan(1.1 * (1 << 20));
      }
      assertThat(whileTheyWait).isPositive();
      // Refused for want of memory: where it waits for the broker, or where it is received.
      List<String> outcomes =
          replies.stream()
              .map(reply -> reply.handle((r, x) -> String.valueOf(x == null ? r.get("error") : x)))
              .map(CompletableFuture::join)
              .toList();
      assertThat(outcomes)
          .anyMatch(outcome -> outcome.matches("limitExceeded:.*|.*HTTP 429|.* closed 1013 .*"))
          .anyMatch(outcome -> outcome.startsWith("sendFailed:"));
      Awaitility.await().until(() -> own.metric(SEND_BYTES) == 0);
      assertThat(service.received()).hasSizeGreaterThanOrEqualTo(20);
      assertThat(bob.data()).noneMatch(data -> "bridgeStatus".equals(data.get("type")));
    } finally {
      alices.forEach(RawBayeuxClient::cut);
    }
  }
}
