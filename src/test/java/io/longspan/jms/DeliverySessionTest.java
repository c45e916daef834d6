package io.longspan.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.longspan.catalogue.BrokerDestination;
import io.longspan.deliveries.Delivery;
import io.longspan.deliveries.DeliveryConsumer;
import io.longspan.deliveries.DeliverySource;
import io.longspan.deliveries.Settlement;
import io.longspan.deliveries.Settlement.Release;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.ErrorCode;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.activemq.command.ActiveMQQueue;
import org.apache.activemq.command.ActiveMQTextMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Messages that are settled one by one, on a provider that the test scripts. */
@Timeout(60)
final class DeliverySessionTest {
  /** What the provider was called for, in order. */
  private final List<String> calls = new CopyOnWriteArrayList<>();

  private final List<MessageReceiver> receivers = new CopyOnWriteArrayList<>();
  private final List<Delivery> heard = new CopyOnWriteArrayList<>();
  private final LargeMessageReaders readers = new LargeMessageReaders();
  private volatile Runnable whenAcknowledged = () -> {};
  private volatile JMSException confirmFailure;
  private volatile boolean ended;

  private final Connection connection = proxy(Connection.class);
  private final Script script = new Script();
  private final DeliverySession session =
      new DeliverySession(
          connection,
          new MessageCodec(1 << 20),
          script,
          script,
          readers,
          new DeadLetters(connection, script),
          new AtomicInteger(),
          "test");

  @AfterEach
  void close() {
    session.close();
    readers.close();
    session.awaitEnd();
  }

