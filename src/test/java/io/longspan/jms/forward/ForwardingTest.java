package io.longspan.jms.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.Forward;
import io.longspan.config.ConfigLoader;
import io.longspan.config.LongspanConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ForwardingTest {
  private static final LongspanConfig CONFIG =
      ConfigLoader.load(
          Optional.empty(),
          Map.of(
              "longspan.broker.provider", "activemq",
              "longspan.broker.url", "tcp://127.0.0.1:1"),
          Map.of());
  private static final Forward ENTRY =
      new Forward(
          BrokerDestination.queue("jobs"), BrokerDestination.DEFAULT_BROKER, "copied", false);

  /** The catalogue's file may change while the bridge stops. */
  @Test
  void entriesThatComeAfterTheEndAreNotStarted() {
    Forwarding forwarding = new Forwarding(CONFIG);
    forwarding.apply(List.of(ENTRY));
    assertThat(forwarding.disconnected()).isEqualTo(1);
    forwarding.close();
    forwarding.apply(List.of(ENTRY));
    assertThat(forwarding.disconnected()).isZero();
  }
}
