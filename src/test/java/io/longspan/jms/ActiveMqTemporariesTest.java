package io.longspan.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.config.LongspanConfig.Provider;
import io.longspan.external.LocalActiveMq;
import io.longspan.jms.JmsProvider.Temporary;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.activemq.ActiveMQConnection;
import org.apache.activemq.ActiveMQConnectionFactory;
import org.apache.activemq.broker.Broker;
import org.apache.activemq.broker.BrokerFilter;
import org.apache.activemq.broker.BrokerPlugin;
import org.apache.activemq.broker.ConnectionContext;
import org.apache.activemq.broker.region.Subscription;
import org.apache.activemq.command.ConsumerInfo;
import org.apache.activemq.command.DestinationInfo;
import org.apache.activemq.command.FlushCommand;
import org.apache.activemq.transport.FutureResponse;
import org.apache.activemq.transport.ResponseCallback;
import org.apache.activemq.transport.Transport;
import org.apache.activemq.transport.TransportFilter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How often the bridge waits for ActiveMQ when it opens a client's temporary destination. */
@Timeout(60)
final class ActiveMqTemporariesTest {
  private final AtomicInteger waits = new AtomicInteger();
  private final Set<Object> destinations = ConcurrentHashMap.newKeySet();
  private final Set<Object> consumers = ConcurrentHashMap.newKeySet();
  private volatile boolean rejectsDestinations;
  private volatile boolean rejectsConsumers;
  private LocalActiveMq broker;
  private ActiveMqProvider provider;
  private ActiveMQConnection connection;
  private Session session;

  @BeforeEach
  void open() throws Exception {
    broker =
        new LocalActiveMq(
            service -> service.setPlugins(new BrokerPlugin[] {next -> new Watched(next)}));
    provider = new ActiveMqProvider(broker.settings(Provider.ACTIVEMQ, "", ""));
    connection = (ActiveMQConnection) new CountingFactory(broker.url()).createConnection();
    connection.start();
    session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
  }

  @AfterEach
  void close() throws Exception {
    connection.close();
    broker.close();
  }

  /** Counts how often the client waits for an answer of the broker. */
  private final class CountingFactory extends ActiveMQConnectionFactory {
    CountingFactory(String url) {
      super(url);
      setWatchTopicAdvisories(false);
    }

    @Override
    protected Transport createTransport() throws JMSException {
      return new TransportFilter(super.createTransport()) {
        @Override
        public Object request(Object command) throws IOException {
          waits.incrementAndGet();
          return next.request(command);
        }

        @Override
        public Object request(Object command, int timeout) throws IOException {
          waits.incrementAndGet();
          return next.request(command, timeout);
        }

        @Override
        public FutureResponse asyncRequest(Object command, ResponseCallback callback)
            throws IOException {
          return next.asyncRequest(command, callback);
        }
      };
    }
  }

  /** Keeps what the broker has of temporary destinations and consumers. */
  private final class Watched extends BrokerFilter {
    Watched(Broker next) {
      super(next);
    }

    @Override
    public void addDestinationInfo(ConnectionContext context, DestinationInfo info)
        throws Exception {
      if (rejectsDestinations) {
        throw new SecurityException("no temporary destinations");
      }
      super.addDestinationInfo(context, info);
      destinations.add(info.getDestination());
    }

    @Override
    public void removeDestinationInfo(ConnectionContext context, DestinationInfo info)
        throws Exception {
      super.removeDestinationInfo(context, info);
      destinations.remove(info.getDestination());
    }

    @Override
    public Subscription addConsumer(ConnectionContext context, ConsumerInfo info) throws Exception {
      if (rejectsConsumers) {
        throw new SecurityException("no consumers");
      }
      Subscription added = super.addConsumer(context, info);
      consumers.add(info.getConsumerId());
      return added;
    }

    @Override
    public void removeConsumer(ConnectionContext context, ConsumerInfo info) throws Exception {
      super.removeConsumer(context, info);
      consumers.remove(info.getConsumerId());
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void twoRoundTripsOpenADestinationAndOneDeletesIt(Kind kind) throws Exception {
    waits.set(0);
    Temporary opened = provider.openTemporary(connection, session, kind);
    assertThat(waits.get()).isEqualTo(2);
    assertThat(destinations).containsExactly(opened.destination());

    session.createProducer(opened.destination()).send(session.createTextMessage("hello"));
    assertThat(((TextMessage) opened.consumer().receive(30_000)).getText()).isEqualTo("hello");

    opened.consumer().close();
    waits.set(0);
    provider.deleteTemporary(connection, opened.destination());
    assertThat(waits.get()).isEqualTo(1);
    assertThat(destinations).isEmpty();
    assertThat(consumers).isEmpty();
  }

  @Test
  void destinationsOfTheClientItselfHaveOtherNames() throws Exception {
    Temporary opened = provider.openTemporary(connection, session, Kind.TOPIC);
    assertThat(session.createTemporaryTopic()).isNotEqualTo(opened.destination());
    assertThat(provider.openTemporary(connection, session, Kind.TOPIC).destination())
        .isNotEqualTo(opened.destination());
  }

  @Test
  void aRejectedDestinationLeavesNoConsumer() throws Exception {
    rejectsDestinations = true;
    assertThatThrownBy(() -> provider.openTemporary(connection, session, Kind.TOPIC))
        .isInstanceOf(JMSException.class)
        .hasMessageContaining("no temporary destinations");
    // A round trip: the broker has handled what was sent before.
    connection.syncSendPacket(new FlushCommand());
    assertThat(consumers).isEmpty();
    assertThat(destinations).isEmpty();
  }

  @Test
  void aRejectedConsumerLeavesNoDestination() {
    rejectsConsumers = true;
    assertThatThrownBy(() -> provider.openTemporary(connection, session, Kind.TOPIC))
        .isInstanceOf(JMSException.class)
        .hasMessageContaining("no consumers");
    assertThat(destinations).isEmpty();
    assertThat(consumers).isEmpty();
  }

  @Test
  void theClientKnowsOfNone() throws Exception {
    Temporary opened = provider.openTemporary(connection, session, Kind.TOPIC);
    // It would find the consumer of a destination that it knows, and refuse to delete that one.
    waits.set(0);
    connection.cleanUpTempDestinations();
    assertThat(waits.get()).isZero();
    assertThat(destinations).containsExactly(opened.destination());
  }
}
