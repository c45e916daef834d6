package io.longspan.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Two bridges on one broker, with a service, a publisher and clients on both transports, while
 * links are cut and frozen, the broker and the bridges are killed and restarted, and clients are
 * slow. Afterwards every message and every request is accounted for: see {@link TopicAudit} and
 * {@link RequestBook} for the rules. What nothing explains fails the run, and its story is printed.
 *
 * <p>Publishers and services are plain JMS clients on connections of their own, which only the
 * broker's end interrupts. Clients reach their bridge through doors, and bridges the broker through
 * links, that the run cuts and freezes.
 *
 * <p>The short run always has the same plan; a longer one has a new one, unless it is given a seed.
 * {@code -Dchaos.minutes}, {@code -Dchaos.seed} and {@code -Dchaos.broker} choose another run than
 * the short one on both brokers. A seed repeats the plan; when what arrives is up to the machine.
 */
@Timeout(value = 1, unit = TimeUnit.DAYS) // as long as it is asked to run
final class ChaosIT {
  private static final Duration SHORT = Duration.ofSeconds(45);
  private static final long SHORT_SEED = 5;
  private static final int FEW_CLIENTS = 12;
  private static final int MANY_CLIENTS = 30;

  static Stream<ChaosBroker> brokers() {
    return Optional.ofNullable(System.getProperty("chaos.broker"))
        .map(name -> Stream.of(ChaosBroker.valueOf(name.toUpperCase(Locale.ROOT))))
        .orElse(Stream.of(ChaosBroker.values()));
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
    System.out.printf("chaos: -Dchaos.seed=%d -Dchaos.broker=%s%n", seed, broker);
    assertThat(
            new ChaosRun(
                    broker,
                    seed,
                    minutes.map(Duration::ofMinutes).orElse(SHORT),
                    minutes.isPresent() ? MANY_CLIENTS : FEW_CLIENTS)
                .run())
        .as("what nothing explains, with seed %d", seed)
        .isEmpty();
  }
}
