package io.longspan.server.command;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * Waits for SIGTERM or SIGINT.
 *
 * <p>A shutdown hook is not enough: it cannot set the exit status to 0, and hooks run concurrently.
 * After the first signal, a second one ends the process at once.
 */
final class StopSignals {

  private static final Logger LOG = LoggerFactory.getLogger(StopSignals.class);

  private final CountDownLatch stop = new CountDownLatch(1);

  /** Installs handlers for both signals, in place of the virtual machine's. */
  static StopSignals install() {
    StopSignals signals = new StopSignals();
    signals.take(List.of("TERM", "INT"));
    return signals;
  }

  /** Blocks until a signal has arrived; returns at once if one has already arrived. */
  void await() throws InterruptedException {
    stop.await();
  }

  private void take(List<String> names) {
    List<Runnable> restore = new ArrayList<>();
    for (String name : names) {
      Signal signal = new Signal(name);
      try {
        SignalHandler before =
            Signal.handle(
                signal,
                received -> {
                  restore.forEach(Runnable::run);
                  stop.countDown();
                });
        restore.add(() -> Signal.handle(signal, before));
      } catch (IllegalArgumentException takenElsewhere) {
        LOG.debug("SIG{} cannot be handled", name, takenElsewhere); // the JVM runs with -Xrs
      }
    }
  }
}
