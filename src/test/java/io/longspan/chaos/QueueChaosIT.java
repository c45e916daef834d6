package io.longspan.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.external.BreakableBroker;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Workers on two bridges consume one queue of a broker that keeps it on disk. They take, die,
 * stall, release and reject at random, while the broker is killed and started on the same store,
 * and bridges and links end. {@link QueueLedger#audit} says what must be true of each message
 * afterwards.
 *
 * <p>{@code -Dchaos.minutes}, {@code -Dchaos.seed} and {@code -Dchaos.broker} are those of {@link
 * ChaosIT}; brokers are {@code activemq} and {@code artemis}.
 */
@Timeout(value = 1, unit = TimeUnit.DAYS) // as long as it is asked to run
final class QueueChaosIT {
  private static final int WORKERS = 12;

  /** Longer than a session without a client keeps its messages. */
  private static final Duration QUIET = Duration.ofSeconds(15);

  private static final String CATALOGUE =
      """
      destinations:
        - {name: chaos/work, kind: queue, jms: work.chaos, receive: ["*"], ackTimeout: %ds, deadLetter: work.dead}
      """;

  @ParameterizedTest
  @EnumSource(StoredBroker.class)
  void everyMessageIsAcknowledgedOnceAndHadByOneAtATime(StoredBroker kind) throws Exception {
    if (kind.isLeftOut()) {
      return;
    }
    long seed = Long.getLong("chaos.seed", ThreadLocalRandom.current().nextLong(1_000_000));
    Duration length = Duration.ofMinutes(Integer.getInteger("chaos.minutes", 1));
    System.out.printf("queue chaos: -Dchaos.seed=%d -Dchaos.broker=%s%n", seed, kind);
    String catalogue = CATALOGUE.formatted(DeliveryStage.ACK_TIMEOUT.toSeconds());
    try (BreakableBroker broker = kind.start();
        DeliveryStage stage = new DeliveryStage(broker, catalogue);
        WorkerCrew crew = new WorkerCrew(stage, new Random(seed))) {
      QueueLedger ledger = new QueueLedger(DeliveryStage.ACK_TIMEOUT, stage.disturbances());
      for (int i = 0; i < WORKERS; i++) {
        crew.add(Workload.queue("chaos/work"), ChaosStage.user(i), ledger);
      }
      try (NumberedSource source =
          NumberedSource.ofQueue(broker.connectionFactory(), "work.chaos", ledger)) {
        DeliveryStage.await(crew::isAnyIdle);
        stage.breakThings(length, new Random(seed));
      }
      crew.calmDown();
      DeliveryStage.await(
          () -> ledger.isSettled() && ledger.isQuietFor(QUIET) && crew.areAllIdle());
      crew.endWorkers();
      stage.stopBridges();
      Map<Integer, Integer> dead =
          new HashMap<>(NumberedSource.drain(broker.connectionFactory(), "work.dead"));
      Map<Integer, Integer> givenUp =
          NumberedSource.drain(broker.connectionFactory(), kind.deadLetters());
      Map<Integer, Integer> left = NumberedSource.drain(broker.connectionFactory(), "work.chaos");
      givenUp.forEach((number, times) -> dead.merge(number, times, Integer::sum));
      System.out.printf(
          "%sdead letters %d, given up by the broker %s, left %s%n",
          ledger.table(), dead.size(), givenUp.keySet(), left.keySet());
      List<String> findings = ledger.audit(dead);
      findings.stream().limit(5).forEach(System.out::println);
      assertThat(findings).as("what nothing explains, with seed %d", seed).isEmpty();
      assertThat(left.keySet()).as("left in the queue, with seed %d", seed).isEmpty();
    }
  }
}
