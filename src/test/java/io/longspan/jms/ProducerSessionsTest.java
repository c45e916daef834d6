package io.longspan.jms;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.bridge.MessageBroker.Source;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.ErrorCode;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The producer sessions of a connection whose broker the test plays; its sends block. */
@Timeout(60)
final class ProducerSessionsTest {
  private final AtomicLong clock = new AtomicLong();
  private final ScriptedProvider provider = ScriptedProvider.blocking();
  private final ProducerSessions sessions =
      new ProducerSessions(
          provider.connection(),
          provider,
          new MessageCodec(Long.MAX_VALUE),
          clock::get,
          fault -> {});

  @BeforeEach
  void open() throws Exception {
    sessions.open();
  }

  @AfterEach
  void close() {
    sessions.close();
    sessions.awaitEnd();
  }

  private CompletableFuture<String> send(String user) {
    return sessions
        .send(SendQueueTest.message("q", user), new Source(user, user))
        .toCompletableFuture();
  }

  private void pass(Duration time) {
    clock.addAndGet(time.toNanos());
  }

  @Test
  void aMessageFailsInTimeAlsoIfTheBrokerAnswersNoSpareSession() throws Exception {
    CompletableFuture<String> sent = send("alice");
    provider.expectSend("q", "alice");
    provider.sessionsAnswered = new CountDownLatch(1);
    pass(SendQueue.SLOW.plusMillis(1));
    int opened = provider.producerSessions();
    Awaitility.await().until(() -> provider.sessions() == opened + 1);
    pass(SendQueue.DEADLINE);
    Throwable failure = sent.handle((taken, x) -> x).get(30, TimeUnit.SECONDS);
    assertThat(BridgeException.from(failure).code()).isEqualTo(ErrorCode.SEND_FAILED);
    provider.sessionsAnswered.countDown();
  }

  @Test
  void aSlowDestinationGetsASpareSession() throws Exception {
    CompletableFuture<String> sent = send("alice");
    ScriptedProvider.Call call = provider.expectSend("q", "alice");
    pass(SendQueue.SLOW.plusMillis(1));
    Awaitility.await().until(() -> provider.sessions() == provider.producerSessions() + 1);
    call.taken();
    sent.get(30, TimeUnit.SECONDS);
  }
}
