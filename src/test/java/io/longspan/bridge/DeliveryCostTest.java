package io.longspan.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.Allocation;
import org.junit.jupiter.api.Test;

/** What a delivery costs where that can be counted exactly; the times are the benchmark's. */
final class DeliveryCostTest {
  /**
   * A message's number and place in the outbox, and the list that a transport takes; a further
   * serialisation or a copy of the body would be a hundred times as much.
   */
  private static final long BYTES_PER_DELIVERY = 200;

  @Test
  void aDeliveryAllocatesNoMoreThanItsPlaceInTheOutbox() {
    DeliveryBenchmark delivery = new DeliveryBenchmark();
    delivery.subscribe();

    long bytes =
        Allocation.bytesPerCall(
            () -> assertThat(delivery.deliver()).isEqualTo(DeliveryBenchmark.SUBSCRIBERS));

    assertThat(bytes / DeliveryBenchmark.SUBSCRIBERS).isBetween(16L, BYTES_PER_DELIVERY);
  }
}
