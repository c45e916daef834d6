package io.longspan.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SecretsTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "tcp://bridge:hunter2@mq:61616 | tcp://(hidden)@mq:61616",
        "tcp://bridge:hun?ter#2/@mq:61616 | tcp://(hidden)@mq:61616",
        "tcp://bridge:p@ss@mq:61616?x=1 | tcp://(hidden)@mq:61616?x=1",
        "tcp://mq:1?jms.password=hunter2&a=1 | tcp://mq:1?jms.password=(hidden)&a=1",
        "tcp://mq:1?trustStorePassword=a,b;c) | tcp://mq:1?trustStorePassword=(hidden)",
        "https://keys?access_token=abc | https://keys?access_token=(hidden)",
        "no //a:b@c and //d:e@f here | no //(hidden)@c and //(hidden)@f here",
        "client=1abc user=al@ice | client=1abc user=al@ice",
        "tcp://mq:61616 | tcp://mq:61616",
      })
  void aTextIsShownWithoutTheCredentialsOfItsUrls(String text, String shown) {
    assertThat(Secrets.masked(text)).isEqualTo(shown);
  }

  /** A quadratic search would take minutes. */
  @Test
  void aLongTextCostsTimeInProportion() {
    for (String piece : List.of("/", "pass", "//@", "pass=", "password.")) {
      String text = piece.repeat(2_000_000 / piece.length()) + "=@";
      assertThat(Secrets.masked(text)).isNotEmpty();
    }
  }

  @Test
  void noPartOfTheConfigurationPrintsCredentialsOfAUrl() {
    LongspanConfig.Tokens tokens =
        new LongspanConfig.Tokens(
            Optional.of(URI.create("https://bridge:hunter2@keys/jwks?token=hunter2")),
            "issuer",
            "audience",
            List.of("RS256"),
            "sub",
            "roles");
    LongspanConfig.Broker broker =
        new LongspanConfig.Broker(
            LongspanConfig.Provider.ACTIVEMQ,
            "tcp://bridge:hunter2@mq:61616",
            "bridge",
            "hunter2",
            LongspanConfig.Dialect.ACTIVEMQ,
            new LongspanConfig.Jndi("", java.util.Map.of()));
    assertThat(tokens + " " + broker).doesNotContain("hunter2").contains("keys/jwks", "mq:61616");
    assertThat(new ConfigException("cannot use tcp://bridge:hunter2@mq:61616"))
        .hasMessage("cannot use tcp://(hidden)@mq:61616");
  }
}
