package io.longspan.pairs;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.chaos.HonestCrowd;
import io.longspan.external.BrokerPair;
import io.longspan.wire.TestBridge;
import io.longspan.wire.TestService;
import io.longspan.wire.Transport;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;

/**
 * A bridge on a pair of broker processes, with a crowd that sends requests all the time and
 * accounts for all of them and for every message. The process that serves ends, the other one takes
 * over, and the pair becomes whole again. What the crowd cannot explain fails the test.
 */
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(600)
abstract class PairTests {
  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final String SERVICE = "services/numbered";
  private static final int REQUEST_PAUSE_MILLIS = 100;
  private static final Duration PUBLISHER_PAUSE = Duration.ofMillis(60);

  private BrokerPair pair;
  private TestBridge bridge;

  abstract BrokerPair startPair();

  /** Returns the keys of the configuration that name the pair. */
  Map<String, String> settings(BrokerPair started) {
    return started.settings();
  }

  @BeforeAll
  void start() {
    pair = startPair();
    bridge = StageFiles.start("pairs", settings(pair));
  }

  @AfterAll
  void stop() {
    if (bridge != null) {
      bridge.close();
    }
    if (pair != null) {
      pair.close();
    }
  }

  /** The process that serves is killed; then the pair becomes whole again. */
  void killAndBack() {
    withCrowd(
        (crowd, witnesses) -> {
          move("kill -9", this::kill, crowd, witnesses);
          back("kill -9", this::kill, crowd, witnesses);
        });
  }

  /** The process that serves is stopped by its administrator; then it is started again. */
  void stopAndBack() {
    withCrowd(
        (crowd, witnesses) -> {
          move("stop", this::stopServing, crowd, witnesses);
          back("stop", this::stopServing, crowd, witnesses);
        });
  }

  /** Only the first move; the pair stays with one process. */
  void killOnly() {
    withCrowd((crowd, witnesses) -> move("kill -9", this::kill, crowd, witnesses));
  }

  private interface Story {
    void tell(HonestCrowd crowd, List<Witness> witnesses);
  }

  private void withCrowd(Story story) {
    try (Witness alice = new Witness(bridge, Transport.LONG_POLLING, "alice");
        Witness bob = new Witness(bridge, Transport.WEBSOCKET, "bob");
        HonestCrowd crowd =
            new HonestCrowd(
                pair,
                List.of(new HonestCrowd.Entrance("pairs", bridge.cometd(), StageFiles.CROWD)),
                REQUEST_PAUSE_MILLIS,
                PUBLISHER_PAUSE)) {
      List<Witness> witnesses = List.of(alice, bob);
      await(crowd::isSettled);
      awaitAnswers(crowd);
      assertServed(witnesses);
      story.tell(crowd, witnesses);
      awaitAnswers(crowd);
      crowd.rest();
      report(crowd);
      assertThat(crowd.findings()).isEmpty();
      witnesses.forEach(Witness::assertOwnAnswersOnly);
    }
  }

  /** The first process serves again, or both have served in turn. */
  private void back(String how, Runnable end, HonestCrowd crowd, List<Witness> witnesses) {
    if (pair.failsBack()) {
      move("fail-back", pair::repair, crowd, witnesses);
    } else {
      pair.repair();
      move(how + " of the other process", end, crowd, witnesses);
      pair.repair();
    }
    assertThat(pair.serving()).isEqualTo(1);
  }

  /**
   * Makes the other process serve, and follows what clients see of it.
   *
   * @param begin blocks until the other process serves
   */
  private void move(String what, Runnable begin, HonestCrowd crowd, List<Witness> witnesses) {
    int target = 3 - pair.serving();
    Map<Witness, Integer> notices = new HashMap<>();
    witnesses.forEach(witness -> notices.put(witness, witness.notices()));
    long start = System.nanoTime();
    CompletableFuture<Void> event =
        CompletableFuture.runAsync(
            () -> crowd.during(what, begin), task -> new Thread(task, what).start());
    witnesses.forEach(witness -> witness.awaitSuspended(notices.get(witness)));
    String suspended = since(start);
    // A broker that fails back may end a connection that it has just accepted.
    await(() -> bridge.metric("longspan_broker_address{broker=\"default\"}") == target);
    witnesses.forEach(witness -> witness.awaitResumed(notices.get(witness)));
    String resumed = since(start);
    witnesses.forEach(witness -> witness.assertAnswered(SERVICE));
    String answered = since(start);
    event.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    assertThat(pair.serving()).isEqualTo(target);
    await(crowd::isSettled);
    assertServed(witnesses);
    System.out.println(
        "pairs: %s: %s: suspended after %s, resumed after %s, answers after %s"
            .formatted(getClass().getSimpleName(), what, suspended, resumed, answered));
  }

  private void kill() {
    pair.killServing();
    pair.awaitTakeover();
  }

  private void stopServing() {
    pair.stopServing();
    pair.awaitTakeover();
  }

  private void assertServed(List<Witness> witnesses) {
    String news = "news " + System.nanoTime();
    try (TestService source = new TestService(pair.connectionFactory())) {
      source.publish(Witness.ROOM, session -> session.createTextMessage(news));
    }
    witnesses.forEach(witness -> witness.awaitMessage(news));
    witnesses.forEach(witness -> witness.assertAnswered(SERVICE));
  }

  private static void awaitAnswers(HonestCrowd crowd) {
    int answered = crowd.answered();
    await(() -> crowd.answered() > answered + StageFiles.CROWD);
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

  private static String since(long start) {
    return String.format(Locale.ROOT, "%.1f s", (System.nanoTime() - start) / 1e9);
  }
}
