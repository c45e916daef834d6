package io.longspan.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.chaos.HonestCrowd;
import io.longspan.external.ChildProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A bridge with a heap of 256 MiB, honest users, and attackers of every kind that is known, all at
 * once. No honest user may lose a message or be refused anything, the bridge must live, and when
 * the attackers have left it must have given back what it held for them.
 *
 * <p>The short run has ten honest users, and attacks a twentieth of their full size. {@code -Psoak}
 * runs with a hundred and with the full size, for 20 minutes or for {@code -Dsoak.minutes}. {@code
 * -Dsoak.broker} is {@code activemq} or {@code artemis}; {@code -Dsoak.only} leaves only the
 * attacks whose names contain it.
 */
@Timeout(value = 1, unit = TimeUnit.DAYS) // as long as it is asked to run
final class SoakIT {
  private static final Duration SHORT = Duration.ofSeconds(30);
  private static final int FEW = 10;
  private static final int MANY = 100;
  private static final int SHORT_PERCENT = 5;
  private static final Duration PATIENCE = Duration.ofMinutes(4);

  /** Gauges may stay this much above the level before: caches and what honest users use. */
  private static final long SLACK = 2 << 20;

  /** What an honest user's outbox may hold at any time: what is kept for its resume. */
  private static final long OUTBOX_OF_A_USER = 128 << 10;

  private final Optional<Integer> minutes = Optional.ofNullable(Integer.getInteger("soak.minutes"));
  private final Map<String, Object> rows = new LinkedHashMap<>();
  private final List<String> complaints = new ArrayList<>();

  @Test
  void honestUsersNoticeNothingOfHostileOnes() throws Exception {
    Duration length = minutes.map(Duration::ofMinutes).orElse(SHORT);
    int users = minutes.isPresent() ? MANY : FEW;
    int percent = minutes.isPresent() ? 100 : SHORT_PERCENT;
    String broker = System.getProperty("soak.broker", "activemq");
    rows.put("length", length);
    rows.put("broker", broker);
    rows.put("honest users", users);
    try (SoakStage stage = new SoakStage(broker, users, minutes.isEmpty());
        HonestCrowd crowd =
            new HonestCrowd(
                users, stage.broker(), SoakStage.BRIDGE, stage.base().resolve("cometd"))) {
      await(crowd::isSettled);
      try {
        run(stage, crowd, length, percent);
      } catch (UncheckedIOException noAnswer) {
        complaints.add("/metrics did not answer: " + noAnswer);
      }
      System.out.println(crowd.table("soak", rows));
      write(crowd);
      complaints.addAll(crowd.complaints());
    }
    assertThat(complaints).isEmpty();
  }

  private void run(SoakStage stage, HonestCrowd crowd, Duration length, int percent)
      throws InterruptedException {
    long begin = crowd.now();
    Thread.sleep(length.toMillis() / 8);
    Map<String, Long> before = stage.budgets();
    if (before.isEmpty()) {
      complaints.add("the bridge has no gauges longspan_budget_bytes");
    }
    crowd.note("the attackers come");
    long siege = crowd.now();
    Map<String, Long> highest = siege(stage, length, percent);
    crowd.note("the attackers have left");
    long calm = crowd.now();
    await(() -> !stage.isAlive() || excess(before, stage).isEmpty());
    if (stage.isAlive()) {
      excess(before, stage)
          .forEach((purpose, more) -> complaints.add(purpose + " has not given back " + more));
      rows.put("heap in use at the end", stage.heapMiB() + " MiB");
      rows.put("budgets before", before);
      rows.put("budgets at most", highest);
      rows.put("budgets after", stage.budgets());
    } else {
      complaints.add("the bridge has ended");
    }
    crowd.rest();
    await(() -> !stage.isAlive() || crowd.isContent());
    rows.put("before the attack", crowd.latencies(begin, siege));
    rows.put("during the attack", crowd.latencies(siege, calm));
    rows.put("after the attack", crowd.latencies(calm, Long.MAX_VALUE));
    List<String> errors = stage.errors();
    rows.put("errors in the bridge's log", errors.size());
    errors.stream().limit(5).forEach(line -> complaints.add("the bridge logged " + line));
  }

  /**
   * Lets the attackers do their worst; returns the highest level of each budget. They have the
   * processor's time that nobody else wants: on the same machine they would else take it from the
   * honest users, which they could not from elsewhere.
   */
  private Map<String, Long> siege(SoakStage stage, Duration length, int percent)
      throws InterruptedException {
    Map<String, Long> highest = new LinkedHashMap<>();
    ChildProcess siege =
        ChildProcess.start(
            "siege",
            Path.of(""),
            Map.of(),
            List.of(
                "nice",
                "-n",
                "19",
                ChildProcess.java(),
                "-cp",
                ChildProcess.classPath(),
                SiegeMain.class.getName(),
                stage.base().toString(),
                Integer.toString(percent),
                System.getProperty("soak.only", "")));
    siege.await("^the siege has begun$");
    try {
      long end = System.nanoTime() + length.toNanos();
      while (System.nanoTime() < end && stage.isAlive()) {
        stage.budgets().forEach((purpose, bytes) -> highest.merge(purpose, bytes, Math::max));
        Thread.sleep(1_000);
      }
    } finally {
      siege.stop();
      siege.log().lines().forEach(this::note);
    }
    return highest;
  }

  private void note(String line) {
    String[] parts = line.split("\t");
    if (parts[0].equals("attack")) {
      rows.put(parts[1], parts[2]);
    } else if (parts[0].equals("broken")) {
      complaints.add(parts[1]);
    }
  }

  /** Returns what is still held beyond the level before, in bytes by purpose. */
  private static Map<String, Long> excess(Map<String, Long> before, SoakStage stage) {
    Map<String, Long> excess = new LinkedHashMap<>();
    stage
        .budgets()
        .forEach(
            (purpose, now) -> {
              long more = now - before.getOrDefault(purpose, 0L) * 3 / 2 - slack(purpose);
              if (more > 0) {
                excess.put(purpose, more);
              }
            });
    return excess;
  }

  private static long slack(String purpose) {
    return purpose.equals("outbox") ? MANY * OUTBOX_OF_A_USER : SLACK;
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
      Thread.sleep(500);
    }
  }

  private static void write(HonestCrowd crowd) throws IOException {
    List<String> lines = new ArrayList<>(crowd.stories());
    lines.addAll(crowd.sessions());
    Files.write(Files.createDirectories(Path.of("target", "logs")).resolve("soak.log"), lines);
  }
}
