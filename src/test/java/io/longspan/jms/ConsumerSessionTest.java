package io.longspan.jms;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.bridge.MessageBroker.TopicConsumer;
import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.ErrorCode;
import jakarta.jms.JMSException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Consumers that the broker refuses or ends, as the provider shows them. */
@Timeout(60)
final class ConsumerSessionTest {
  private final ScriptedProvider provider = ScriptedProvider.blocking();
  private final List<Exception> faults = new CopyOnWriteArrayList<>();
  private final LargeMessageReaders readers = new LargeMessageReaders();
  private ConsumerSession session;

  @BeforeEach
  void open() throws JMSException {
    var connection = provider.connection();
    provider.listen(connection, faults::add);
    session = new ConsumerSession(connection, new MessageCodec(1 << 20), provider, readers, "test");
  }

  @AfterEach
  void close() {
    session.close();
    session.awaitEnd();
  }

  private TopicConsumer subscribe(String topic) throws Exception {
    return session
        .consume("alice", Kind.TOPIC, topic, Optional.empty(), message -> {})
        .stage()
        .toCompletableFuture()
        .get(30, TimeUnit.SECONDS);
  }

  private JmsTemporaryDestination openTemporaryTopic() throws Exception {
    return session
        .openTemporary(Kind.TOPIC, "alice", message -> {})
        .toCompletableFuture()
        .get(30, TimeUnit.SECONDS);
  }

  private static CompletableFuture<Void> lost(TopicConsumer consumer) {
    return consumer.lost().toCompletableFuture();
  }

  @Test
  void aConsumerThatTheBrokerEndsIsFoundAndTheOthersGoOn() throws Exception {
    TopicConsumer news = subscribe("news");
    TopicConsumer sport = subscribe("sport");
    provider.expectConsumer("news").end();
    lost(news).get(30, TimeUnit.SECONDS);
    assertThat(lost(sport)).isNotDone();
    assertThat(faults).isEmpty();
    TopicConsumer again = subscribe("news");
    assertThat(provider.expectConsumer("news").closed).isFalse();
    assertThat(lost(again)).isNotDone();
  }

  @Test
  void aTemporaryTopicWhoseConsumerTheBrokerEndsIsFound() throws Exception {
    JmsTemporaryDestination endpoint = openTemporaryTopic();
    provider.expectConsumer(endpoint.name()).end();
    endpoint.lost().toCompletableFuture().get(30, TimeUnit.SECONDS);
    endpoint.close().toCompletableFuture().get(30, TimeUnit.SECONDS);
    assertThat(provider.temporaryTopics()).isEmpty();
  }

  @Test
  void aConsumerThatTheBridgeClosesIsNotLost() throws Exception {
    TopicConsumer closed = subscribe("closed");
    TopicConsumer ended = subscribe("ended");
    closed.close().toCompletableFuture().get(30, TimeUnit.SECONDS);
    assertThat(provider.expectConsumer("closed").closed).isTrue();
    provider.expectConsumer("ended").end();
    // A look that has found this one has seen that one too.
    lost(ended).get(30, TimeUnit.SECONDS);
    assertThat(lost(closed)).isNotDone();
  }

  @Test
  void aTemporaryTopicWhoseConsumerIsRefusedDoesNotStay() {
    provider.refusesConsumers = true;
    CompletableFuture<JmsTemporaryDestination> refused =
        session.openTemporary(Kind.TOPIC, "alice", message -> {}).toCompletableFuture();
    Awaitility.await().until(refused::isDone);
    assertThat(BridgeException.from(refused.handle((done, failure) -> failure).join()).code())
        .isEqualTo(ErrorCode.SEND_FAILED);
    assertThat(provider.temporaryTopics()).isEmpty();
    assertThat(faults).isEmpty();
  }

  @Test
  void aSessionThatTheBrokerEndsIsAFaultOfItsConnection() throws Exception {
    TopicConsumer news = subscribe("news");
    provider.sessionsEnded = true;
    provider.expectConsumer("news").end();
    Awaitility.await().until(() -> !faults.isEmpty());
    assertThat(lost(news)).as("its connection is lost as a whole").isNotDone();
  }

  @Test
  void ofALostConnectionNoConsumerIsReported() throws Exception {
    TopicConsumer lost = subscribe("news");
    ConsumerSession other =
        new ConsumerSession(
            provider.connection(), new MessageCodec(1 << 20), provider, readers, "other");
    TopicConsumer later =
        other
            .consume("alice", Kind.TOPIC, "later", Optional.empty(), message -> {})
            .stage()
            .toCompletableFuture()
            .get(30, TimeUnit.SECONDS);
    session.mute();
    provider.expectConsumer("news").end();
    // Two looks of another session take longer than one of this.
    for (int look = 0; look < 2; look++) {
      provider.expectConsumer("later").end();
      lost(later).get(30, TimeUnit.SECONDS);
      later =
          other
              .consume("alice", Kind.TOPIC, "later", Optional.empty(), message -> {})
              .stage()
              .toCompletableFuture()
              .get(30, TimeUnit.SECONDS);
    }
    assertThat(lost(lost)).isNotDone();
    other.close();
    other.awaitEnd();
  }

  /** Otherwise the provider's answer to the interrupt would count as an error of the bridge. */
  @Test
  void aCallHasFailedBeforeTheEndOfItsSessionInterruptsIt() throws Exception {
    WatchedConsumer news = (WatchedConsumer) subscribe("news");
    CompletableFuture<CompletableFuture<Void>> closing = new CompletableFuture<>();
    CountDownLatch begun = new CountDownLatch(1);
    CompletableFuture<Boolean> failedFirst = new CompletableFuture<>();
    closing.complete(
        session
            .close(news, () -> waitUntilInterrupted(begun, closing, failedFirst))
            .toCompletableFuture());
    assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
    session.close();
    assertThat(failedFirst.get(30, TimeUnit.SECONDS)).isTrue();
  }

  private static Void waitUntilInterrupted(
      CountDownLatch begun,
      CompletableFuture<CompletableFuture<Void>> call,
      CompletableFuture<Boolean> failedFirst) {
    begun.countDown();
    try {
      new CountDownLatch(1).await();
      return null;
    } catch (InterruptedException x) {
      failedFirst.complete(call.join().isDone());
      throw new IllegalStateException(x);
    }
  }
}
