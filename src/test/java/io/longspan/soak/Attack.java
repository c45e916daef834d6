package io.longspan.soak;

import java.io.IOException;
import java.time.Duration;

/**
 * One kind of attack; its rounds run one after the other on a thread of their own.
 *
 * @param name what the table says
 * @param pause between two rounds, so that the attack tests the bridge and not the machine
 * @param round attacks for a moment
 */
record Attack(String name, Duration pause, Round round) {
  /** A round of an attack. */
  interface Round {
    /**
     * Attacks for a moment. That the bridge refuses or cuts is expected: {@code IOException} and
     * {@code UncheckedIOException} end the round and are counted.
     *
     * @param target what is attacked
     * @param hoard keeps what stays open after the round
     */
    void run(Target target, Hoard hoard) throws IOException;
  }

  static Attack every(int pauseMillis, String name, Round round) {
    return new Attack(name, Duration.ofMillis(pauseMillis), round);
  }
}
