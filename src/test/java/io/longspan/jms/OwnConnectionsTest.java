package io.longspan.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.ExceptionListener;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import org.apache.activemq.command.ActiveMQTextMessage;
import org.apache.activemq.command.ActiveMQTopic;
import org.junit.jupiter.api.Test;

/** The connections of durable subscriptions in foul weather. */
final class OwnConnectionsTest {
  private static final OneByOne.Origin ORIGIN =
      new OneByOne.Origin(new ActiveMQTopic("news"), Optional.of("name"), null);

  private final List<String> calls = new CopyOnWriteArrayList<>();

  /** What the call of this name fails with. */
  private String failing = "";

  private JMSException failure = new JMSException("no");
  private ExceptionListener listener;
  private boolean usedUp;

  private final OwnConnections connections =
      new OwnConnections(new Script(), new Inner(), "bridge", "secret");

  private void call(String name) throws JMSException {
    calls.add(name);
    if (failing.equals(name)) {
      throw failure;
    }
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private Connection connection() {
    return proxy(
        Connection.class,
        (self, method, arguments) -> {
          switch (method.getName()) {
            case "hashCode":
              return System.identityHashCode(self);
            case "equals":
              return self == arguments[0];
            case "setExceptionListener":
              listener = (ExceptionListener) arguments[0];
              return null;
            default:
              call(method.getName());
              return null;
          }
        });
  }

  private final class Script implements JmsProvider {
    @Override
    public ConnectionFactory connectionFactory() {
      return proxy(ConnectionFactory.class, (self, method, arguments) -> connection());
    }

    @Override
    public String pattern(String neutral) {
      return neutral;
    }
  }

  private final class Inner implements OneByOne {
    @Override
    public Session open(Connection connection) {
      return proxy(
          Session.class,
          (self, method, arguments) -> {
            call(method.getName());
            return null;
          });
    }

    @Override
    public OneMessageConsumer consume(
        Connection connection,
        Session session,
        Origin origin,
        MessageReceiver receiver,
        Executor readers)
        throws JMSException {
      call("consume");
      return new One();
    }

    @Override
    public void delete(Connection connection, Session session, Origin origin) {}

    @Override
    public void confirm(Connection connection, Session session) throws JMSException {
      call("confirm");
    }
  }

  private final class One implements OneMessageConsumer {
    @Override
    public void acknowledge(Message message) throws JMSException {
      call("acknowledge");
    }

    @Override
    public void release(Message message, boolean pausing) throws JMSException {
      call("release");
    }

    @Override
    public void reject(Message message, String reason) throws JMSException {
      call("reject");
    }

    @Override
    public void resume() throws JMSException {
      call("resume");
    }

    @Override
    public boolean isUsedUp() {
      return usedUp;
    }

    @Override
    public boolean hasEnded() {
      return false;
    }

    @Override
    public void close() throws JMSException {
      call("closeConsumer");
    }
  }

  private OneMessageConsumer consume() throws JMSException {
    return connections.consume(null, null, ORIGIN, null, Runnable::run);
  }

  @Test
  void aClientIdThatAnotherConnectionHasMeansInUse() {
    failure = new InvalidClientIDException("already connected");
    failing = "setClientID";
    assertThatThrownBy(this::consume).isInstanceOf(InUseException.class);
    assertThatThrownBy(() -> connections.delete(null, null, ORIGIN))
        .isInstanceOf(InUseException.class);
    assertThat(calls).containsExactly("setClientID", "close", "setClientID", "close");
  }

  @Test
  void aConnectionThatIsLostWhileItIsMadeIsClosed() {
    for (String step : List.of("setClientID", "start", "consume")) {
      calls.clear();
      failing = step;
      assertThatThrownBy(this::consume).isSameAs(failure);
      assertThat(calls).endsWith(step, "close");
    }
  }

  @Test
  void aSubscriptionThatIsNotDeletedLeavesNoConnection() {
    failing = "unsubscribe";
    assertThatThrownBy(() -> connections.delete(null, null, ORIGIN)).isSameAs(failure);
    assertThat(calls).endsWith("unsubscribe", "close");
  }

  @Test
  void theLossOfItsConnectionEndsAConsumer() throws JMSException {
    OneMessageConsumer consumer = consume();
    assertThat(consumer.hasEnded()).isFalse();
    listener.onException(failure);
    assertThat(consumer.hasEnded()).isTrue();
  }

  @Test
  void anAcknowledgementOnADeadConnectionFails() throws JMSException {
    OneMessageConsumer consumer = consume();
    failing = "confirm";
    assertThatThrownBy(() -> consumer.acknowledge(new ActiveMQTextMessage())).isSameAs(failure);
  }

  @Test
  void aReleasedMessageCostsTheConsumerButNotTheConnection() throws JMSException {
    OneMessageConsumer consumer = consume();
    consumer.release(new ActiveMQTextMessage(), false);
    usedUp = true;
    assertThat(consumer.isUsedUp()).isFalse();
    consumer.resume();
    assertThat(calls)
        .containsExactly("setClientID", "start", "consume", "release", "confirm", "consume");
    consumer.close();
    assertThat(calls).endsWith("close");
  }

  @Test
  void theEndClosesAllConnectionsAndAdmitsNoMore() throws JMSException {
    consume();
    consume();
    connections.close();
    connections.awaitEnd(Duration.ofSeconds(20));
    assertThat(calls).filteredOn("close"::equals).hasSize(2);
    assertThatThrownBy(this::consume).isInstanceOf(jakarta.jms.IllegalStateException.class);
    assertThat(calls).filteredOn("close"::equals).hasSize(3);
  }
}
