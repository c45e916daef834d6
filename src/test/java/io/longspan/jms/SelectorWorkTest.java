package io.longspan.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longspan.protocol.BridgeException;
import java.util.Collections;
import java.util.List;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.selector.filter.Filterable;
import org.apache.activemq.command.ActiveMQTextMessage;
import org.apache.activemq.command.ActiveMQTopic;
import org.apache.activemq.filter.NonCachedMessageEvaluationContext;
import org.junit.jupiter.api.Test;

/**
 * How long the selectors that are taken run in the brokers' own evaluators, on a property as long
 * as a service may send it. Times are compared with each other only. What runs behind AMQP is the
 * evaluator of the broker.
 */
final class SelectorWorkTest {
  private static final String LONG_TEXT = "a".repeat(250_000);

  /** Searches the whole text for one character. */
  private static final String SIMPLE = "p LIKE '%b'";

  private static final List<String> WORST =
      List.of(
          "p LIKE '%" + "a".repeat(30) + "b'",
          "p LIKE '%" + "a".repeat(29) + "b%'",
          "p LIKE '%" + "_".repeat(29) + "b%'",
          "p LIKE 'a%" + "a".repeat(30) + "b'",
          "p LIKE '" + "a".repeat(127) + "%' AND p LIKE '%" + "a".repeat(29) + "b'",
          repeated("p LIKE '%b'", 16),
          repeated("p LIKE 'a%' AND p <> 'x'", 32),
          repeated("p IN ('x', 'y')", 30),
          repeated("p = 'x'", 150));

  @FunctionalInterface
  private interface Evaluator {
    boolean matches(String selector) throws Exception;
  }

  private static String repeated(String condition, int times) {
    return String.join(" OR ", Collections.nCopies(times, condition));
  }

  private static boolean inActiveMq(String selector) throws Exception {
    ActiveMQTextMessage message = new ActiveMQTextMessage();
    message.setDestination(new ActiveMQTopic("T"));
    message.setStringProperty("p", LONG_TEXT);
    NonCachedMessageEvaluationContext context = new NonCachedMessageEvaluationContext();
    context.setMessageReference(message);
    return org.apache.activemq.selector.SelectorParser.parse(selector).matches(context);
  }

  private static boolean inArtemis(String selector) throws Exception {
    return org.apache.activemq.artemis.selector.impl.SelectorParser.parse(selector)
        .matches(
            new Filterable() {
              @Override
              public <T> T getBodyAs(Class<T> type) {
                throw new AssertionError("no selector reads the body");
              }

              @Override
              public Object getProperty(SimpleString name) {
                return LONG_TEXT;
              }

              @Override
              public Object getLocalConnectionId() {
                return null;
              }
            });
  }

  /** The fastest of several runs, in nanoseconds: what disturbs a run makes it longer. */
  private static long nanos(Evaluator evaluator, String selector, int runs) throws Exception {
    long fastest = Long.MAX_VALUE;
    for (int i = 0; i < runs; i++) {
      long start = System.nanoTime();
      evaluator.matches(selector);
      fastest = Math.min(fastest, System.nanoTime() - start);
    }
    return fastest;
  }

  /** The bound is the one that the selector's own cost promises, with a wide margin. */
  private static void assertHarmless(Evaluator evaluator) throws Exception {
    long simple = nanos(evaluator, SIMPLE, 10);
    for (String selector : WORST) {
      SelectorSyntax.require(selector);
      assertThat(nanos(evaluator, selector, 5) / simple)
          .as(selector)
          .isLessThan(6L * SelectorSyntax.MAX_SEARCH);
    }
  }

  @Test
  void theWorstSelectorThatIsTakenRunsALimitedTimesAsLongAsASimpleOneInActiveMq() throws Exception {
    assertHarmless(SelectorWorkTest::inActiveMq);
  }

  @Test
  void theWorstSelectorThatIsTakenRunsALimitedTimesAsLongAsASimpleOneInArtemis() throws Exception {
    assertHarmless(SelectorWorkTest::inArtemis);
  }

  /** What the bound of the two tests above can tell apart. */
  @Test
  void aSelectorThatIsRefusedRunsLonger() throws Exception {
    String refused = repeated("p LIKE '%" + "a".repeat(120) + "b%'", 42);
    assertThatThrownBy(() -> SelectorSyntax.require(refused)).isInstanceOf(BridgeException.class);
    assertThat(
            nanos(SelectorWorkTest::inActiveMq, refused, 1)
                / nanos(SelectorWorkTest::inActiveMq, SIMPLE, 10))
        .isGreaterThan(6L * SelectorSyntax.MAX_SEARCH);
  }
}
