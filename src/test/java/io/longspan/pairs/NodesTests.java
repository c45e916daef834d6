package io.longspan.pairs;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.chaos.HonestCrowd;
import io.longspan.external.BrokerNodes;
import io.longspan.wire.TestBridge;
import io.longspan.wire.TestService;
import io.longspan.wire.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Two brokers that pass messages to each other, with a bridge on each, and publisher and services
 * on the first alone.
 */
@Timeout(600)
abstract class NodesTests {
  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final String SERVICE = "services/numbered";
  private static final int REQUEST_PAUSE_MILLIS = 100;
  private static final Duration PUBLISHER_PAUSE = Duration.ofMillis(60);
  private static final int NEWCOMERS = 20;

  private BrokerNodes nodes;
  private TestBridge near;
  private TestBridge far;

  /** Keeps the subscriptions of the far bridge open. */
  private Witness first;

  abstract BrokerNodes startNodes();

  @BeforeEach
  void start() {
    nodes = startNodes();
    near = StageFiles.start("near", nodes.node(1).settings());
    far = StageFiles.start("far", nodes.node(2).settings());
    assertThat(near.metric("longspan_broker_address{broker=\"default\"}")).isEqualTo(1);
    assertThat(far.metric("longspan_broker_address{broker=\"default\"}")).isEqualTo(1);
    awaitPassage();
  }

  @AfterEach
  void stop() {
    if (first != null) {
      first.close();
    }
    if (far != null) {
      far.close();
    }
    if (near != null) {
      near.close();
    }
    nodes.close();
  }

  /**
   * Waits until the nodes pass on what the crowd listens to. A subscription at one node takes
   * effect at the other one a moment later than its answer says; this is not the bridge's matter.
   */
  private void awaitPassage() {
    first = new Witness(far, Transport.WEBSOCKET, "bob");
    first.subscribe(HonestCrowd.topics());
    List<String> topics = new ArrayList<>(HonestCrowd.topics());
    topics.add(Witness.ROOM);
    try (TestService source = new TestService(nodes.node(1).connectionFactory())) {
      for (String topic : topics) {
        await(
            () -> {
              source.publish(topic, session -> session.createTextMessage("hello " + topic));
              return first.has("hello " + topic);
            });
      }
    }
  }

  @Test
  void clientsOfBothBridgesGetAnswersAndMessages() {
    try (HonestCrowd crowd = crowd()) {
      await(crowd::isSettled);
      awaitAnswers(crowd);
      crowd.rest();
      report(crowd);
      assertThat(crowd.complaints()).isEmpty();
    }
  }

  /**
   * A request follows at once on connect: its answer may be sent before the nodes know where to.
   */
  @Test
  void theFirstRequestOfEachClientIsAnswered() {
    try (TestService service =
        new TestService(nodes.node(1).connectionFactory()).serve(SERVICE, TestService::echo)) {
      for (int i = 0; i < NEWCOMERS; i++) {
        for (Transport transport : Transport.values()) {
          for (TestBridge bridge : List.of(near, far)) {
            try (Witness newcomer = new Witness(bridge, transport, "alice")) {
              newcomer.assertAnswered(SERVICE);
              newcomer.assertOwnAnswersOnly();
            }
          }
        }
      }
      assertThat(service.received()).hasSize(NEWCOMERS * 4);
    }
  }

  @Test
  void aRequestThatWaitsAtOneNodeMovesToAServiceThatStartsAtTheOther() {
    try (Witness alice = new Witness(far, Transport.LONG_POLLING, "alice");
        Witness bob = new Witness(far, Transport.WEBSOCKET, "bob")) {
      String ofAlice = alice.request("services/late");
      String ofBob = bob.request("services/late");
      try (TestService service = new TestService(nodes.node(1).connectionFactory())) {
        service.serve("services/late", TestService::echo);
        alice.assertAnswer(ofAlice);
        bob.assertAnswer(ofBob);
      }
    }
  }

  @Test
  void theBridgeOfAKilledNodeMovesToTheOtherOne() {
    try (Witness alice = new Witness(far, Transport.LONG_POLLING, "alice");
        Witness bob = new Witness(far, Transport.WEBSOCKET, "bob");
        Witness other = new Witness(near, Transport.WEBSOCKET, "bob");
        HonestCrowd crowd = crowd()) {
      List<Witness> witnesses = List.of(alice, bob);
      await(crowd::isSettled);
      awaitAnswers(crowd);
      crowd.during(
          "kill -9 of the second node",
          () -> {
            long start = System.nanoTime();
            nodes.kill(2);
            witnesses.forEach(witness -> witness.awaitResumed(0));
            System.out.println(
                "pairs: %s: kill -9 of the own node: resumed after %.1f s"
                    .formatted(getClass().getSimpleName(), (System.nanoTime() - start) / 1e9));
          });
      witnesses.forEach(witness -> witness.assertAnswered(SERVICE));
      assertThat(far.metric("longspan_broker_address{broker=\"default\"}")).isEqualTo(2);
      awaitAnswers(crowd);
      nodes.restart(2);
      awaitAnswers(crowd);
      crowd.rest();
      report(crowd);
      assertThat(crowd.findings()).isEmpty();
      assertThat(other.notices()).isZero();
      witnesses.forEach(Witness::assertOwnAnswersOnly);
    }
  }

  private HonestCrowd crowd() {
    return new HonestCrowd(
        nodes.node(1),
        List.of(
            new HonestCrowd.Entrance("near", near.cometd(), StageFiles.CROWD / 2),
            new HonestCrowd.Entrance("far", far.cometd(), StageFiles.CROWD / 2)),
        REQUEST_PAUSE_MILLIS,
        PUBLISHER_PAUSE);
  }

  /** Waits until each client has had several more answers, in the mean. */
  private static void awaitAnswers(HonestCrowd crowd) {
    int answered = crowd.answered();
    await(() -> crowd.answered() > answered + 8 * StageFiles.CROWD);
  }

  /** Waits for what is under way, and prints what became of everything. */
  private void report(HonestCrowd crowd) {
    try {
      await(crowd::isContent);
    } catch (ConditionTimeoutException x) {
      // The findings tell more.
      crowd.note("not content: " + x.getMessage());
    }
    System.out.println(crowd.table(getClass().getSimpleName(), Map.of()));
    crowd.stories().forEach(System.out::println);
  }

  private static void await(Callable<Boolean> condition) {
    Awaitility.await().atMost(PATIENCE).until(condition);
  }
}
