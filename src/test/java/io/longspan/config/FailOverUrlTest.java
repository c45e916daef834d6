package io.longspan.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.config.LongspanConfig.AddressOrder;
import io.longspan.config.LongspanConfig.Provider;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FailOverUrlTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ACTIVEMQ | failover:(tcp://a:1,tcp://b:2) | RANDOM | tcp://a:1 tcp://b:2",
        "ACTIVEMQ | failover:(tcp://a:1, ssl://b:2)?randomize=false&maxReconnectAttempts=3 | IN_ORDER | tcp://a:1 ssl://b:2",
        "ACTIVEMQ | FailOver://(tcp://a:1?keepAlive=true,tcp://b:2)?jms.useCompression=true&nested.soTimeout=9 | RANDOM | tcp://a:1?keepAlive=true&jms.useCompression=true&soTimeout=9 tcp://b:2?jms.useCompression=true&soTimeout=9",
        "AMQP | failover:(amqp://a:1,amqps://b:2)?failover.maxReconnectAttempts=9&jms.prefetchPolicy.all=5 | IN_ORDER | amqp://a:1?jms.prefetchPolicy.all=5 amqps://b:2?jms.prefetchPolicy.all=5",
        "AMQP | failover:(amqp://a:1,amqp://b:2)?failover.randomize=true&failover.nested.transport.tcpNoDelay=true | RANDOM | amqp://a:1?transport.tcpNoDelay=true amqp://b:2?transport.tcpNoDelay=true",
        "ARTEMIS | (tcp://a:1,tcp://b:2?retryInterval=1)?ha=true&reconnectAttempts=-1&sslEnabled=true | IN_ORDER | tcp://a:1?sslEnabled=true tcp://b:2?sslEnabled=true",
        "ARTEMIS | (tcp://a:1) | IN_ORDER | tcp://a:1",
      })
  void aListOfTheProvidersFormIsRead(
      Provider provider, String url, AddressOrder order, String urls) {
    assertThat(FailOverUrl.read(provider, url))
        .contains(new FailOverUrl(List.of(urls.split(" ")), order));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ACTIVEMQ | tcp://a:1",
        "ACTIVEMQ | (tcp://a:1,tcp://b:2)",
        "ACTIVEMQ | failover:tcp://a:1",
        "ACTIVEMQ | fanout:(tcp://a:1)",
        "ARTEMIS | failover:(tcp://a:1,tcp://b:2)",
        "AMQP | failover:((amqp://a:1))",
      })
  void anythingElseIsNoList(Provider provider, String url) {
    assertThat(FailOverUrl.read(provider, url)).isEmpty();
  }
}
