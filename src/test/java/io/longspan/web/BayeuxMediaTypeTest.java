package io.longspan.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class BayeuxMediaTypeTest {
  private static boolean isBayeux(String... types) {
    return BayeuxMediaType.isThatOf(
        HeadersOnly.request(false, Map.of("Content-Type", List.of(types))));
  }

  @Test
  void aBodyOfTwoTypesIsOfNone() {
    assertThat(isBayeux("application/json")).isTrue();
    assertThat(isBayeux("application/json", "text/plain")).isFalse();
    assertThat(isBayeux("text/plain", "application/json")).isFalse();
    assertThat(isBayeux("application/json", "application/json")).isFalse();
    assertThat(isBayeux()).isFalse();
  }
}
