package io.longspan.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Two bridges on one broker, with a service, a publisher and clients on both transports, while
 * everything of {@link ChaosKind} is done to them, and one client sends to a full queue all the
 * time. Afterwards every message and every request is accounted for: see {@link TopicAudit}, {@link
 * DeliveryAudit} and {@link RequestBook} for the rules. What nothing explains fails the run, and
 * its story is printed.
 *
 * <p>Publishers and services are plain JMS clients on connections of their own, which only the
 * broker's end interrupts. Clients reach their bridge through doors, and bridges the broker through
 * links, that the run cuts, freezes and slows down.
 *
 * <p>The short run always has the same plan; a longer one has a new one, unless it is given a seed.
 * {@code -Dchaos.minutes}, {@code -Dchaos.seed} and {@code -Dchaos.broker} ({@code activemq},
 * {@code artemis}, {@code amqp-to-activemq}, {@code amqp-to-artemis}, {@code activemq-pair} or
 * {@code artemis-pair}) choose another run than the short one on all pairings of client and single
 * broker, and {@code -Dchaos.kinds} one with some kinds alone, such as {@code
 * FILL_DESTINATION,SLOW_CLIENT}. A seed repeats the plan; when what arrives is up to the machine.
 *
 * <p>{@code -Dchaos.shrink=N} runs a plan that fails up to N times again without some of its
 * events, and prints the shortest one that still fails.
 */
@Timeout(value = 1, unit = TimeUnit.DAYS) // as long as it is asked to run
final class ChaosIT {
  private static final Duration SHORT = Duration.ofSeconds(28);
  private static final long SHORT_SEED = 48_362;
  private static final int FEW_CLIENTS = 12;
  private static final int MANY_CLIENTS = 30;

  static Stream<ChaosBroker> brokers() {
    return Optional.ofNullable(System.getProperty("chaos.broker"))
        .map(name -> Stream.of(ChaosBroker.named(name)))
        .orElse(ChaosBroker.SINGLE.stream());
  }

  @ParameterizedTest
  @MethodSource("brokers")
  void everyMessageIsDeliveredOnceOrAnnouncedAsLost(ChaosBroker broker)
      throws InterruptedException {
    Optional<Integer> minutes = Optional.ofNullable(Integer.getInteger("chaos.minutes"));
    long seed =
        Long.getLong(
            "chaos.seed",
            minutes.isPresent() ? ThreadLocalRandom.current().nextLong(1_000_000) : SHORT_SEED);
    int clients = minutes.isPresent() ? MANY_CLIENTS : FEW_CLIENTS;
    System.out.printf("chaos: -Dchaos.seed=%d -Dchaos.broker=%s%n", seed, broker);
    ChaosPlan plan =
        ChaosPlan.of(seed, minutes.map(Duration::ofMinutes).orElse(SHORT), kinds(broker));
    List<String> unexplained = new ChaosRun(broker, seed, plan, clients).run();
    if (!unexplained.isEmpty()) {
      shrink(broker, seed, plan, clients);
    }
    assertThat(unexplained).as("what nothing explains, with seed %d", seed).isEmpty();
  }

  private static Set<ChaosKind> kinds(ChaosBroker broker) {
    return Optional.ofNullable(System.getProperty("chaos.kinds"))
        .map(names -> Stream.of(names.split(",")).map(ChaosKind::valueOf))
        .orElse(broker.kinds().stream())
        .filter(broker.kinds()::contains)
        .collect(Collectors.toSet());
  }

  private static void shrink(ChaosBroker broker, long seed, ChaosPlan plan, int clients)
      throws InterruptedException {
    int attempts = Integer.getInteger("chaos.shrink", 0);
    if (attempts == 0) {
      return;
    }
    List<ChaosPlan.Event> needed =
        PlanShrinker.shrink(
            plan.events(),
            attempts,
            some -> {
              System.out.printf("chaos: again with %d events%n", some.size());
              return !new ChaosRun(broker, seed, plan.only(some), clients).run().isEmpty();
            });
    System.out.printf("chaos: %d of %d events fail:%n", needed.size(), plan.events().size());
    plan.only(needed)
        .events()
        .forEach(event -> System.out.printf("  at %d ms: %s%n", event.at().toMillis(), event));
  }
}
