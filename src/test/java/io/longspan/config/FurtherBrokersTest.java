package io.longspan.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longspan.config.LongspanConfig.Broker;
import io.longspan.config.LongspanConfig.Provider;
import io.longspan.config.LongspanConfig.ReadyBrokers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The section {@code brokers}. */
final class FurtherBrokersTest {
  private static final String PLANT =
      """
      brokers:
        plant: {provider: artemis, url: "tcp://plant:61616", user: bridge, password: secret}
        plant-2: {provider: activemq, urls: ["tcp://a:61616", "tcp://b:61616"], replies: queue}
      """;

  @TempDir Path folder;

  private LongspanConfig load(
      String yaml, Map<String, String> properties, Map<String, String> environment) {
    Path file = folder.resolve("longspan.yaml");
    try {
      Files.writeString(file, yaml);
    } catch (IOException x) {
      throw new IllegalStateException(x);
    }
    return ConfigLoader.load(Optional.of(file), properties, environment);
  }

  private LongspanConfig load(String yaml) {
    return load(yaml, Map.of(), Map.of());
  }

  @Test
  void haveTheKeysOfTheDefaultBroker() {
    LongspanConfig config = load(PLANT);

    assertThat(config.broker().provider()).isEqualTo(Provider.EMBEDDED);
    assertThat(config.brokers().keySet()).containsExactly("plant", "plant-2");
    Broker plant = config.broker("plant");
    assertThat(plant.provider()).isEqualTo(Provider.ARTEMIS);
    assertThat(plant.urls()).containsExactly("tcp://plant:61616");
    assertThat(plant.user()).isEqualTo("bridge");
    assertThat(plant.password()).isEqualTo("secret");
    assertThat(config.broker("plant-2").urls())
        .isEqualTo(List.of("tcp://a:61616", "tcp://b:61616"));
    assertThat(config.bridge().readyBrokers()).isEqualTo(ReadyBrokers.DEFAULT);
  }

  @Test
  void areOverriddenLikeTheDefaultBroker() {
    LongspanConfig config =
        load(
            PLANT,
            Map.of("longspan.brokers.plant.user", "other", "longspan.bridge.readyBrokers", "all"),
            Map.of(
                "LONGSPAN_BROKERS_PLANT_PASSWORD", "from the environment",
                "LONGSPAN_BROKERS_PLANT_2_REPLY_PREFIX", "our.replies",
                "LONGSPAN_BROKERS_PLANT_URL", "tcp://elsewhere:61616"));

    assertThat(config.broker("plant").user()).isEqualTo("other");
    assertThat(config.broker("plant").password()).isEqualTo("from the environment");
    assertThat(config.broker("plant").urls()).containsExactly("tcp://elsewhere:61616");
    assertThat(config.broker("plant-2").replies().prefix()).isEqualTo("our.replies");
    assertThat(config.bridge().readyBrokers()).isEqualTo(ReadyBrokers.ALL);
  }

  @Test
  void canBeAddedBySystemProperties() {
    LongspanConfig config =
        load(
            "bridge: {id: b}",
            Map.of(
                "longspan.brokers.plant.provider", "amqp",
                "longspan.brokers.plant.url", "amqp://plant:5672"),
            Map.of("LONGSPAN_BROKERS_PLANT_USER", "bridge"));

    assertThat(config.broker("plant").urls()).containsExactly("amqp://plant:5672");
    assertThat(config.broker("plant").user()).isEqualTo("bridge");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {plant: {url: "tcp://p:1"}} | brokers.plant.provider: not set, but needed by brokers.plant.url; allowed: one of activemq, artemis, amqp, rabbitmq, jndi
          {plant: {provider: embedded}} | brokers.plant.provider: "embedded" is not allowed; allowed: one of activemq, artemis, amqp, rabbitmq, jndi
          {plant: {provider: artemis}} | brokers.plant.url: not set, but needed by brokers.plant.provider
          {plant: {provider: artemis, url: "tcp://p:1", urls: ["tcp://p:1"]}} | allowed: only one of brokers.plant.url and brokers.plant.urls
          {plant: {provider: artemis, url: "tcp://p:1", colour: red}} | brokers.plant.colour: unknown key with the value "red"; allowed: brokers.plant.provider, brokers.plant.url,
          {plant: {provider: artemis, url: "tcp://p:1", tls: {colour: red}}} | allowed: brokers.plant.tls.trustStore,
          {plant: {provider: jndi, url: "tcp://p:1"}} | no value with brokers.plant.provider jndi; put the provider URL of JNDI in brokers.plant.jndi.environment
          {plant: {provider: artemis, url: "tcp://p:1", dialect: activemq}} | artemis with brokers.plant.provider artemis
          {default: {provider: artemis}} | brokers.default: unknown key
          {local: {provider: artemis}} | brokers.local: unknown key
          {"a b": {provider: artemis}} | allowed: names of 1 to 32 characters
          {plant: tcp} | brokers.plant: "tcp" is not allowed; allowed: a section with brokers.plant.provider,
          {plant: {provider: artemis, url: "tcp://u:s3cret@p:1?reconnectAttempts=3"}} | brokers.plant.url
          """)
  void areRefusedWithOneLine(String section, String message) {
    assertThatThrownBy(() -> load("brokers: " + section))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(message)
        .hasMessageNotContainingAny("s3cret", "\n");
  }

  @Test
  void anEnvironmentVariableOfAnUnknownBrokerIsAMisspeltKey() {
    assertThatThrownBy(() -> load(PLANT, Map.of(), Map.of("LONGSPAN_BROKERS_PLAN_USER", "x")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("LONGSPAN_BROKERS_PLAN_USER");
  }
}
