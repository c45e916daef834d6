package io.longspan.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a catalogue may name on each kind of broker. */
final class DialectTest {
  private static final Identity ALICE = new Identity("alice", Set.of());

  static CatalogueParser parser(Dialect dialect) {
    Provider provider =
        switch (dialect) {
          case ACTIVEMQ -> Provider.ACTIVEMQ;
          case ARTEMIS -> Provider.ARTEMIS;
          case RABBITMQ -> Provider.RABBITMQ;
          case IBMMQ, SOLACE -> Provider.JNDI;
        };
    return new CatalogueParser(
        new Broker(provider, "", "", "", dialect, new Jndi("factory", Map.of())));
  }

  private static DestinationCatalogue catalogue(Dialect dialect, String... entries) {
    return parser(dialect).parse("destinations:\n- {" + String.join("}\n- {", entries) + "}\n");
  }

  private static DestinationName parsed(String name) {
    return name.contains("*") ? DestinationName.parsePattern(name) : DestinationName.parse(name);
  }

  private static Optional<String> jmsName(DestinationCatalogue catalogue, String name) {
    return catalogue.match(ALICE, parsed(name)).map(match -> match.destination().name());
  }

  @ParameterizedTest
  @EnumSource(names = {"IBMMQ", "SOLACE"})
  void slashesSeparateTheLevelsOfATopic(Dialect dialect) {
    DestinationCatalogue catalogue =
        catalogue(
            dialect,
            "name: 'prices/{market}/{symbol}', kind: topic, jms: 'Prices/{market}/{symbol}',"
                + " wildcards: true",
            "name: 'files/{path...}', kind: topic, jms: 'Files/{path}', wildcards: true");
    assertThat(jmsName(catalogue, "prices/eu/A.B")).contains("Prices/eu/A%2EB");
    assertThat(jmsName(catalogue, "prices/*/ABC")).contains("Prices/*/ABC");
    assertThat(jmsName(catalogue, "prices/eu/**")).contains("Prices/eu/*");
    assertThat(jmsName(catalogue, "files/a/b")).contains("Files/a/b");
    assertThat(jmsName(catalogue, "files/**")).contains("Files/**");
    assertThat(catalogue.logicalName(ALICE, parsed("prices/*/*"), "Prices/eu/A%2EB"))
        .contains("prices/eu/A.B");
    assertThat(catalogue.logicalName(ALICE, parsed("files/**"), "Files"))
        .as("the many-level wildcard of IBM MQ also matches its parent")
        .isEmpty();
    assertThat(catalogue.logicalName(ALICE, parsed("files/**"), "Files/a/b")).contains("files/a/b");
  }

  @ParameterizedTest
  @EnumSource(names = {"IBMMQ", "SOLACE"})
  void wildcardsNeedVariablesBetweenSlashes(Dialect dialect) {
    assertThatThrownBy(
            () ->
                catalogue(
                    dialect, "name: 'prices/{m}', kind: topic, jms: 'prices.{m}', wildcards: true"))
        .hasMessageContaining("wildcards need {m} to stand alone between slashes in jms");
  }

  @ParameterizedTest
  @CsvSource({
    "IBMMQ, QUEUE, ORDERS.EU/1_2%, true",
    "IBMMQ, QUEUE, A-B, false",
    "IBMMQ, QUEUE, é, false",
    "IBMMQ, QUEUE, a+b, false",
    "IBMMQ, QUEUE, SYSTEM.ADMIN.COMMAND.QUEUE, false",
    "IBMMQ, QUEUE, system.default.model.queue, false",
    "IBMMQ, QUEUE, AMQ.5F3B, false",
    "IBMMQ, QUEUE, 'queue:///Q?targetClient=1', false",
    "IBMMQ, QUEUE, 'queue:Q', false",
    "IBMMQ, TOPIC, 'topic:T', false",
    "IBMMQ, TOPIC, a/+/b, false",
    "IBMMQ, TOPIC, C++, false",
    "IBMMQ, TOPIC, a/#, false",
    "IBMMQ, TOPIC, TEMP/QM1/1, false",
    "IBMMQ, TOPIC, $SYS/MQ, false",
    "IBMMQ, TOPIC, Ünï/cödé, true",
    "SOLACE, TOPIC, a/b, true",
    "SOLACE, TOPIC, C++, true",
    "SOLACE, TOPIC, a*, false",
    "SOLACE, TOPIC, a/>, false",
    "SOLACE, TOPIC, '!a', false",
    "SOLACE, TOPIC, '#P2P/QTMP/v:r/1', false",
    "SOLACE, TOPIC, _P2P/x, false",
    "SOLACE, QUEUE, it's, false",
    "SOLACE, QUEUE, a&b, false",
    "SOLACE, QUEUE, orders/eu, true",
    "RABBITMQ, QUEUE, amq.gen-1, false",
    "RABBITMQ, QUEUE, jms-cons-1, false",
    "RABBITMQ, TOPIC, jms-temp-queue-1, false",
    "RABBITMQ, TOPIC, a+b, true",
    "ARTEMIS, TOPIC, a+b, true",
    "ARTEMIS, TOPIC, 'jndi:x', false",
    "IBMMQ, QUEUE, 'JNDI:x', false"
  })
  void aNameIsSafeOrNot(Dialect dialect, BrokerDestination.Kind kind, String name, boolean safe) {
    assertThat(new BrokerNameRules(dialect).isSafe(kind, name)).isEqualTo(safe);
  }

