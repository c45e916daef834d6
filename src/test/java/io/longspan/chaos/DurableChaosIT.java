package io.longspan.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.external.BreakableBroker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Two clients of each user use its durable subscription: they stay away for a while, come back on
 * either bridge and take it over from each other, while the broker is killed and started on the
 * same store, and bridges and links end. {@link QueueLedger#audit} and {@link
 * QueueLedger#auditOrder} say what must be true of each message afterwards.
 *
 * <p>The system properties are those of {@link QueueChaosIT}.
 */
@Timeout(value = 1, unit = TimeUnit.DAYS) // as long as it is asked to run
final class DurableChaosIT {
  private static final int SUBSCRIPTIONS = 6;
  private static final int TOPICS = 2;

  /** Longer than a session without a client keeps its messages. */
  private static final Duration QUIET = Duration.ofSeconds(15);

  private static final String CATALOGUE =
      """
      destinations:
        - {name: "chaos/{topic}", kind: topic, jms: "chaos.{topic}", subscribe: ["*"], durable: true, ackTimeout: %ds}
      """;

  @ParameterizedTest
  @EnumSource(StoredBroker.class)
  void everyMessageIsAcknowledgedInOrder(StoredBroker kind) throws Exception {
    if (kind.isLeftOut()) {
      return;
    }
    long seed = Long.getLong("chaos.seed", ThreadLocalRandom.current().nextLong(1_000_000));
    Duration length = Duration.ofMinutes(Integer.getInteger("chaos.minutes", 1));
    System.out.printf("durable chaos: -Dchaos.seed=%d -Dchaos.broker=%s%n", seed, kind);
    String catalogue = CATALOGUE.formatted(DeliveryStage.ACK_TIMEOUT.toSeconds());
    List<QueueLedger> ledgers = new ArrayList<>();
    List<NumberedSource> sources = new ArrayList<>();
    try (BreakableBroker broker = kind.start();
        DeliveryStage stage = new DeliveryStage(broker, catalogue);
        WorkerCrew crew = new WorkerCrew(stage, new Random(seed))) {
      for (int i = 0; i < SUBSCRIPTIONS; i++) {
        QueueLedger ledger = new QueueLedger(DeliveryStage.ACK_TIMEOUT, stage.disturbances());
        ledgers.add(ledger);
        // Several subscriptions have the same user and the same topic.
        Workload workload = Workload.durable("chaos/t" + i % TOPICS, "chaos-" + i);
        crew.add(workload, ChaosStage.user(i), ledger);
        crew.add(workload, ChaosStage.user(i), ledger);
      }
      // What is published before there is a subscription is not its own.
      DeliveryStage.await(crew::haveAllConsumed);
      assertThat(crew.haveAllConsumed()).as("all have subscribed").isTrue();
      for (int topic = 0; topic < TOPICS; topic++) {
        List<QueueLedger> interested = new ArrayList<>();
        for (int i = topic; i < SUBSCRIPTIONS; i += TOPICS) {
          interested.add(ledgers.get(i));
        }
        sources.add(
            NumberedSource.ofTopic(broker.connectionFactory(), "chaos.t" + topic, interested));
      }
      stage.breakThings(length, new Random(seed));
      sources.forEach(NumberedSource::close);
      crew.calmDown();
      DeliveryStage.await(
          () ->
              ledgers.stream().allMatch(each -> each.isSettled() && each.isQuietFor(QUIET))
                  && crew.areAllIdle());
      crew.endWorkers();
      stage.stopBridges();
      List<String> findings = new ArrayList<>();
      for (QueueLedger ledger : ledgers) {
        System.out.print(ledger.table());
        findings.addAll(ledger.audit(Map.of()));
        findings.addAll(ledger.auditOrder());
      }
      findings.stream().limit(5).forEach(System.out::println);
      assertThat(findings).as("what nothing explains, with seed %d", seed).isEmpty();
    } finally {
      sources.forEach(NumberedSource::close);
    }
  }
}
