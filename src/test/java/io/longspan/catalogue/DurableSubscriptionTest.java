package io.longspan.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.identity.Identity;
import io.longspan.protocol.DestinationName;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class DurableSubscriptionTest {
  private static String name(String user, String topic, String given) {
    return DurableSubscription.of(user, BrokerDestination.topic(topic), given).name();
  }

  @Test
  void noTwoSubscriptionsHaveTheSameName() {
    List<String> names =
        Stream.of(
                name("alice", "orders", "a"),
                name("alice", "orders", "A"),
                name("alice", "order", "sa"),
                name("aliceo", "rders", "a"),
                name("", "aliceorders", "a"),
                name("alice", "ordersa", ""),
                name("bob", "orders", "a"))
            .toList();
    assertThat(names).doesNotHaveDuplicates();
    assertThat(name("alice", "orders", "a")).isEqualTo(names.get(0));
  }

  @Test
  void noEntryReachesASubscription() {
    DestinationCatalogue catalogue =
        new CatalogueParser()
            .parse("destinations: [{name: 'any/{x...}', kind: queue, jms: '{x}', receive: ['*']}]");
    Identity alice = new Identity("alice", Set.of());
    assertThat(catalogue.match(alice, DestinationName.parse("any/work"))).isPresent();
    for (String reaching : List.of("longspan-durable-x", "LONGSPAN-durable-x/y")) {
      assertThat(catalogue.match(alice, DestinationName.parse("any/" + reaching))).isEmpty();
    }
  }

  @Test
  void aNameHasNoSyntaxOfAnyBroker() {
    assertThat(name("a::b*>#,?", "queue://x", "y")).matches("longspan-durable-[A-Za-z0-9_-]{43}");
  }
}
