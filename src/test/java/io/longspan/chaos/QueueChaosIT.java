package io.longspan.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.external.BreakableBroker;
import io.longspan.external.ExternalArtemis;
import io.longspan.external.LinkProxy;
import io.longspan.external.StoredActiveMq;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
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
  static final Duration ACK_TIMEOUT = Duration.ofSeconds(6);

  private static final int WORKERS = 12;
  private static final int DOORS = 3;

  /** Longer than a session without a client keeps its messages. */
  private static final Duration QUIET = Duration.ofSeconds(15);

  private static final Duration PATIENCE = Duration.ofSeconds(180);
  private static final int TICK_MILLIS = 50;
  private static final String CATALOGUE =
      """
      destinations:
        - {name: chaos/work, kind: queue, jms: work.chaos, receive: ["*"], ackTimeout: %ds, deadLetter: work.dead}
      """;

  /** Which broker, and where it puts messages that were delivered too often. */
  enum Kind {
    ACTIVEMQ(StoredActiveMq::new, "ActiveMQ.DLQ", Duration.ofMillis(200)),
    ARTEMIS(ExternalArtemis::withJournal, "DLQ", Duration.ZERO);

    private final Supplier<BreakableBroker> starter;
    private final String deadLetters;

    /** How long it may need to store an acknowledgement that it has confirmed. */
    private final Duration unstored;

    Kind(Supplier<BreakableBroker> starter, String deadLetters, Duration unstored) {
      this.starter = starter;
      this.deadLetters = deadLetters;
      this.unstored = unstored;
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void everyMessageIsAcknowledgedOnceAndHadByOneAtATime(Kind kind) throws Exception {
    String wanted = System.getProperty("chaos.broker");
    if (wanted != null && !kind.name().equalsIgnoreCase(wanted)) {
      return;
    }
    long seed = Long.getLong("chaos.seed", ThreadLocalRandom.current().nextLong(1_000_000));
    Duration length = Duration.ofMinutes(Integer.getInteger("chaos.minutes", 1));
    System.out.printf("queue chaos: -Dchaos.seed=%d -Dchaos.broker=%s%n", seed, kind);
    QueueLedger ledger = new QueueLedger(ACK_TIMEOUT, kind.unstored);
    ScheduledExecutorService pool = Executors.newScheduledThreadPool(4);
    List<QueueWorker> workers = new ArrayList<>();
    List<BridgeUnderChaos> bridges = new ArrayList<>();
    try (BreakableBroker broker = kind.starter.get()) {
      start(bridges, broker);
      Random random = new Random(seed);
      HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
      for (int i = 0; i < WORKERS; i++) {
        int door = i % DOORS;
        List<Doorway> doors = new ArrayList<>();
        doors.add(bridges.get(i / 2 % 2).doorway(door));
        doors.add(bridges.get(1 - i / 2 % 2).doorway(door));
        Random own = new Random(random.nextLong());
        workers.add(new QueueWorker(i, ChaosStage.user(i), doors, http, own, ledger, pool));
      }
      pool.scheduleWithFixedDelay(
          () -> workers.forEach(QueueWorker::tick), 0, TICK_MILLIS, TimeUnit.MILLISECONDS);
      try (QueueSource source = new QueueSource(broker.connectionFactory(), "work.chaos", ledger)) {
        await(() -> workers.stream().anyMatch(QueueWorker::isIdle));
        breakThings(length, random, broker, bridges, ledger);
      }
      workers.forEach(QueueWorker::calmDown);
      await(
          () ->
              ledger.isSettled()
                  && ledger.isQuietFor(QUIET)
                  && workers.stream().allMatch(QueueWorker::isIdle));
      workers.forEach(QueueWorker::close);
      bridges.forEach(BridgeUnderChaos::stop);
      Map<Integer, Integer> dead =
          new HashMap<>(QueueSource.drain(broker.connectionFactory(), "work.dead"));
      Map<Integer, Integer> givenUp =
          QueueSource.drain(broker.connectionFactory(), kind.deadLetters);
      Map<Integer, Integer> left = QueueSource.drain(broker.connectionFactory(), "work.chaos");
      givenUp.forEach((number, times) -> dead.merge(number, times, Integer::sum));
      System.out.printf(
          "%sdead letters %d, given up by the broker %s, left %s%n",
          ledger.table(), dead.size(), givenUp.keySet(), left.keySet());
      List<String> findings = ledger.audit(dead);
      findings.stream().limit(5).forEach(System.out::println);
      assertThat(findings).as("what nothing explains, with seed %d", seed).isEmpty();
      assertThat(left.keySet()).as("left in the queue, with seed %d", seed).isEmpty();
    } finally {
      workers.forEach(QueueWorker::close);
      pool.shutdown();
      bridges.forEach(BridgeUnderChaos::close);
    }
  }

  private static void start(List<BridgeUnderChaos> bridges, BreakableBroker broker)
      throws Exception {
    Path parent = Files.createDirectories(Path.of("target", "chaos").toAbsolutePath());
    Path folder = Files.createTempDirectory(parent, "queue-");
    StringBuilder users = new StringBuilder();
    for (int i = 0; i < ChaosStage.USERS; i++) {
      users.append(ChaosStage.user(i)).append(": ").append(ChaosStage.user(i)).append(",guest\n");
    }
    Map<String, String> settings = new HashMap<>(broker.settings());
    settings.put("users", Files.writeString(folder.resolve("users.properties"), users).toString());
    String catalogue = CATALOGUE.formatted(ACK_TIMEOUT.toSeconds());
    settings.put(
        "catalogue", Files.writeString(folder.resolve("catalogue.yaml"), catalogue).toString());
    settings.put("session.timeout", "4s");
    settings.put("session.maxInterval", "5s");
    settings.put("session.resumeWindow", "5s");
    settings.put("session.drainTimeout", "1s");
    for (int i = 1; i <= 2; i++) {
      String id = "bridge-" + i;
      bridges.add(new BridgeUnderChaos(id, settings, new WallClock(folder, id)));
    }
    bridges.forEach(BridgeUnderChaos::start);
  }

  private static void breakThings(
      Duration length,
      Random random,
      BreakableBroker broker,
      List<BridgeUnderChaos> bridges,
      QueueLedger ledger)
      throws InterruptedException {
    long end = ledger.clock().now() + RunClock.nanos(length);
    while (ledger.clock().now() < end) {
      pause(random, 2500);
      BridgeUnderChaos bridge = bridges.get(random.nextInt(bridges.size()));
      switch (random.nextInt(10)) {
        case 0, 1, 2 -> {
          Outages.Outage outage = begin(ledger, Outages.EVERYWHERE, "the broker is killed");
          ledger.killed();
          broker.kill();
          pause(random, 3000);
          broker.restart();
          end(ledger, outage);
        }
        case 3 -> {
          Outages.Outage outage = begin(ledger, bridge.id(), bridge.id() + " is killed");
          bridge.kill();
          pause(random, 2000);
          bridge.start();
          end(ledger, outage);
        }
        case 4 -> {
          Outages.Outage outage = begin(ledger, bridge.id(), bridge.id() + " is stopped");
          bridge.stop();
          bridge.start();
          end(ledger, outage);
        }
        case 5, 6 -> {
          Outages.Outage outage = begin(ledger, bridge.id(), bridge.id() + " loses its broker");
          bridge.brokerLink().block();
          pause(random, 2000);
          bridge.brokerLink().heal();
          end(ledger, outage);
        }
        case 7 -> {
          LinkProxy door = bridge.door(random.nextInt(DOORS));
          ledger.events().add("a door of " + bridge.id() + " is frozen");
          Outages.Outage freeze = ledger.freezes().begin(bridge.id(), ledger.clock().now());
          door.freeze();
          pause(random, 9000);
          door.heal();
          ledger.freezes().end(freeze, ledger.clock().now());
        }
        default -> {
          ledger.events().add("a door of " + bridge.id() + " is cut");
          bridge.door(random.nextInt(DOORS)).cut();
        }
      }
    }
  }

  private static Outages.Outage begin(QueueLedger ledger, String bridge, String what) {
    ledger.events().add(what);
    return ledger.outages().begin(bridge, ledger.clock().now());
  }

  private static void end(QueueLedger ledger, Outages.Outage outage) {
    ledger.events().add("… and that is over");
    ledger.outages().end(outage, ledger.clock().now());
  }

  private static void pause(Random random, int maxMillis) throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(200 + random.nextInt(maxMillis));
  }

  /** Waits for as long as it makes sense; what is wrong then, the audit tells. */
  private static void await(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
      TimeUnit.MILLISECONDS.sleep(200);
    }
  }
}
