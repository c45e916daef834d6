package io.longspan.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.longspan.protocol.BridgeException;
import io.longspan.protocol.ErrorCode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SelectorSyntaxTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "price > 10 AND currency = 'EUR'",
        "JMSType = 'greeting' OR name LIKE 'a\\_%' ESCAPE '\\'",
        "x IN ('a', 'b') AND y IS NOT NULL",
        "text = 'it''s: XPATH'",
        "amount BETWEEN 1 AND 2.5"
      })
  void aSelectorOfJmsIsTaken(String selector) {
    assertThatCode(() -> SelectorSyntax.require(selector)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "price >",
        "price > 10 AND",
        "XPATH '//a'",
        "xquery 'doc()'",
        "convert_string_expressions:a = 1",
        "a = 'open",
        "a = 1; b = 2",
        "JMSAMQ = 1 AND AMQBROKERINTIME > 0"
      })
  void whatIsNotJmsIsABadRequest(String selector) {
    BridgeException refusal =
        catchThrowableOfType(BridgeException.class, () -> SelectorSyntax.require(selector));
    assertThat(refusal.code()).isEqualTo(ErrorCode.BAD_REQUEST);
  }

  @ParameterizedTest
  @ValueSource(ints = {2049, 1_000_000})
  void aSelectorIsBounded(int length) {
    BridgeException refusal =
        catchThrowableOfType(
            BridgeException.class,
            () -> SelectorSyntax.require("a = '" + "x".repeat(length) + "'"));
    assertThat(refusal.code()).isEqualTo(ErrorCode.BAD_REQUEST);
  }
}
