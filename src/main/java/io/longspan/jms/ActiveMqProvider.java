package io.longspan.jms;

import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.config.LongspanConfig.Broker;
import io.longspan.config.LongspanConfig.Dialect;
import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.apache.activemq.ActiveMQConnection;
import org.apache.activemq.ActiveMQConnectionFactory;
import org.apache.activemq.ActiveMQMessageProducer;
import org.apache.activemq.ActiveMQPrefetchPolicy;
import org.apache.activemq.AsyncCallback;
import org.apache.activemq.broker.SslContext;
import org.apache.activemq.command.ActiveMQDestination;
import org.apache.activemq.transport.Transport;

/** ActiveMQ Classic with its own client; also the embedded broker. */
final class ActiveMqProvider implements JmsProvider {
  private static final int MAX_PRODUCER_SESSIONS = 4;

  private final Broker broker;
  private final ActiveMqTemporaries temporaries = new ActiveMqTemporaries(this);

  ActiveMqProvider(Broker broker) {
    this.broker = broker;
  }

  @Override
  public ConnectionFactory connectionFactory() throws JMSException {
    Optional<SSLContext> tls = BrokerTls.context(broker);
    ActiveMQConnectionFactory factory =
        new TlsFactory(BrokerTls.url(broker, "verifyHostName"), tls);
    int timeout = Math.toIntExact(CALL_TIMEOUT.toMillis());
    factory.setAlwaysSyncSend(true);
    factory.setSendTimeout(timeout);
    factory.setConnectResponseTimeout(timeout);
    factory.setCloseTimeout(timeout);
    // The client's cache of advisories rejects temporary topics of other connections that still
    // exist.
    factory.setWatchTopicAdvisories(false);
    // Each message is sent once, so it needs no copy.
    factory.setCopyMessageOnSend(false);
    // The client would take a message that one consumer has given back for a duplicate.
    factory.setCheckForDuplicates(false);
    ActiveMQPrefetchPolicy prefetch = factory.getPrefetchPolicy();
    if (prefetch.getTopicPrefetch() == ActiveMQPrefetchPolicy.DEFAULT_TOPIC_PREFETCH) {
      prefetch.setTopicPrefetch(PREFETCH);
    }
    if (prefetch.getQueuePrefetch() == ActiveMQPrefetchPolicy.DEFAULT_QUEUE_PREFETCH) {
      prefetch.setQueuePrefetch(PREFETCH);
    }
    // The bridge checks expiry itself, and notifies the client of expired messages.
    factory.setConsumerExpiryCheckEnabled(false);
    factory.setTrustedPackages(List.of());
    factory.setTrustAllPackages(false);
    return factory;
  }

  /** Connects with a TLS context, which the client only takes from the connecting thread. */
  private static final class TlsFactory extends ActiveMQConnectionFactory {
    private final Optional<SSLContext> tls;

    TlsFactory(String url, Optional<SSLContext> tls) {
      super(url);
      this.tls = tls;
    }

    @Override
    protected Transport createTransport() throws JMSException {
      return ActiveMqOneByOne.withinPrefetch(connect());
    }

    private Transport connect() throws JMSException {
      if (tls.isEmpty()) {
        return super.createTransport();
      }
      SslContext before = SslContext.getCurrentSslContext();
      SslContext own = new SslContext();
      own.setSSLContext(tls.get());
      SslContext.setCurrentSslContext(own);
      try {
        return super.createTransport();
      } finally {
        SslContext.setCurrentSslContext(before);
      }
    }
  }

  /** Sends without waiting for the broker's answer, so the next message can follow at once. */
  @Override
  public void send(
      MessageProducer producer,
      Destination destination,
      Message message,
      int deliveryMode,
      int priority,
      long timeToLive,
      CompletionListener listener)
      throws JMSException {
    ((ActiveMQMessageProducer) producer)
        .send(
            destination,
            message,
            deliveryMode,
            priority,
            timeToLive,
            new AsyncCallback() {
              @Override
              public void onSuccess() {
                listener.onCompletion(message);
              }

              @Override
              public void onException(JMSException failure) {
                listener.onException(message, failure);
              }
            });
  }

  /** A send does not wait here. More threads than processors would only add wake-ups. */
  @Override
  public int producerSessions() {
    return Math.min(MAX_PRODUCER_SESSIONS, Runtime.getRuntime().availableProcessors());
  }

  @Override
  public SendQueue.Windows sendWindows() {
    return SendQueue.Windows.PIPELINED;
  }

  @Override
  public boolean carriesText(String text) {
    return OpenWire.carries(text);
  }

  @Override
  public boolean carriesName(String name) {
    return OpenWire.carries(name);
  }

  @Override
  public void remove(Connection connection, Destination destination) throws JMSException {
    ((ActiveMQConnection) connection)
        .destroyDestination(ActiveMQDestination.transform(destination));
  }

  @Override
  public Temporary openTemporary(Connection connection, Session session, Kind kind)
      throws JMSException {
    return temporaries.open((ActiveMQConnection) connection, session, kind);
  }

  @Override
  public void deleteTemporary(Connection connection, Destination temporary) throws JMSException {
    remove(connection, temporary);
  }

  @Override
  public String pattern(String neutral) {
    return Patterns.of(Dialect.ACTIVEMQ, neutral);
  }

  @Override
  public Optional<OneByOne> oneByOne() {
    return Optional.of(new ActiveMqOneByOne());
  }

  @Override
  public boolean bindsSubscriptionsToConnections() {
    return true;
  }
}
