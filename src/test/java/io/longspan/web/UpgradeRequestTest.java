package io.longspan.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class UpgradeRequestTest {
  private final HttpServletRequest request =
      HeadersOnly.request(false, Map.of("Origin", List.of("https://a")));
  private final UpgradeRequest upgrade = new UpgradeRequest(request);

  @Test
  void isTheRequestUntilTheUpgradeIsOver() {
    assertThat(upgrade.getHeaders("Origin").asIterator()).toIterable().containsExactly("https://a");
  }

  @Test
  void keepsNothingOfTheRequestAfterwards() {
    upgrade.release();

    assertThat(upgrade.getRequest()).isNotSameAs(request);
    assertThat(upgrade.isWrapperFor(request)).isFalse();
    assertThatIllegalStateException()
        .isThrownBy(() -> upgrade.getHeaders("Origin"))
        .withMessage("the upgrade is over");
  }
}
