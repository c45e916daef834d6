package io.longspan.benchmark;

import io.longspan.external.ExternalActiveMq;
import io.longspan.external.ExternalArtemis;
import io.longspan.external.ExternalBroker;
import jakarta.jms.ConnectionFactory;
import org.apache.activemq.ActiveMQConnectionFactory;

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
  };

  /** Starts it in a process of its own. */
  abstract ExternalBroker start();

  abstract ConnectionFactory connect(String url);

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
