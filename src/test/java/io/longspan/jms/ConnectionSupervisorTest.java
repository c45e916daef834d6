package io.longspan.jms;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.bridge.MessageBroker.ConnectionListener;
import io.longspan.concurrent.InternalErrors;
import io.longspan.config.LongspanConfig.Broker;
import io.longspan.config.LongspanConfig.Dialect;
import io.longspan.config.LongspanConfig.Jndi;
import io.longspan.config.LongspanConfig.Provider;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.activemq.broker.BrokerService;
import org.apache.activemq.broker.TransportConnection;
import org.apache.activemq.broker.TransportConnector;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One connection at a time, whatever its listener does. */
@Timeout(120)
final class ConnectionSupervisorTest {
  private final List<String> heard = new CopyOnWriteArrayList<>();
  private BrokerService broker;
  private TransportConnector connector;
  private JmsMessageBroker bridge;

  @BeforeEach
  void start() throws Exception {
    broker = new BrokerService();
    broker.setBrokerName("supervised-" + System.nanoTime());
    broker.setPersistent(false);
    broker.setUseJmx(false);
    broker.setUseShutdownHook(false);
    connector = broker.addConnector("tcp://127.0.0.1:0");
    broker.start();
    broker.waitUntilStarted();
    bridge =
        JmsMessageBroker.of(
            new Broker(
                Provider.ACTIVEMQ,
                connector.getConnectUri().toString(),
                "",
                "",
                Dialect.ACTIVEMQ,
                new Jndi("", Map.of())),
            1 << 20);
  }

  @AfterEach
  void stop() throws Exception {
    bridge.close();
    broker.stop();
    broker.waitUntilStopped();
  }

  /** Hears both, and fails each time. */
  private final ConnectionListener failing =
      new ConnectionListener() {
        @Override
        public void brokerConnected() {
          heard.add("connected");
          throw new IllegalStateException("on purpose");
        }

        @Override
        public void brokerLost() {
          heard.add("lost");
          throw new AssertionError("on purpose");
        }
      };

  private void cut() throws Exception {
    for (TransportConnection connection : List.copyOf(connector.getConnections())) {
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
          .until(() -> heard.stream().filter("connected"::equals).count() == connections);
      assertThat(bridge.isConnected()).isTrue();
      Awaitility.await().until(() -> connector.getConnections().size() == 1);
      cut();
    }
    Awaitility.await().until(() -> heard.size() == 7);
    assertThat(heard)
        .containsExactly(
            "connected", "lost", "connected", "lost", "connected", "lost", "connected");
    assertThat(InternalErrors.count() - errors).isGreaterThanOrEqualTo(7);
  }

  @Test
  void whatIsToldComesInItsOrder() throws Exception {
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
