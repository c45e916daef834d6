package io.longspan.soak;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** All attackers at once, each on its thread, from the start until they are told to leave. */
final class Siege implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 120;

  private final Target target;
  private final CountDownLatch end = new CountDownLatch(1);
  private final List<Attacker> attackers = new ArrayList<>();

  Siege(Target target, List<Attack> attacks) {
    this.target = target;
    attacks.forEach(attack -> attackers.add(new Attacker(attack)));
    attackers.forEach(attacker -> attacker.thread.start());
  }

  private final class Attacker {
    private final Attack attack;
    private final AtomicLong rounds = new AtomicLong();
    private final AtomicLong stopped = new AtomicLong();
    private final Thread thread;
    private volatile Throwable failure;

    private Attacker(Attack attack) {
      this.attack = attack;
      this.thread = new Thread(this::run, "attacker: " + attack.name());
      thread.setDaemon(true);
    }

    private void run() {
      try (Hoard hoard = new Hoard()) {
        do {
          try {
            attack.round().run(target, hoard);
          } catch (IOException | UncheckedIOException refusedOrCut) {
            stopped.incrementAndGet();
          }
          rounds.incrementAndGet();
        } while (!end.await(attack.pause().toMillis(), TimeUnit.MILLISECONDS));
      } catch (IOException | InterruptedException | RuntimeException | Error x) {
        failure = x;
      }
    }
  }

  /** Returns what each attacker did, by its name. */
  Map<String, String> tally() {
    Map<String, String> rows = new LinkedHashMap<>();
    for (Attacker attacker : attackers) {
      String failure = attacker.failure == null ? "" : ", failed: " + attacker.failure;
      rows.put(
          attacker.attack.name(),
          "%d rounds, %d refused or cut%s"
              .formatted(attacker.rounds.get(), attacker.stopped.get(), failure));
    }
    return rows;
  }

  /**
   * Returns the attackers that stopped because of an error of their own: a soak without them proves
   * less.
   */
  List<String> broken() {
    return attackers.stream()
        .filter(attacker -> attacker.failure != null)
        .map(
            attacker -> "the attacker “" + attacker.attack.name() + "” failed: " + attacker.failure)
        .toList();
  }

  /** Lets all leave without a word: their connections are cut. */
  @Override
  public void close() {
    end.countDown();
    try {
      for (Attacker attacker : attackers) {
        attacker.thread.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
      }
    } catch (InterruptedException x) {
      Thread.currentThread().interrupt();
    }
  }
}
