package io.longspan.jms;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.bridge.MessageBroker.ConnectionListener;
import io.longspan.config.LongspanConfig.Broker;
import io.longspan.config.LongspanConfig.Dialect;
import io.longspan.config.LongspanConfig.Jndi;
import io.longspan.config.LongspanConfig.Provider;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.activemq.broker.BrokerPlugin;
import org.apache.activemq.broker.BrokerService;
import org.apache.activemq.security.AuthenticationUser;
import org.apache.activemq.security.SimpleAuthenticationPlugin;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A broker that does not want the bridge's password, until it does. */
@Timeout(120)
final class RefusingBrokerTest {
  private final SimpleAuthenticationPlugin accounts = new SimpleAuthenticationPlugin();
  private final List<String> heard = new CopyOnWriteArrayList<>();
  private BrokerService broker;
  private int openWire;
  private int amqp;

  @BeforeEach
  void start() throws Exception {
    accounts.setUsers(List.of(new AuthenticationUser("bridge", "old", "bridges")));
    broker = new BrokerService();
    broker.setBrokerName("refusing-" + System.nanoTime());
    broker.setPersistent(false);
    broker.setUseJmx(false);
    broker.setUseShutdownHook(false);
    broker.setPlugins(new BrokerPlugin[] {accounts});
    openWire = broker.addConnector("tcp://127.0.0.1:0").getConnectUri().getPort();
    amqp = broker.addConnector("amqp://127.0.0.1:0").getConnectUri().getPort();
    broker.start();
    broker.waitUntilStarted();
  }

  @AfterEach
  void stop() throws Exception {
    broker.stop();
    broker.waitUntilStopped();
  }

  private final ConnectionListener listener =
      new ConnectionListener() {
        @Override
        public void brokerConnected() {
          heard.add("connected");
        }

        @Override
        public void brokerLost() {
          heard.add("lost");
        }
      };

  @ParameterizedTest
  @EnumSource(
      value = Provider.class,
      names = {"ACTIVEMQ", "AMQP"})
  void isNamedAndTriedUntilItLetsTheBridgeIn(Provider provider) {
    String url =
        provider == Provider.AMQP ? "amqp://127.0.0.1:" + amqp : "tcp://127.0.0.1:" + openWire;
    JmsMessageBroker bridge =
        JmsMessageBroker.of(
            new Broker(provider, url, "bridge", "new", Dialect.ACTIVEMQ, new Jndi("", Map.of())),
            1 << 20);
    try {
      assertThat(bridge.trouble()).hasValue("the bridge has not connected yet");
      bridge.start(listener);
      Awaitility.await()
          .untilAsserted(
              () ->
                  assertThat(bridge.trouble())
                      .hasValueSatisfying(
                          trouble ->
                              assertThat(trouble)
                                  .startsWith("the broker refuses broker.user, its password")
                                  .doesNotContain("new")));
      accounts.getUserPasswords().put("bridge", "new");
      Awaitility.await().until(() -> bridge.trouble().isEmpty());
      assertThat(heard).containsExactly("connected");
    } finally {
      bridge.close();
    }
  }
}
