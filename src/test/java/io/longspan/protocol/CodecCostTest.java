package io.longspan.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.Allocation;
import org.junit.jupiter.api.Test;

/** What decoding and encoding allocate; the times are the benchmark's. */
final class CodecCostTest {
  private final CodecBenchmark codec = new CodecBenchmark();

  /** Half a kilobyte more would be a copy of the body. */
  @Test
  void decodingCopiesNoBody() {
    assertThat(Allocation.bytesPerCall(codec::decode)).isBetween(16L, 2_900L);
  }

  /** Some 700 bytes more would be a second serialisation. */
  @Test
  void aMessageIsSerialisedOnce() {
    assertThat(Allocation.bytesPerCall(codec::encode)).isBetween(512L, 3_600L);
  }
}
