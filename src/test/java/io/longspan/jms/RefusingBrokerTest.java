package io.longspan.jms;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.config.LongspanConfig.Provider;
import io.longspan.external.LocalActiveMq;
import java.util.List;
import org.apache.activemq.broker.BrokerPlugin;
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
  private final HeardConnections connections = new HeardConnections();
  private LocalActiveMq broker;

  @BeforeEach
  void start() throws Exception {
    accounts.setUsers(List.of(new AuthenticationUser("bridge", "old", "bridges")));
    broker = new LocalActiveMq(service -> service.setPlugins(new BrokerPlugin[] {accounts}));
  }

  @AfterEach
  void stop() throws Exception {
    broker.close();
  }

  @ParameterizedTest
  @EnumSource(
      value = Provider.class,
      names = {"ACTIVEMQ", "AMQP"})
  void isNamedAndTriedUntilItLetsTheBridgeIn(Provider provider) throws Exception {
    JmsMessageBroker bridge =
        JmsMessageBroker.of(broker.settings(provider, "bridge", "new"), "bridge-1", 1 << 20);
    try {
      assertThat(bridge.trouble()).hasValue("the bridge has not connected yet");
      bridge.start(connections);
      Awaitility.await()
          .untilAsserted(
              () ->
                  assertThat(bridge.trouble())
                      .hasValueSatisfying(
                          trouble ->
                              assertThat(trouble)
                                  .startsWith("the broker rejects broker.user or its password")
                                  .doesNotContain("new")));
      accounts.getUserPasswords().put("bridge", "new");
      Awaitility.await().until(() -> bridge.trouble().isEmpty());
      assertThat(connections.heard).containsExactly("connected");
    } finally {
      bridge.close();
    }
  }
}
