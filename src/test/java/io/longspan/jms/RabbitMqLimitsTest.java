package io.longspan.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longspan.catalogue.RabbitMqNames;
import jakarta.jms.InvalidSelectorException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RabbitMqLimitsTest {
  @Test
  void aHeaderThatNamesFurtherQueuesIsRefused() {
    assertThat(RabbitMqNames.isProperty("CC")).isFalse();
    assertThat(RabbitMqNames.isProperty("BCC")).isFalse();
    assertThat(RabbitMqNames.isProperty("cc")).isTrue();
  }

  @Test
  void aNameHasAtMost255Bytes() {
    assertThat(RabbitMqNames.isProperty("n".repeat(255))).isTrue();
    assertThat(RabbitMqNames.isProperty("n".repeat(256))).isFalse();
    assertThat(RabbitMqNames.isProperty("é".repeat(128))).isFalse();
  }

  @Test
  void aTextHasAtMost65535BytesAndNoUnpairedSurrogate() {
    assertThat(RabbitMqLimits.carriesText("x".repeat(65_535))).isTrue();
    assertThat(RabbitMqLimits.carriesText("x".repeat(65_536))).isFalse();
    assertThat(RabbitMqLimits.carriesText("\0".repeat(32_768))).isFalse();
    assertThat(RabbitMqLimits.carriesText("a\ud83d\ude00")).isTrue();
    assertThat(RabbitMqLimits.carriesText("a\ud83d")).isFalse();
    assertThat(RabbitMqLimits.carriesText("\ude00a")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "a, a, true",
    "a, b, false",
    "a, a.b, false",
    "a.*, a.b, true",
    "a.*, a.b.c, false",
    "a.*.c, a.b.c, true",
    "a.#, a.b.c, true",
    "a.#, a, true",
    "a.#, b, false",
    "*, a.b, false",
    "#, a.b, true"
  })
  void aPatternMatchesWords(String pattern, String name, boolean matches) {
    assertThat(Patterns.matches(pattern, name)).isEqualTo(matches);
  }

  @ParameterizedTest
  @ValueSource(strings = {"price > 10", "name LIKE 'a%'", "JMSPriority > 4 AND JMSType = 'x'"})
  void aSelectorIsSupported(String selector) throws InvalidSelectorException {
    RabbitMqConsumer.requireSelector(selector);
    assertThat(RabbitMqConsumer.compile(selector)).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"name = 'zoë'", "größe > 1", "price >", "price > 1 ; x"})
  void aSelectorIsRefusedThatTheBrokerWouldReadDifferently(String selector) {
    assertThatThrownBy(() -> RabbitMqConsumer.requireSelector(selector))
        .isInstanceOf(InvalidSelectorException.class);
  }
}
