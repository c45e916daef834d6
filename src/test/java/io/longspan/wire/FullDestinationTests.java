package io.longspan.wire;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.ConnectionFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A queue that nobody reads is full, for each policy of the broker: whoever sends to it is told so
 * in a bounded time, and nobody else notices. A subclass names the pairing of client and broker.
 */
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(300)
abstract class FullDestinationTests {
  /** More than there are producer sessions, so that all of them would be held. */
  private static final int SENDERS = 14;

  private static final String BODY = "x".repeat(8 << 10);
  private static final int ROUNDS = 30;
  private static final int MAX_ATTEMPTS = 20;

  /** The stated time of {@code docs/delivery.md}, and some patience for a busy machine. */
  private static final Duration STATED = Duration.ofSeconds(8 + 4);

  private TestBroker broker;
  private TestBridge bridge;

  abstract TestBroker startBroker();

  /** Returns the queues of the broker, one for each policy under which a sender is refused. */
  abstract List<String> refusing();

  /** Returns the queues whose policy takes what is sent, though they are full. */
  List<String> taking() {
    return List.of();
  }

  @BeforeAll
  void start() {
    broker = startBroker();
    bridge = TestBridge.start(broker.settings());
  }

  @AfterAll
  void stop() {
    bridge.close();
    broker.close();
  }

  private static Map<String, Object> message(String queue, String body) {
    return RawBayeuxClient.message(
        "channel",
        "/anzo/bridge",
        "data",
        RawBayeuxClient.message("destination", queue, "body", body));
  }

