package io.longspan.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The embedded broker, filled by a client over the bridge. */
@Timeout(240)
final class EmbeddedBrokerIT {
  private static final int FULL_QUEUES = 12;

  @ParameterizedTest
  @EnumSource(Transport.class)
  void queuesThatNobodyReadRefuseTheirSendersAndNobodyElse(Transport transport) {
    String body = "x".repeat(200 << 10);
    // The broker has half of it.
    try (TestBridge bridge =
            TestBridge.start(Map.of("broker.provider", "embedded", "limits.totalBytes", "32MiB"));
        RawBayeuxClient alice = bridge.connected(transport, "alice");
        RawBayeuxClient bob = bridge.connected(transport, "bob")) {
      assertThat(bob.subscribe("chat/bob")).containsEntry("status", "success");
      for (int queue = 0; queue < FULL_QUEUES; queue++) {
        Map<String, Object> receipt = Map.of("successful", true);
        for (int i = 0; i < 100 && Boolean.TRUE.equals(receipt.get("successful")); i++) {
          receipt = alice.send("services/nobody-" + queue, Map.of(), body);
        }
        assertThat(String.valueOf(receipt.get("error"))).startsWith("sendFailed:");
        assertThat(bob.send("services/bob-" + queue, Map.of(), "small"))
            .containsEntry("successful", true);
        String news = "news " + queue;
        assertThat(bob.send("chat/bob", Map.of(), news)).containsEntry("successful", true);
        bob.awaitData(data -> news.equals(data.get("body")));
      }
      assertThat(bridge.metric("longspan_ready")).isEqualTo(1);
      assertThat(bob.data()).noneMatch(data -> "bridgeStatus".equals(data.get("type")));
    }
  }
}
