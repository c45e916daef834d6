package io.longspan.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.config.LongspanConfig.Broker;
import io.longspan.config.LongspanConfig.Dialect;
import io.longspan.config.LongspanConfig.Jndi;
import io.longspan.config.LongspanConfig.Provider;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ForwardParserTest {
  private static final CatalogueParser PARSER =
      new CatalogueParser(
          CatalogueBrokers.of(
              broker(Provider.ACTIVEMQ, Dialect.ACTIVEMQ),
              Map.of(
                  "plant",
                  broker(Provider.ARTEMIS, Dialect.ARTEMIS),
                  "mq",
                  broker(Provider.JNDI, Dialect.SOLACE))));

  private static Broker broker(Provider provider, Dialect dialect) {
    return new Broker(provider, "", "", "", dialect, new Jndi("", Map.of()));
  }

  private static DestinationCatalogue parse(String entry) {
    return PARSER.parse("destinations: []\nforward:\n  - " + entry);
  }

  private static Forward only(String entry) {
    return parse(entry).forwards().get(0);
  }

  @Test
  void aQueueHasTheSameNameThere() {
    Forward forward = only("{to: plant, queue: jobs, answers: true}");

    assertThat(forward.source()).isEqualTo(BrokerDestination.queue("jobs"));
    assertThat(forward.target("jobs"))
        .isEqualTo(new BrokerDestination(Kind.QUEUE, "jobs", false, "plant"));
    assertThat(forward.answers()).isTrue();
    assertThat(forward).hasToString("default:jobs>plant:jobs");
  }

  @Test
  void topicsGetAnotherPrefix() {
    Forward forward = only("{from: plant, topic: \"machines.**\", as: \"plant.**\"}");

    assertThat(forward.source())
        .isEqualTo(new BrokerDestination(Kind.TOPIC, "machines.**", true, "plant"));
    assertThat(forward.target("machines.m1.alarm"))
        .isEqualTo(BrokerDestination.topic("plant.m1.alarm"));
    assertThat(forward.target("others.m1")).isNull();
  }

  @Test
  void separatorsAreThoseOfEachBroker() {
    assertThat(only("{to: mq, topic: \"a.**\", as: \"a/**\"}").target("a.b").name())
        .isEqualTo("a/b");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {queue: a} | forward[0]: from and to must be different brokers
          {to: elsewhere, queue: a} | forward[0].to: 'elsewhere' is not a broker of the section brokers
          {to: plant} | forward[0]: must have a queue or a topic
          {to: plant, queue: a, topic: b} | forward[0]: must have a queue or a topic
          {to: plant, queue: "a.**"} | forward[0].queue: must be the name of one queue
          {to: plant, topic: "a.**", as: b} | forward[0].as: must end with **
          {to: plant, topic: a, as: "b.**"} | forward[0].as: must not end with **
          {to: plant, topic: "a**", as: "b.**"} | forward[0].topic: the part before ** must end with '.'
          {to: plant, topic: "**"} | forward[0].topic: the part before ** must end with '.'
          {to: plant, topic: "a.*.b"} | forward[0].topic: 'a.*.b' is a name that the broker or the bridge reserves
          {to: plant, topic: "bridge/commands"} | reserves
          {to: plant, topic: "a", as: "bridge/push"} | forward[0].as: 'bridge/push' is a name that
          {to: plant, queue: "ID:x:1:1"} | reserves
          {to: plant, queue: "longspan.reply.b"} | forward[0].queue
          {to: plant, queue: "a", as: "longspan.reply.b"} | forward[0].as
          {to: plant, topic: "longspan.**"} | forward[0].topic
          {to: plant, topic: a, answers: true} | forward[0].answers: must be true or false; true needs a queue
          {to: plant, queue: a, colour: red} | forward[0].colour: unknown key
          """)
  void whatCannotBeForwardedIsRefused(String entry, String message) {
    assertThatThrownBy(() -> parse(entry))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void anEntryStandsOnce() {
    assertThatThrownBy(() -> parse("{to: plant, queue: a}\n  - {to: plant, queue: a, as: a}"))
        .hasMessage("forward: two entries are the same");
  }

  @Test
  void anotherSectionIsAnotherCatalogue() {
    assertThat(parse("{to: plant, queue: a}")).isNotEqualTo(parse("{to: plant, queue: b}"));
  }
}
