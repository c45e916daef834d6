package io.longspan.jms;

import io.longspan.protocol.BridgeException;
import jakarta.jms.JMSException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.activemq.command.ActiveMQTextMessage;
import org.apache.activemq.command.ActiveMQTopic;
import org.apache.activemq.command.Message;
import org.apache.activemq.command.MessageId;
import org.apache.activemq.filter.BooleanExpression;
import org.apache.activemq.filter.NonCachedMessageEvaluationContext;
import org.apache.activemq.selector.SelectorParser;

/** A selector: refused, or one that no message makes a broker fail at. */
public final class SelectorFuzz {
  private static final List<Message> MESSAGES =
      List.of(
          message("text", "b", 1, 2L),
          message(1.5f, 2.5d, "3", true),
          message(true, (byte) 1, 1.5f, "x"),
          message(2.5d, 1.5f, (short) 7, 1.25d),
          message("a".repeat(1000), 0, -1L, "%"));

  private SelectorFuzz() {}

  private static Message message(Object a, Object b, Object c, Object d) {
    try {
      ActiveMQTextMessage message = new ActiveMQTextMessage();
      message.setDestination(new ActiveMQTopic("T"));
      message.setMessageId(new MessageId("ID:x-1:1:1:1"));
      message.setText("<a/>");
      message.setObjectProperty("a", a);
      message.setObjectProperty("b", b);
      message.setObjectProperty("c", c);
      message.setObjectProperty("d", d);
      return message;
    } catch (JMSException x) {
      throw new IllegalStateException(x);
    }
  }

  /** Called by the fuzzer. */
  public static void fuzzerTestOneInput(byte[] input) throws Exception {
    check(new String(input, StandardCharsets.UTF_8));
  }

  /** Returns whether the selector was taken. */
  static boolean check(String selector) throws Exception {
    try {
      SelectorSyntax.require(selector);
    } catch (BridgeException refusal) {
      return false;
    }
    BooleanExpression expression = SelectorParser.parse(selector);
    SelectorParser.clearCache();
    for (Message message : MESSAGES) {
      NonCachedMessageEvaluationContext context = new NonCachedMessageEvaluationContext();
      context.setMessageReference(message);
      expression.matches(context);
    }
    return true;
  }
}
