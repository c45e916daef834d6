package io.longspan.jms;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.statistics.Statistics;

/** What holds for every selector; a failure prints its seed. */
final class SelectorProperties {
  @Provide
  Arbitrary<String> selectors() {
    return Arbitraries.of(
            "a",
            "b",
            "c",
            "d",
            "=",
            "<>",
            "<",
            ">=",
            "1",
            "-1",
            "2.5",
            "'x'",
            "'%a%'",
            "'%a%b'",
            "(",
            ")",
            ",",
            "AND",
            "OR",
            "NOT",
            "LIKE",
            "IN",
            "BETWEEN",
            "IS",
            "NULL",
            "TRUE",
            "ESCAPE",
            "'!'",
            "+",
            "-",
            "*",
            "/",
            "%",
            "/* ' */",
            "--",
            "XPATH",
            "REGEX",
            "JMSReplyTo",
            "JMSType")
        .list()
        .ofMinSize(1)
        .ofMaxSize(9)
        .map(words -> String.join(" ", words));
  }

  @Property(tries = 10_000)
  void whatIsTakenFailsAtNoMessage(@ForAll("selectors") String selector) throws Exception {
    Statistics.label("taken").collect(SelectorFuzz.check(selector));
  }

  @Property(tries = 3000)
  void noTextIsAnythingButTakenOrRefused(@ForAll String selector) throws Exception {
    SelectorFuzz.check(selector);
  }

  @Property(tries = 3000)
  void noComparisonOfAnyTypesFailsAtAMessage(@ForAll("comparisons") String selector)
      throws Exception {
    SelectorFuzz.check(selector);
  }

  @Provide
  Arbitrary<String> comparisons() {
    Arbitrary<String> operand =
        Arbitraries.of("a", "b", "c", "d", "1", "-1", "1.5", "'x'", "TRUE", "(a)", "a + 1", "- b");
    return operand.flatMap(
        left ->
            operand.flatMap(
                right ->
                    Arbitraries.of("=", "<>", "<", ">").map(o -> left + " " + o + " " + right)));
  }
}
