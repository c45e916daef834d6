package io.longspan.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

final class BridgeMeterBinderTest {

  /** Micrometer holds what it reads only weakly; nobody else holds these suppliers. */
  @Test
  void whatIsWatchedIsCountedAsLongAsTheMetersLive() {
    BridgeMeterBinder meters = new BridgeMeterBinder();
    AtomicLong count = new AtomicLong(3);
    meters.watchSignIn(count::get, count::get);
    meters.watchRefusedConnections(count::get);
    awaitCollection(count);

    assertThat(meters.scrape())
        .contains(
            "longspan_passwords_throttled_total 3.0",
            "longspan_tokens_refused_total 3.0",
            "longspan_connections_refused_total 3.0");
    meters.close();
  }

  /** Returns when what nobody holds has been collected. */
  private static void awaitCollection(AtomicLong captured) {
    WeakReference<LongSupplier> unheld = new WeakReference<>(captured::get);
    Awaitility.await()
        .until(
            () -> {
              System.gc();
              return unheld.get() == null;
            });
  }
}
