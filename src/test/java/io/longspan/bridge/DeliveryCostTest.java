package io.longspan.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** What a delivery costs where that can be counted exactly; the times are the benchmark's. */
final class DeliveryCostTest {
  private static final int WARM_UP = 600;
  private static final int MEASURED = 200;

  /**
   * A message's number and place in the outbox, and the list that a transport takes; a further
   * serialisation or a copy of the body would be a hundred times as much.
   */
  private static final long BYTES_PER_DELIVERY = 200;

  @Test
  void aDeliveryAllocatesNoMoreThanItsPlaceInTheOutbox() {
    DeliveryBenchmark delivery = new DeliveryBenchmark();
    delivery.subscribe();
    // Until each client's outbox is as large as it gets.
    for (int i = 0; i < WARM_UP; i++) {
      delivery.deliver();
    }
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    int delivered = 0;
    for (int i = 0; i < MEASURED; i++) {
      delivered += delivery.deliver();
    }
    long bytes = threads.getCurrentThreadAllocatedBytes() - before;

    assertThat(delivered).isEqualTo(MEASURED * DeliveryBenchmark.SUBSCRIBERS);
    assertThat(bytes / delivered).isBetween(16L, BYTES_PER_DELIVERY);
  }
}
