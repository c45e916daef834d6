package io.longspan.benchmark;

import io.longspan.external.ExternalActiveMq;
import io.longspan.external.ExternalArtemis;
import io.longspan.external.ExternalBroker;
import jakarta.jms.ConnectionFactory;
import org.apache.activemq.ActiveMQConnectionFactory;
import org.apache.activemq.ActiveMQSession;
import org.apache.activemq.artemis.api.jms.ActiveMQJMSConstants;

/** The broker of a run. */
enum BenchmarkBroker {
  ACTIVEMQ {
    @Override
    ExternalBroker start() {
      return new ExternalActiveMq();
    }

    @Override
    ConnectionFactory connect(String url) {
      return new ActiveMQConnectionFactory(
          ExternalBroker.SERVICE_USER,
          ExternalBroker.SERVICE_PASSWORD,
          url + "?jms.watchTopicAdvisories=false");
    }

    @Override
    ConnectionFactory connectWorkers(String url) {
      return new ActiveMQConnectionFactory(
          ExternalBroker.SERVICE_USER,
          ExternalBroker.SERVICE_PASSWORD,
          url + "?jms.sendAcksAsync=false&jms.prefetchPolicy.queuePrefetch=1");
    }

    @Override
    int individualAcknowledge() {
      return ActiveMQSession.INDIVIDUAL_ACKNOWLEDGE;
    }
  },

  ARTEMIS {
    @Override
    ExternalBroker start() {
      return new ExternalArtemis();
    }

    @Override
    ConnectionFactory connect(String url) {
      return new org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory(
          url, ExternalBroker.SERVICE_USER, ExternalBroker.SERVICE_PASSWORD);
    }

    @Override
    ConnectionFactory connectWorkers(String url) {
      return connect(url + "?consumerWindowSize=0&blockOnAcknowledge=true");
    }

    @Override
    int individualAcknowledge() {
      return ActiveMQJMSConstants.INDIVIDUAL_ACKNOWLEDGE;
    }
  };

  /** Starts it in a process of its own. */
  abstract ExternalBroker start();

  abstract ConnectionFactory connect(String url);

  /**
   * Returns a factory for consumers of a queue that get one message at a time, and wait until the
   * broker has confirmed its acknowledgement.
   */
  abstract ConnectionFactory connectWorkers(String url);

  /** Returns the acknowledgement mode of a session whose messages are acknowledged one by one. */
  abstract int individualAcknowledge();

  /** Returns what a program on the class path is told to reach a broker. */
  String[] arguments(ExternalBroker broker) {
    return new String[] {name(), "tcp://127.0.0.1:" + broker.port()};
  }

  /**
   * Returns the connection factory of a program that was told where the broker is.
   *
   * @param arguments as by {@link #arguments}
   */
  static ConnectionFactory connectionFactory(String[] arguments) {
    return valueOf(arguments[0]).connect(arguments[1]);
  }
}