  private static List<CompletableFuture<Map<String, Object>>> fill(
      List<RawBayeuxClient> senders, String queue) {
    List<CompletableFuture<Map<String, Object>>> receipts = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      for (RawBayeuxClient sender : senders) {
        receipts.add(sender.start(message(queue, BODY)));
      }
    }
    return receipts;
  }

  /** Sends until the queue is full: over AMQP the links' first credit has to be used up as well. */
  private static void fillUp(List<RawBayeuxClient> senders, String queue) {
    for (int batch = 0; batch < 50; batch++) {
      if (!fill(senders, queue).stream()
          .map(RawBayeuxClient::await)
          .allMatch(FullDestinationTests::isTaken)) {
        return;
      }
    }
  }

  private static boolean isTaken(Map<String, Object> receipt) {
    return Boolean.TRUE.equals(receipt.get("successful"));
  }

  private static long roundTrip(RawBayeuxClient client, String queue) {
    long start = System.nanoTime();
    assertThat(client.send(queue, Map.of(), "small")).containsEntry("successful", true);
    return System.nanoTime() - start;
  }

  private static long median(RawBayeuxClient client, String queue) {
    long[] times = new long[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
      times[i] = roundTrip(client, queue);
    }
    Arrays.sort(times);
    return times[ROUNDS / 2];
  }

  @ParameterizedTest
  @MethodSource("refusing")
  void aFullQueueRefusesItsSendersWithoutDelayingOtherClients(String full) {
    ConnectionFactory factory = broker.connectionFactory();
    List<RawBayeuxClient> others = new ArrayList<>();
    List<RawBayeuxClient> senders = new ArrayList<>();
    String quick = "services/quick-" + full.substring(full.lastIndexOf('/') + 1);
    try (TestService reader = new TestService(factory).serve(quick, (session, message) -> {})) {
      for (int i = 0; i < SENDERS; i++) {
        senders.add(bridge.connected(Transport.LONG_POLLING, "alice"));
      }
      RawBayeuxClient alice = senders.get(0);
      // More than there are producer sessions, so that every producer session would have its share.
      for (int i = 0; i < 12; i++) {
        others.add(bridge.connected(Transport.WEBSOCKET, "bob"));
      }
      others.forEach(other -> roundTrip(other, quick));
      long before = others.stream().mapToLong(other -> median(other, quick)).max().orElseThrow();

      fillUp(senders, full);
      long start = System.nanoTime();
      List<CompletableFuture<Map<String, Object>>> receipts = fill(senders, full);
      CompletableFuture<Void> all =
          CompletableFuture.allOf(receipts.toArray(CompletableFuture[]::new));
      List<Long> during = new ArrayList<>();
      while (during.size() < ROUNDS || !all.isDone()) {
        for (RawBayeuxClient other : others) {
          during.add(roundTrip(other, quick));
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(STATED.plus(STATED));
      }
      List<Map<String, Object>> answers = receipts.stream().map(RawBayeuxClient::await).toList();
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(STATED);
      List<Map<String, Object>> refusals = answers.stream().filter(a -> !isTaken(a)).toList();
      assertThat(refusals).isNotEmpty();
      assertThat(refusals)
          .allSatisfy(
              refusal ->
                  assertThat(String.valueOf(refusal.get("error"))).startsWith("sendFailed:"));

      // A bound on ratios that a garbage collection does not break, and a held producer session
      // does.
      during.sort(null);
      assertThat(during.get(during.size() / 2)).isLessThan(2 * before + 20_000_000);
      assertThat(during.get(during.size() - 1)).isLessThan(20 * before + 1_000_000_000);
      for (List<RawBayeuxClient> clients : List.of(others, senders)) {
        assertThat(clients)
            .allSatisfy(
                client ->
                    assertThat(client.data())
                        .noneMatch(data -> "bridgeStatus".equals(data.get("type"))));
      }
      assertThat(bridge.metric("longspan_ready")).isEqualTo(1);

      // There is room again.
      try (TestService drain = new TestService(factory).serve(full, (session, message) -> {})) {
        Awaitility.await()
            .atMost(Duration.ofSeconds(60))
            .until(() -> isTaken(alice.send(full, Map.of(), "again")));
        // More than the queue holds. It may be full once more while its reader is behind.
        for (int i = 0; i < 4 * SENDERS; i++) {
          Awaitility.await()
              .atMost(Duration.ofSeconds(60))
              .until(() -> isTaken(alice.send(full, Map.of(), BODY)));
        }
        drain.awaitText("again");
      }
      assertThat(reader.received()).isNotEmpty();
    } finally {
      others.forEach(RawBayeuxClient::close);
      senders.forEach(RawBayeuxClient::close);
    }
  }

  /** The refusals take one deadline in all, not one each, and what goes elsewhere takes none. */
  @ParameterizedTest
  @EnumSource(Transport.class)
  void refusalsByAFullQueueDoNotDelayOtherMessagesOfTheClient(Transport transport) {
    String quick = "services/elsewhere-" + transport;
    try (TestService reader =
            new TestService(broker.connectionFactory()).serve(quick, (session, message) -> {});
        RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      int attempts = 0;
      while (!isRefusedAndDoesNotWait(alice, reader, quick)) {
        // The broker gives credit to a new link of AMQP, full or not.
        assertThat(++attempts).isLessThan(MAX_ATTEMPTS);
      }
    }
  }

  /** Returns whether any message to the full queue was refused; what else is true is asserted. */
  private boolean isRefusedAndDoesNotWait(RawBayeuxClient alice, TestService reader, String quick) {
    String full = refusing().get(0);
    fillUp(List.of(alice), full);
    List<Map<String, Object>> oneRequest =
        new ArrayList<>(Collections.nCopies(6, message(full, BODY)));
    oneRequest.add(message(quick, "in the same request"));
    int before = reader.received().size();
    long start = System.nanoTime();
    List<CompletableFuture<Map<String, Object>>> receipts = alice.startAll(oneRequest);
    CompletableFuture<Map<String, Object>> received = receipts.remove(6);
    assertThat(alice.send(quick, Map.of(), "in a later one")).containsEntry("successful", true);
    assertThat(alice.subscribe("chat/elsewhere")).containsEntry("status", "success");
    Awaitility.await().until(() -> reader.received().size() == before + 2);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(STATED);
    List<Map<String, Object>> refusals =
        receipts.stream().map(RawBayeuxClient::await).filter(receipt -> !isTaken(receipt)).toList();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(STATED);
    assertThat(RawBayeuxClient.await(received)).containsEntry("successful", true);
    assertThat(refusals)
        .allSatisfy(
            refusal -> assertThat(String.valueOf(refusal.get("error"))).startsWith("sendFailed:"));
    return !refusals.isEmpty();
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("taking")
  void theBridgeConfirmsMessagesThatTheBrokerPagesOrDrops(String full) {
    try (RawBayeuxClient alice = bridge.connected(Transport.LONG_POLLING, "alice")) {
      for (int batch = 0; batch < 15; batch++) {
        assertThat(fill(List.of(alice), full).stream().map(RawBayeuxClient::await))
            .allMatch(FullDestinationTests::isTaken);
      }
      assertThat(alice.data()).noneMatch(data -> "failed".equals(data.get("status")));
    }
  }
}
