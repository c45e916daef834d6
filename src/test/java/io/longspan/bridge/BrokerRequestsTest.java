package io.longspan.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.bridge.MessageBroker.Outbound;
import io.longspan.catalogue.BrokerDestination;
import io.longspan.config.LongspanConfig.Replies;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.BrokerMessage;
import io.longspan.protocol.ErrorCode;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The bridge's own requests, step by step. */
final class BrokerRequestsTest {
  private final FakeBroker broker = new FakeBroker();
  private final ManualScheduler scheduler = new ManualScheduler();
  private final Reopenings reopenings = new Reopenings(scheduler, BridgeMetrics.NONE);
  private final BrokerRequests requests =
      new BrokerRequests("bridge-1", Replies.DEFAULT, broker, scheduler);

  @BeforeEach
  void connect() {
    broker.listener =
        new MessageBroker.ConnectionListener() {
          @Override
          public void brokerConnected() {
            requests.open(reopenings);
          }

          @Override
          public void brokerLost() {
            reopenings.endAll();
            requests.connectionLost();
          }
        };
  }

  private CompletableFuture<BrokerMessage> request() {
    return requests.request("services/authorization", "{}").toCompletableFuture();
  }

  private FakeBroker.Opened replyTopic() {
    return broker.temporaryTopics().get(0);
  }

  private String lastCorrelationId() {
    return broker.sent.get(broker.sent.size() - 1).headers().correlationId().orElseThrow();
  }

  private void answer(String correlationId, String text) {
    replyTopic()
        .listener
        .accept(
            new BrokerMessage(
                "reply", Map.of("JMSCorrelationID", correlationId), text, null, Optional.empty()));
  }

  private static void assertUnavailable(CompletableFuture<?> request) {
    assertThat(request).isCompletedExceptionally();
    assertThat(BridgeException.from(request.handle((answer, failure) -> failure).join()).code())
        .isEqualTo(ErrorCode.BROKER_UNAVAILABLE);
  }

  @Test
  void anAnswerReachesTheRequestThatItIsFor() {
    broker.connect();
    CompletableFuture<BrokerMessage> first = request();
    String firstId = lastCorrelationId();
    CompletableFuture<BrokerMessage> second = request();
    answer(lastCorrelationId(), "second's");
    answer("nobody's", "lost");
    answer(firstId, "first's");
    assertThat(first.join().body()).isEqualTo("first's");
    assertThat(second.join().body()).isEqualTo("second's");
  }

  @Test
  void aRequestNamesItsQueueAndWhereItsAnswerGoes() {
    broker.connect();
    request();
    Outbound sent = broker.sent.get(0);
    assertThat(sent.target())
        .isEqualTo(new Outbound.To(BrokerDestination.queue("services/authorization")));
    assertThat(sent.replyTo()).contains(replyTopic());
    assertThat(sent.headers().timeToLive()).isEqualTo(BrokerRequests.TIMEOUT);
  }

  @Test
  void aRequestWithoutAnAnswerFailsInTime() {
    broker.connect();
    CompletableFuture<BrokerMessage> request = request();
    scheduler.elapse(BrokerRequests.TIMEOUT - 1);
    assertThat(request).isNotDone();
    scheduler.elapse(1);
    assertUnavailable(request);
    answer(lastCorrelationId(), "late");
  }

  @Test
  void aRequestThatCannotBeSentFailsAtOnce() {
    broker.connect();
    broker.sending =
        CompletableFuture.failedFuture(new BridgeException(ErrorCode.SEND_FAILED, "no"));
    assertThat(request()).isCompletedExceptionally();
  }

  @Test
  void withoutAConnectionARequestFailsAtOnce() {
    assertUnavailable(request());
    broker.connect();
    CompletableFuture<BrokerMessage> open = request();
    broker.lose();
    assertUnavailable(open);
    assertUnavailable(request());
    assertThat(broker.sent).hasSize(1);
    broker.connect();
    assertThat(request()).isNotDone();
  }

  @Test
  void aReplyTopicThatTheBrokerRefusesIsTriedAgain() {
    broker.refused.add(FakeBroker.TEMPORARY);
    broker.connect();
    assertUnavailable(request());
    assertThat(reopenings.size()).isEqualTo(1);
    scheduler.elapse(Reopenings.FIRST_DELAY);
    assertThat(broker.consumers).hasSize(2);
    broker.refused.clear();
    scheduler.elapse(Reopenings.MAX_DELAY);
    assertThat(broker.temporaryTopics()).hasSize(1);
    assertThat(reopenings.size()).isZero();
    CompletableFuture<BrokerMessage> request = request();
    answer(lastCorrelationId(), "yes");
    assertThat(request.join().body()).isEqualTo("yes");
  }

  @Test
  void aReplyTopicWhoseConsumerEndsAloneIsMadeAnewAndItsRequestsFail() {
    broker.connect();
    CompletableFuture<BrokerMessage> open = request();
    FakeBroker.Opened lost = replyTopic();
    lost.lose();
    assertUnavailable(open);
    assertThat(replyTopic()).isNotSameAs(lost);
    CompletableFuture<BrokerMessage> next = request();
    assertThat(broker.sent.get(1).replyTo()).contains(replyTopic());
    answer(lastCorrelationId(), "yes");
    assertThat(next).isCompleted();
  }

  @Test
  void aReplyTopicThatComesAfterItsConnectionIsNotUsed() {
    broker.completeAtOnce = false;
    broker.connect();
    FakeBroker.Opened late = broker.consumers.get(0);
    broker.lose();
    broker.connect();
    FakeBroker.Opened current = broker.consumers.get(1);
    current.opening.complete(current);
    late.closed = false;
    late.opening.complete(late);
    assertThat(late.closed).isTrue();
    request();
    assertThat(broker.sent.get(0).replyTo()).contains(current);
  }
}
