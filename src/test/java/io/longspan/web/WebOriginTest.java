package io.longspan.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the bridge's own server cannot show: it has no TLS, and refuses two hosts by itself. */
final class WebOriginTest {
  private static boolean isOwn(boolean secure, String origin, String... hosts) {
    return WebOrigin.isThatOf(HeadersOnly.request(secure, Map.of("Host", List.of(hosts))), origin);
  }

  @Test
  void aPageWithoutTlsIsNotOfAContainersOriginWithIt() {
    assertThat(isOwn(true, "https://bridge.example", "bridge.example")).isTrue();
    assertThat(isOwn(true, "https://bridge.example:8443", "bridge.example:8443")).isTrue();
    assertThat(isOwn(true, "http://bridge.example", "bridge.example")).isFalse();
    assertThat(isOwn(true, "http://bridge.example:8443", "bridge.example:8443")).isFalse();
  }

  @Test
  void aRequestToTwoHostsHasNoOrigin() {
    assertThat(isOwn(true, "https://bridge.example", "bridge.example", "evil.example")).isFalse();
    assertThat(isOwn(true, "https://evil.example", "evil.example", "bridge.example")).isFalse();
    assertThat(isOwn(true, "https://evil.example")).isFalse();
  }
}
