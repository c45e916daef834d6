package io.longspan.jms;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.bridge.MessageBroker.ConnectionListener;
import io.longspan.concurrent.InternalErrors;
import io.longspan.config.LongspanConfig.Provider;
import io.longspan.external.LocalActiveMq;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.activemq.broker.TransportConnection;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One connection at a time, whatever its listener does. */
@Timeout(120)
final class ConnectionSupervisorTest {
  /** Hears both, and fails each time. */
  private final HeardConnections failing =
      new HeardConnections() {
        @Override
        public void brokerConnected() {
          super.brokerConnected();
          throw new IllegalStateException("on purpose");
        }

        @Override
        public void brokerLost() {
          super.brokerLost();
          throw new AssertionError("on purpose");
        }
      };

  private LocalActiveMq broker;
  private JmsMessageBroker bridge;

  @BeforeEach
  void start() throws Exception {
    broker = new LocalActiveMq(service -> {});
    bridge = JmsMessageBroker.of(broker.settings(Provider.ACTIVEMQ, "", ""), "bridge-1", 1 << 20);
  }

  @AfterEach
  void stop() throws Exception {
    bridge.close();
    broker.close();
  }

  private void cut() throws Exception {
    for (TransportConnection connection : List.copyOf(broker.openWire().getConnections())) {
      connection.stop();
    }
  }

  @Test
  void aListenerThatFailsCostsNoConnectionAndNoSecondOne() throws Exception {
    long errors = InternalErrors.count();
    bridge.start(failing);
    for (int outages = 0; outages < 3; outages++) {
      int connections = outages + 1;
      Awaitility.await()
          .until(() -> failing.heard.stream().filter("connected"::equals).count() == connections);
      assertThat(bridge.isConnected()).isTrue();
      Awaitility.await().until(() -> broker.openWire().getConnections().size() == 1);
      cut();
    }
    Awaitility.await().until(() -> failing.heard.size() == 7);
    assertThat(failing.heard)
        .containsExactly(
            "connected", "lost", "connected", "lost", "connected", "lost", "connected");
    assertThat(InternalErrors.count() - errors).isGreaterThanOrEqualTo(7);
  }

  @Test
  void whatIsToldComesInItsOrder() throws Exception {
    List<String> heard = new CopyOnWriteArrayList<>();
    bridge.start(
        new ConnectionListener() {
          @Override
          public void brokerConnected() {
            heard.add("connected, " + bridge.isConnected());
          }

          @Override
          public void brokerLost() {
            heard.add("lost, " + bridge.isConnected());
          }
        });
    Awaitility.await().until(() -> heard.size() == 1);
    assertThat(bridge.trouble()).isEmpty();
    cut();
    Awaitility.await().until(() -> heard.size() == 3);
    assertThat(heard).containsExactly("connected, true", "lost, false", "connected, true");
  }
}
