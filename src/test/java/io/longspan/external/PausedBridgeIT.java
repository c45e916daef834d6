package io.longspan.external;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.wire.RawBayeuxClient;
import io.longspan.wire.TestService;
import io.longspan.wire.Transport;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A bridge that stands still for longer than a broker may be silent, and the broker does not. */
@Timeout(180)
final class PausedBridgeIT {
  /** The heartbeat's limit, and more. */
  private static final Duration PAUSE = Duration.ofSeconds(13);

  private static final int MESSAGES = 100;

  /** The ways to a broker. */
  enum Pairing {
    ACTIVEMQ(ExternalActiveMq::new),
    ARTEMIS(ExternalArtemis::new);

    private final Supplier<ExternalBroker> start;

    Pairing(Supplier<ExternalBroker> start) {
      this.start = start;
    }
  }

  @ParameterizedTest
  @EnumSource(Pairing.class)
  void doesNotTakeItsOwnPauseForTheSilenceOfItsBroker(Pairing pairing) throws Exception {
    try (ExternalBroker broker = pairing.start.get();
        ExecutableWar bridge = new ExecutableWar("paused", broker.settings());
        TestService publisher = new TestService(broker.connectionFactory())) {
      List<RawBayeuxClient> clients =
          List.of(
              Transport.WEBSOCKET.client(bridge.base().resolve("cometd"), "alice", "alice"),
              Transport.LONG_POLLING.client(bridge.base().resolve("cometd"), "bob", "bob"));
      for (RawBayeuxClient client : clients) {
        client.connected();
        assertThat(client.subscribe("chat/pause")).containsEntry("status", "success");
      }
      bridge.pause();
      for (int i = 0; i < MESSAGES; i++) {
        String text = "message " + i;
        publisher.publish("chat/pause", session -> session.createTextMessage(text));
      }
      Thread.sleep(PAUSE.toMillis());
      bridge.resume();
      publisher.publish("chat/pause", session -> session.createTextMessage("the last one"));
      for (RawBayeuxClient client : clients) {
        client.awaitData(data -> "the last one".equals(data.get("body")));
        assertThat(client.data())
            .filteredOn(data -> data.containsKey("body"))
            .extracting(data -> data.get("body"))
            .startsWith(IntStream.range(0, MESSAGES).mapToObj(i -> "message " + i).toArray());
        assertThat(client.data())
            .noneMatch(
                data -> List.of("gap", "bridgeStatus").contains(String.valueOf(data.get("type"))));
        client.close();
      }
      assertThat(bridge.log()).contains("the bridge was paused").doesNotContain("connection lost");
    }
  }
}