  private static <T> T proxy(Class<T> type) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              throw new JMSException("the connection takes nothing: " + method.getName());
            }));
  }

  private final class Script implements JmsProvider, OneByOne {
    @Override
    public ConnectionFactory connectionFactory() {
      throw new UnsupportedOperationException();
    }

    @Override
    public String pattern(String neutral) {
      return neutral;
    }

    @Override
    public Queue queue(Session any, String name) {
      return new ActiveMQQueue(name);
    }

    @Override
    public Session open(Connection any) {
      return proxy(Session.class);
    }

    @Override
    public OneMessageConsumer consume(
        Connection any, Session one, Origin origin, MessageReceiver receiver, Executor large) {
      calls.add("open");
      receivers.add(receiver);
      return new Consumer();
    }

    @Override
    public void delete(Connection any, Session one, Origin origin) {
      calls.add("delete " + origin.subscription().orElseThrow());
    }

    @Override
    public void confirm(Connection any, Session one) throws JMSException {
      calls.add("confirm");
      if (confirmFailure != null) {
        throw confirmFailure;
      }
    }
  }

  private final class Consumer implements OneMessageConsumer {
    @Override
    public void acknowledge(Message message) throws JMSException {
      calls.add("acknowledge " + ((ActiveMQTextMessage) message).getText());
      whenAcknowledged.run();
    }

    @Override
    public void release(Message message, boolean pausing) throws JMSException {
      calls.add("release " + ((ActiveMQTextMessage) message).getText());
    }

    @Override
    public void reject(Message message, String reason) throws JMSException {
      calls.add("reject " + reason);
    }

    @Override
    public void resume() {
      calls.add("resume");
    }

    @Override
    public boolean hasEnded() {
      return ended;
    }

    @Override
    public void close() {
      calls.add("close");
    }
  }

  private DeliveryConsumer consume(int prefetch) {
    return session
        .consume(
            new DeliverySource(
                "alice", BrokerDestination.queue("jobs"), Optional.empty(), prefetch),
            heard::add)
        .toCompletableFuture()
        .join();
  }

  private void deliver(int slot, String text) {
    try {
      ActiveMQTextMessage message = new ActiveMQTextMessage();
      message.setText(text);
      receivers.get(slot).received(message);
    } catch (JMSException x) {
      throw new AssertionError(x);
    }
  }

  private static void join(CompletionStage<?> stage) {
    stage.toCompletableFuture().join();
  }

  private static void assertUnavailable(CompletionStage<?> stage) {
    assertThatThrownBy(() -> join(stage))
        .cause()
        .isInstanceOfSatisfying(
            BridgeException.class,
            x -> assertThat(x.code()).isEqualTo(ErrorCode.BROKER_UNAVAILABLE));
  }

  @Test
  void anAcknowledgementIsConfirmedBeforeItsStageCompletes() {
    consume(1);
    deliver(0, "1");
    join(heard.get(0).settle(Settlement.ACKNOWLEDGE));
    assertThat(calls).containsExactly("open", "acknowledge 1", "confirm", "resume");
  }

  @Test
  void theNextMessageMayComeBeforeTheAcknowledgementReturns() {
    consume(1);
    deliver(0, "1");
    whenAcknowledged = () -> deliver(0, "2");
    join(heard.get(0).settle(Settlement.ACKNOWLEDGE));
    whenAcknowledged = () -> {};
    join(heard.get(1).settle(Settlement.ACKNOWLEDGE));
    assertThat(calls).contains("acknowledge 1", "acknowledge 2");
  }

  @Test
  void anotherSlotIsOpenedOnlyWhileAllAreBusy() {
    consume(2);
    deliver(0, "1");
    await().until(() -> receivers.size() == 2);
    deliver(1, "2");
    join(heard.get(0).settle(Settlement.ACKNOWLEDGE));
    join(heard.get(1).settle(Release.NOW));
    assertThat(receivers).hasSize(2);
  }

  @Test
  void aFailedConfirmationFailsTheSettlementAndEndsTheConsumer() {
    DeliveryConsumer consumer = consume(1);
    deliver(0, "1");
    confirmFailure = new JMSException("lost");
    assertThatThrownBy(() -> join(heard.get(0).settle(Settlement.ACKNOWLEDGE)))
        .hasCauseInstanceOf(BridgeException.class);
    join(consumer.lost());
    assertThat(calls).contains("close");
  }

  @Test
  void aConsumerThatTheBrokerEndsIsReported() {
    DeliveryConsumer consumer = consume(1);
    deliver(0, "1");
    ended = true;
    join(consumer.lost());
    assertUnavailable(heard.get(0).settle(Settlement.ACKNOWLEDGE));
    assertThat(calls).doesNotContain("acknowledge 1");
  }

  @Test
  void theEndOfTheConnectionFailsWhatWaits() throws InterruptedException {
    consume(1);
    deliver(0, "1");
    CountDownLatch blocked = new CountDownLatch(1);
    CountDownLatch over = new CountDownLatch(1);
    whenAcknowledged =
        () -> {
          blocked.countDown();
          try {
            over.await();
          } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
          }
        };
    CompletionStage<Void> settled = heard.get(0).settle(Settlement.ACKNOWLEDGE);
    blocked.await();
    session.close();
    assertUnavailable(settled);
    over.countDown();
    deliver(0, "late");
    assertThat(heard).hasSize(1);
  }

  @Test
  void aMessageThatCannotBeMovedIsReleased() {
    consume(1);
    deliver(0, "1");
    assertThatThrownBy(
            () ->
                join(
                    heard
                        .get(0)
                        .settle(
                            new Settlement.Reject(
                                Optional.of(BrokerDestination.queue("dead")), Map.of()))))
        .hasCauseInstanceOf(BridgeException.class);
    assertThat(calls).contains("release 1").doesNotContain("acknowledge 1");
  }

  @Test
  void aClosedConsumerGivesBackItsMessage() {
    DeliveryConsumer consumer = consume(1);
    deliver(0, "1");
    join(consumer.close());
    assertThat(calls).containsExactly("open", "release 1", "close", "confirm");
    assertUnavailable(heard.get(0).settle(Settlement.ACKNOWLEDGE));
    join(consumer.close());
  }
}
