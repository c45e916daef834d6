package io.longspan.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.longspan.protocol.BridgeException;
import io.longspan.protocol.ErrorCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SelectorSyntaxTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "price > 10 AND currency = 'EUR'",
        "JMSType = 'greeting' OR name LIKE 'a\\_%' ESCAPE '\\'",
        "x IN ('a', 'b') AND y IS NOT NULL",
        "text = 'it''s: XPATH'",
        "amount BETWEEN 1 AND 2.5",
        "amount NOT BETWEEN -1 AND +.5e3 OR NOT (a = 'x' AND b <> 10)",
        "a=1 and not(urgent)or JMSXGroupID like'%x%'",
        "urgent",
        "name LIKE '100\\%%' ESCAPE '\\' AND name NOT LIKE 'a%b' AND other NOT IN ('x')",
        "flag = TRUE AND JMSPriority >= 0x4 AND JMSTimestamp > 17000000000000L"
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
        "JMSAMQ = 1 AND AMQBROKERINTIME > 0",
        "__AMQ_CID = 'x'",
        "x = 1 /* ' */ OR XPATH '//x'", // a comment that holds a quote hides what follows from a
        // scanner
        "x = 1 -- ' \n OR XPATH '//x'",
        "xpath = 'x'",
        "\"x\" = 1",
        "REGEX('(a+)+$', text)",
        "INLIST(SPLIT(a, ','), 'x')",
        "a\u00a0= 1",
        "a = 1\u0000",
        "a = 1 b",
        "a = 1AND b = 2"
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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a + 1 > 0",
        "a * 2 = 4",
        "a / 0 = 1",
        "a % 2 = 1",
        "-a > 1",
        "a -1 IS NULL",
        "a = 1 - b",
        "1.5 < a",
        "a < b",
        "a BETWEEN b AND 3",
        "1 BETWEEN 0 AND a",
        "(a) = 1",
        "a LIKE b"
      })
  void whatCanFailInsideTheBrokerForAnotherSendersMessageIsABadRequest(String selector) {
    whatIsNotJmsIsABadRequest(selector);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a LIKE '%a%a%a%a%a%a%a%b'",
        "a LIKE '%a%b'",
        "a LIKE 'a%b%'",
        "a LIKE '%%%'",
        "a LIKE '!%a%b%' ESCAPE '!'",
        "a NOT LIKE '%a%b%c'"
      })
  void aPatternThatTriesAgainFromEverywhereIsABadRequest(String selector) {
    whatIsNotJmsIsABadRequest(selector);
  }

  /** An escaped escape character ends its escape: what follows it is a wildcard again. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "a LIKE '%a!!%a!!%a!!%b' ESCAPE '!'",
        "a LIKE '!!%a!!%' ESCAPE '!'",
        "a LIKE '%a!%%b' ESCAPE '!'"
      })
  void anEscapedEscapeHidesNoWildcard(String selector) {
    whatIsNotJmsIsABadRequest(selector);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "urgent, 1",
        "a = 1, 1",
        "a = 1 AND b IN ('x') OR c IS NULL, 3",
        "a LIKE 'exactly_', 1",
        "a LIKE 'prefix%', 11",
        "a LIKE '%x', 21",
        "a LIKE '%x%', 31",
        "a LIKE '%_%', 31",
        "a LIKE 'x%y' AND b LIKE '%z', 42",
        "a LIKE '%!%!!%' ESCAPE '!', 41"
      })
  void aSelectorCostsItsComparisonsAndWhatItSearchesFor(String selector, int cost) {
    assertThat(SelectorSyntax.require(selector)).isEqualTo(cost);
  }

  @Test
  void thePatternsOfOneSelectorSearchForSoMuchInAll() {
    String most = "a LIKE '%" + "x".repeat(15) + "' OR b LIKE '%" + "x".repeat(15) + "'";
    assertThat(SelectorSyntax.require(most))
        .isEqualTo(2 + SelectorSyntax.MAX_SEARCH * SelectorSyntax.SEARCH_COST);
    whatIsNotJmsIsABadRequest(most + " OR c LIKE 'x%'");
    whatIsNotJmsIsABadRequest("a LIKE '%" + "x".repeat(32) + "'");
    assertThatCode(() -> SelectorSyntax.require("a LIKE '" + "x".repeat(127) + "%'"))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "JMSReplyTo LIKE 'temp%'",
        "JMSDestination = 'x'",
        "JMSExpiration > 0",
        "jmsreplyto = 'x'",
        "JMSRedelivered"
      })
  void aSelectorNamesNoHeaderThatHoldsATemporaryName(String selector) {
    whatIsNotJmsIsABadRequest(selector);
  }

  @Test
  void parenthesesAndNegationsAreBounded() {
    whatIsNotJmsIsABadRequest("(".repeat(33) + "a" + ")".repeat(33));
    whatIsNotJmsIsABadRequest("NOT ".repeat(500) + "a");
    whatIsNotJmsIsABadRequest("a LIKE '" + "x".repeat(SelectorSyntax.MAX_PATTERN + 1) + "'");
  }
}
