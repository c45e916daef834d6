package io.longspan.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.config.LongspanConfig.Broker;
import io.longspan.config.LongspanConfig.Dialect;
import io.longspan.config.LongspanConfig.Jndi;
import io.longspan.config.LongspanConfig.Provider;
import io.longspan.identity.Identity;
import io.longspan.protocol.DestinationName;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LocalEntriesTest {
  private static final Identity ALICE = new Identity("alice", Set.of());

  private static DestinationCatalogue parse(String entry) {
    return new CatalogueParser().parse("destinations: [" + entry + "]");
  }

  private static DestinationCatalogue withoutBroker(String entry) {
    Broker none = new Broker(Provider.NONE, "", "", "", Dialect.ARTEMIS, new Jndi("", Map.of()));
    return new CatalogueParser(none).parse("destinations: [" + entry + "]");
  }

  private static Optional<BrokerDestination> target(DestinationCatalogue catalogue, String name) {
    return catalogue
        .match(ALICE, DestinationName.parsePattern(name))
        .map(DestinationCatalogue.Match::destination);
  }

  @Test
  void anEntryWithSubscribeIsATopicAndAnyOtherAService() {
    assertThat(target(parse("{name: 's/{x}', kind: local, send: ['*']}"), "s/1"))
        .contains(new BrokerDestination(Kind.QUEUE, "s/1", false, "local"));
    assertThat(target(parse("{name: 's/{x}', kind: local, send: ['*'], subscribe: ['*']}"), "s/1"))
        .contains(new BrokerDestination(Kind.TOPIC, "s/1", false, "local"));
  }

  @Test
  void aPatternKeepsToItsEntry() {
    DestinationCatalogue catalogue =
        parse(
            "{name: 'q/{a}/closed', kind: local, subscribe: ['*']},"
                + " {name: 'q/{a}/{b}', kind: local, subscribe: ['*'], wildcards: true},"
                + " {name: 'own/{user}', kind: local, subscribe: ['*'], wildcards: true}");
    assertThat(target(catalogue, "q/**"))
        .contains(new BrokerDestination(Kind.TOPIC, "q/*/*", true, "local"));
    DestinationName pattern = DestinationName.parsePattern("q/**");
    assertThat(catalogue.logicalName(ALICE, pattern, "q/x/y")).contains("q/x/y");
    for (String other : new String[] {"q/x/closed", "q/x/y/z", "own/alice", "bridge/push", "q"}) {
      assertThat(catalogue.logicalName(ALICE, pattern, other)).as(other).isEmpty();
    }
    for (String refused : new String[] {"own/*", "own/**", "**", "*/x/y"}) {
      assertThat(target(catalogue, refused)).as(refused).isEmpty();
    }
  }

  @Test
  void theTopicsOfTheBridgeCannotBeNamed() {
    DestinationCatalogue catalogue = parse("{name: '{x...}', kind: local, subscribe: ['*']}");
    assertThat(target(catalogue, "bridge/push")).isEmpty();
    assertThat(target(catalogue, "bridge/x/y")).isEmpty();
    assertThat(target(catalogue, "bridge")).isPresent();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{name: a, kind: local}                                  | needs send (a service) or subscribe (a topic)",
        "{name: a, kind: local, send: [x], jms: a}               | destinations[0].jms: not possible with kind local",
        "{name: a, kind: local, send: [x], broker: plant}        | destinations[0].broker: not possible with kind local",
        "{name: a, kind: local, send: [x], replies: queue}       | destinations[0].replies: not possible with kind local",
        "{name: a, kind: local, send: [x], correlate: messageId} | destinations[0].correlate: not possible",
        "{name: a, kind: local, send: [x], priority: 3}          | destinations[0].priority: not possible",
        "{name: a, kind: local, send: [x], persistent: true}     | destinations[0].persistent: not possible",
        "{name: a, kind: local, send: [x], groupId: g}           | destinations[0].groupId: not possible",
        "{name: a, kind: local, send: [x], wildcards: true}      | destinations[0].wildcards: requires a topic",
        "{name: a, kind: local, subscribe: [x], wildcards: 1}    | destinations[0].wildcards: must be true or false",
        "{name: bridge/x, kind: local, send: [x]}                | destinations[0].name: 'bridge/x' is a name that the bridge reserves",
        "{name: a, kind: service, send: [x]}                     | destinations[0].kind: 'service' is not queue, topic or local",
      })
  void aBrokenEntryIsRefusedWithItsReason(String entry, String reason) {
    assertThatThrownBy(() -> parse(entry)).hasMessageContaining(reason);
  }

  @Test
  void withoutABrokerNothingIsPassedOnFromIt() {
    assertThatThrownBy(
            () ->
                withoutBroker(
                    "{name: a, kind: local, send: [x]}]\nforward: [{to: plant, queue: q}"))
        .hasMessageContaining("forward[0].from: must name a broker of the section brokers");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{name: a, kind: queue, send: [x]}             | destinations[0].kind: 'queue' needs a broker; with broker.provider none only local is possible",
        "{name: a, kind: topic, send: [x]}             | destinations[0].kind: 'topic' needs a broker",
        "{name: a, kind: local, send: {ask: services}} | destinations[0].send.ask: needs a broker",
      })
  void withoutABrokerOnlyLocalEntriesArePossible(String entry, String reason) {
    assertThatThrownBy(() -> withoutBroker(entry)).hasMessageContaining(reason);
    assertThat(target(withoutBroker("{name: a, kind: local, send: [x]}"), "a")).isPresent();
  }
}
