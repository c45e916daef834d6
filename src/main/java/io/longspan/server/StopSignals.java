package io.longspan.server;

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
 * <p>A shutdown hook alone would not do: a process that ends by a signal has a status other than 0,
 * and hooks run side by side. After the first signal the second ends the process at once.
 */
final class StopSignals {

  private static final Logger LOG = LoggerFactory.getLogger(StopSignals.class);

  private final CountDownLatch stop = new CountDownLatch(1);

  /** Takes the two signals over from the virtual machine. */
  static StopSignals install() {
    StopSignals signals = new StopSignals();
    signals.take(List.of("TERM", "INT"));
    return signals;
  }

  /** Blocks until one has come; returns at once if one has come already. */
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
        LOG.debug("SIG{} is not ours", name, takenElsewhere); // -Xrs
      }
    }
  }
}