  @Test
  void lengthsAreThoseOfTheBroker() {
    BrokerNameRules ibm = new BrokerNameRules(Dialect.IBMMQ);
    assertThat(ibm.isSafe(BrokerDestination.Kind.QUEUE, "Q".repeat(48))).isTrue();
    assertThat(ibm.isSafe(BrokerDestination.Kind.QUEUE, "Q".repeat(49))).isFalse();
    assertThat(ibm.isSafe(BrokerDestination.Kind.TOPIC, "T".repeat(10_240))).isTrue();
    assertThat(ibm.isSafe(BrokerDestination.Kind.TOPIC, "T".repeat(10_241))).isFalse();
    BrokerNameRules solace = new BrokerNameRules(Dialect.SOLACE);
    assertThat(solace.isSafe(BrokerDestination.Kind.QUEUE, "q".repeat(201))).isFalse();
    assertThat(solace.isSafe(BrokerDestination.Kind.TOPIC, "é".repeat(125))).isTrue();
    assertThat(solace.isSafe(BrokerDestination.Kind.TOPIC, "é".repeat(126))).isFalse();
    assertThat(solace.isSafe(BrokerDestination.Kind.TOPIC, "a/".repeat(127) + "a")).isFalse();
    BrokerNameRules rabbit = new BrokerNameRules(Dialect.RABBITMQ);
    assertThat(rabbit.isSafe(BrokerDestination.Kind.QUEUE, "q".repeat(255))).isTrue();
    assertThat(rabbit.isSafe(BrokerDestination.Kind.QUEUE, "q".repeat(256))).isFalse();
  }

  @Test
  void aQueueOfIbmMqIsRefusedAtTheStartIfItsNameIsNotAllowed() {
    assertThatThrownBy(
            () -> catalogue(Dialect.IBMMQ, "name: 'orders/{shop}', kind: queue, jms: 'A-{shop}'"))
        .hasMessageContaining("destinations[0].jms")
        .hasMessageContaining("A-{shop}");
    DestinationCatalogue catalogue =
        catalogue(Dialect.IBMMQ, "name: 'orders/{shop}', kind: queue, jms: 'ORDERS.{shop}'");
    assertThat(jmsName(catalogue, "orders/eu.1")).contains("ORDERS.eu%2E1");
    assertThat(jmsName(catalogue, "orders/a-b")).isEmpty();
    assertThat(jmsName(catalogue, "orders/" + "x".repeat(42))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "properties: {CC: x}",
        "properties: {BCC: x}",
        "correlate: 'property:CC'",
      })
  void aPropertyThatRabbitMqReservesIsRefusedAtTheStart(String setting) {
    String entry = "name: 'orders', kind: queue, jms: orders, " + setting;
    assertThatThrownBy(() -> catalogue(Dialect.RABBITMQ, entry))
        .hasMessageContaining("the broker does not support a property of this name");
    catalogue(Dialect.ARTEMIS, entry);
  }

  @Test
  void anAdministeredDestinationHasAFixedName() {
    DestinationCatalogue catalogue =
        catalogue(
            Dialect.IBMMQ,
            "name: orders, kind: queue, jms: 'jndi:jms/Orders', send: ['*']",
            "name: news, kind: topic, jms: 'jndi:java:comp/env/jms/News', subscribe: ['*']",
            "name: 'any/{x}', kind: queue, jms: '{x}', send: ['*']");
    assertThat(jmsName(catalogue, "orders")).contains("jndi:jms/Orders");
    assertThat(jmsName(catalogue, "news")).contains("jndi:java:comp/env/jms/News");
    assertThat(catalogue.jndiDestinations())
        .extracting(BrokerDestination::name)
        .containsExactly("jndi:jms/Orders", "jndi:java:comp/env/jms/News");
    assertThat(jmsName(catalogue, "any/jndi:jms")).isEmpty();
    assertThat(jmsName(catalogue, "any/JNDI:jms")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "name: 'o/{x}', kind: queue, jms: 'jndi:jms/Orders' | must not contain variables such as {x}",
        "name: 'o/{user}', kind: queue, jms: 'jndi:jms/O' | must not contain variables such as {user}",
        "name: 'o/{x}', kind: queue, jms: 'jndi:jms/{x}' | a JNDI name without spaces and variables",
        "name: o, kind: queue, jms: 'jndi:' | a JNDI name without spaces and variables",
        "name: o, kind: queue, jms: 'JNDI:x' | must be jndi: and a JNDI name",
        "name: o, kind: topic, jms: 'jndi:x', wildcards: true | wildcards are not possible with a jndi"
      })
  void whatJndiCannotNameIsRefusedAtTheStart(String entry, String problem) {
    assertThatThrownBy(() -> catalogue(Dialect.IBMMQ, entry)).hasMessageContaining(problem);
  }

  @Test
  void anAdministeredDestinationNeedsJndi() {
    assertThatThrownBy(
            () -> catalogue(Dialect.RABBITMQ, "name: o, kind: queue, jms: 'jndi:jms/Orders'"))
        .hasMessage("destinations[0].jms: 'jndi:jms/Orders' requires broker.provider jndi");
  }
}
