package io.longspan.jms;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.config.LongspanConfig.AddressOrder;
import io.longspan.config.LongspanConfig.Broker;
import io.longspan.config.LongspanConfig.Dialect;
import io.longspan.config.LongspanConfig.Jndi;
import io.longspan.config.LongspanConfig.Provider;
import io.longspan.config.LongspanConfig.Replies;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class BrokerAddressesTest {

  private static List<InetAddress> resolve(String host) throws UnknownHostException {
    return switch (host) {
      case "one" -> List.of(InetAddress.getByName("10.0.0.1"));
      case "many" -> List.of(InetAddress.getByName("10.0.0.1"), InetAddress.getByName("fd00::2"));
      default -> throw new UnknownHostException(host);
    };
  }

  private static List<String> round(AddressOrder order, String... urls) {
    Broker broker =
        new Broker(
            Provider.ACTIVEMQ,
            List.of(urls),
            order,
            "",
            "",
            Dialect.ACTIVEMQ,
            Replies.DEFAULT,
            new Jndi("", Map.of()),
            Optional.empty(),
            Optional.empty());
    return new BrokerAddresses(broker, BrokerAddressesTest::resolve)
        .round().stream().map(BrokerAddresses.Address::url).toList();
  }

  @Test
  void eachAddressIsTriedOnceInOrder() {
    assertThat(round(AddressOrder.IN_ORDER, "tcp://one:1", "tcp://unknown:2"))
        .containsExactly("tcp://one:1", "tcp://unknown:2");
  }

  @Test
  void eachIpAddressOfANameIsTried() {
    assertThat(round(AddressOrder.IN_ORDER, "tcp://many:1?keepAlive=true", "amqp://one:2"))
        .containsExactly(
            "tcp://10.0.0.1:1?keepAlive=true",
            "tcp://[fd00:0:0:0:0:0:0:2]:1?keepAlive=true",
            "amqp://one:2");
    assertThat(round(AddressOrder.IN_ORDER, "tcp://many:secret@many:1?x=a@b"))
        .containsExactly(
            "tcp://many:secret@10.0.0.1:1?x=a@b", "tcp://many:secret@[fd00:0:0:0:0:0:0:2]:1?x=a@b");
  }

  @Test
  void whatIsNoUrlIsLeftToTheProvider() {
    assertThat(round(AddressOrder.IN_ORDER, "tcp://bridge:hun%ter2@one:1", "a b"))
        .containsExactly("tcp://bridge:hun%ter2@one:1", "a b");
  }

  @Test
  void aNameStaysWhereACertificateIsCheckedAgainstIt() {
    List<String> urls =
        List.of(
            "ssl://many:1", "nio+ssl://many:1", "amqps://many:1", "tcp://many:1?sslEnabled=true");
    assertThat(round(AddressOrder.IN_ORDER, urls.toArray(String[]::new))).isEqualTo(urls);
  }

  @Test
  void randomOrderBeginsEverywhere() {
    Set<String> begins = new HashSet<>();
    for (int i = 0; i < 1_000 && begins.size() < 3; i++) {
      List<String> round = round(AddressOrder.RANDOM, "tcp://one:1", "tcp://one:2", "tcp://one:3");
      assertThat(round).containsExactlyInAnyOrder("tcp://one:1", "tcp://one:2", "tcp://one:3");
      begins.add(round.get(0));
    }
    assertThat(begins).hasSize(3);
  }

  @Test
  void aProviderWithoutUrlHasOneAddress() {
    assertThat(round(AddressOrder.IN_ORDER, "")).containsExactly("");
  }
}
