package io.longspan.jms;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.longspan.bridge.MessageBroker.ConnectionListener;
import io.longspan.config.LongspanConfig.Broker;
import io.longspan.config.LongspanConfig.Dialect;
import io.longspan.config.LongspanConfig.Jndi;
import io.longspan.config.LongspanConfig.Provider;
import io.longspan.external.FreePort;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/** Credentials that an operator wrote into {@code broker.url} stay out of the log. */
final class BrokerCredentialsTest {
  private static final ConnectionListener NOBODY =
      new ConnectionListener() {
        @Override
        public void brokerConnected() {}

        @Override
        public void brokerLost() {}
      };

  /**
   * With URLs that a client takes, and with such as it refuses in an exception that repeats them.
   */
  @ParameterizedTest
  @CsvSource({
    "ACTIVEMQ, tcp://bridge:hunter2@127.0.0.1:%d",
    "ACTIVEMQ, tcp://127.0.0.1:%d?jms.password=hunter2",
    "ACTIVEMQ, tcp://127.0.0.1:%d?jms.password=hunter2&jms.noSuchOption=1",
    "ACTIVEMQ, tcp://bridge:hun%%ter2@127.0.0.1:%d",
    "ARTEMIS, tcp://127.0.0.1:%d?user=bridge&password=hunter2",
    "ARTEMIS, tcp://bridge:hunter2@127.0.0.1:%d?trustStorePassword=hunter2",
    "AMQP, amqp://bridge:hunter2@127.0.0.1:%d",
    "AMQP, amqp://127.0.0.1:%d?jms.password=hunter2",
    "AMQP, amqp://127.0.0.1:%d?jms.password=hunter2&jms.noSuchOption=1",
    "JNDI, tcp://bridge:hunter2@127.0.0.1:%d?jms.password=hunter2&jms.noSuchOption=1",
  })
  void aBrokerThatIsNotReachedIsLoggedWithoutThem(Provider provider, String url) {
    String actual = url.formatted(FreePort.find());
    Broker broker =
        new Broker(
            provider,
            actual,
            "",
            "",
            Dialect.ACTIVEMQ,
            new Jndi(
                "ConnectionFactory",
                Map.of(
                    "java.naming.factory.initial",
                    "org.apache.activemq.jndi.ActiveMQInitialContextFactory",
                    "java.naming.provider.url",
                    actual)));
    List<String> lines = linesOf(broker);
    assertThat(lines).anyMatch(line -> line.contains("broker not reachable"));
    assertThat(lines).noneMatch(line -> line.contains("hunter2") || line.contains("ter2"));
  }

  private static List<String> linesOf(Broker broker) {
    Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
    ListAppender<ILoggingEvent> heard = new ListAppender<>();
    heard.setContext(root.getLoggerContext());
    heard.start();
    root.addAppender(heard);
    JmsMessageBroker bridge = JmsMessageBroker.of(broker, "bridge-1", Long.MAX_VALUE);
    try {
      bridge.start(NOBODY);
      Awaitility.await()
          .until(
              () ->
                  List.copyOf(heard.list).stream()
                      .anyMatch(
                          line -> line.getFormattedMessage().contains("broker not reachable")));
    } finally {
      bridge.close();
      root.detachAppender(heard);
    }
    return heard.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }
}
