package io.longspan.jms;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.bridge.MessageBroker.Source;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.ErrorCode;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.ResourceAllocationException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.qpid.jms.JmsSendTimedOutException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sessions before a provider that the test plays. */
@Timeout(60)
final class ProducerSessionTest {
  private final AtomicLong clock = new AtomicLong();
  private final List<Exception> faults = new CopyOnWriteArrayList<>();
  private final List<ProducerSession> sessions = new ArrayList<>();
  private ScriptedProvider provider;
  private SendQueue queue;

  private void open(ScriptedProvider script, int count) throws JMSException {
    provider = script;
    queue = new SendQueue(script.sendWindows(), clock::get);
    for (int i = 0; i < count; i++) {
      ProducerSession session =
          new ProducerSession(
              script.connection(), script, new MessageCodec(Long.MAX_VALUE), queue, i, faults::add);
      sessions.add(session);
      session.start();
    }
  }

  @AfterEach
  void close() {
    queue.close();
    sessions.forEach(ProducerSession::close);
    sessions.forEach(ProducerSession::awaitEnd);
  }

  private CompletableFuture<String> send(String user, String destination, String body) {
    return queue
        .offer(SendQueueTest.message(destination, body), new Source(user, user), destination)
        .toCompletableFuture();
  }

  private static void succeeds(CompletableFuture<String> sent) throws Exception {
    sent.get(30, TimeUnit.SECONDS);
  }

  private static void fails(CompletableFuture<String> sent, ErrorCode code) throws Exception {
    Throwable failure = sent.handle((taken, x) -> x).get(30, TimeUnit.SECONDS);
    assertThat(BridgeException.from(failure).code()).isEqualTo(code);
  }

  /** The clock passes a message's deadline, and the watch sees it. */
  private void deadlinePasses() {
    clock.addAndGet(SendQueue.DEADLINE.toNanos());
    queue.tick().overdue().forEach(item -> sessions.forEach(session -> session.interrupt(item)));
  }

  @Test
  void messagesOfOneClientAreSentInOrderAlsoByManySessions() throws Exception {
    open(ScriptedProvider.blocking(), 4);
    List<CompletableFuture<String>> sent = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      sent.add(send("alice", "q", "a" + i));
    }
    for (int i = 0; i < 20; i++) {
      ScriptedProvider.Call call = provider.expectSend("q", "a" + i);
      assertThat(provider.calls()).isEqualTo(i + 1);
      call.taken();
      succeeds(sent.get(i));
    }
  }

  @Test
  void pipelinedMessagesDoNotWaitForTheBroker() throws Exception {
    open(ScriptedProvider.pipelined(), 2);
    CompletableFuture<String> first = send("alice", "q", "a1");
    CompletableFuture<String> second = send("alice", "q", "a2");
    ScriptedProvider.Call call1 = provider.expectSend("q", "a1");
    ScriptedProvider.Call call2 = provider.expectSend("q", "a2");
    call2.taken();
    succeeds(second);
    assertThat(first).isNotDone();
    call1.refused(new ResourceAllocationException("the queue is full"));
    fails(first, ErrorCode.SEND_FAILED);
    assertThat(faults).isEmpty();
  }

  @Test
  void aLaneThatAFullQueueHoldsIsFreeAgainAtTheDeadlineAndHasAnotherSession() throws Exception {
    open(ScriptedProvider.blocking(), 1);
    CompletableFuture<String> held = send("alice", "full", "a");
    ScriptedProvider.Call call = provider.expectSend("full", "a");
    int sessions = provider.sessions();
    deadlinePasses();
    fails(held, ErrorCode.SEND_FAILED);
    Awaitility.await().until(call::isInterrupted);
    CompletableFuture<String> next = send("bob", "q", "b");
    provider.expectSend("q", "b").taken();
    succeeds(next);
    assertThat(provider.sessions()).isEqualTo(sessions + 1);
    assertThat(faults).isEmpty();
  }

  @Test
  void aMessageThatWaitsForItsLaneFailsWithTheConnection() throws Exception {
    open(ScriptedProvider.blocking(), 1);
    CompletableFuture<String> held = send("alice", "full", "a1");
    CompletableFuture<String> waiting = send("alice", "full", "a2");
    CompletableFuture<String> elsewhere = send("bob", "q", "b");
    provider.expectSend("full", "a1");
    queue.close();
    fails(held, ErrorCode.BROKER_UNAVAILABLE);
    fails(waiting, ErrorCode.BROKER_UNAVAILABLE);
    fails(elsewhere, ErrorCode.BROKER_UNAVAILABLE);
  }

  @Test
  void everyMessageIsSettledHoweverOftenTheConnectionEndsBetweenTwoSteps() throws Exception {
    for (int round = 0; round < 200; round++) {
      ScriptedProvider script = ScriptedProvider.pipelined();
      open(script, 2);
      List<CompletableFuture<String>> sent = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        sent.add(send("alice", "q", "a" + i));
      }
      close();
      CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new))
          .handle((all, failure) -> null)
          .get(30, TimeUnit.SECONDS);
      sessions.clear();
    }
  }

  @Test
  void aTimeOutOfOneQueueIsNoFaultOfTheConnection() throws Exception {
    open(ScriptedProvider.blocking(), 1);
    CompletableFuture<String> timedOut = send("alice", "full", "a");
    provider
        .expectSend("full", "a")
        .refused(new JmsSendTimedOutException("Timed out waiting for credit"));
    fails(timedOut, ErrorCode.SEND_FAILED);
    CompletableFuture<String> next = send("alice", "q", "b");
    provider.expectSend("q", "b").taken();
    succeeds(next);
    assertThat(faults).isEmpty();
  }

  @Test
  void aReplyAddressThatIsGoneIsNoFaultOfTheConnection() throws Exception {
    open(ScriptedProvider.blocking(), 1);
    CompletableFuture<String> sent = send("alice", "gone", "a");
    provider
        .expectSend("gone", "a")
        .refused(new IllegalStateException("Temporary destination has been deleted"));
    fails(sent, ErrorCode.SEND_FAILED);
    assertThat(faults).isEmpty();
  }

  @Test
  void aSessionThatTheBrokerHasClosedIsReplaced() throws Exception {
    open(ScriptedProvider.blocking(), 1);
    CompletableFuture<String> sent = send("alice", "q", "a");
    provider.expectSend("q", "a").refused(new IllegalStateException("The Session is closed"));
    fails(sent, ErrorCode.BROKER_UNAVAILABLE);
    CompletableFuture<String> next = send("alice", "q", "b");
    provider.expectSend("q", "b").taken();
    succeeds(next);
    assertThat(faults).isEmpty();
  }

  @Test
  void aConnectionThatGivesNoOtherSessionIsDead() throws Exception {
    open(ScriptedProvider.blocking(), 1);
    CompletableFuture<String> sent = send("alice", "q", "a");
    provider.refusesSessions = true;
    provider.expectSend("q", "a").refused(new IllegalStateException("The Session is closed"));
    fails(sent, ErrorCode.BROKER_UNAVAILABLE);
    Awaitility.await().until(() -> faults.size() == 1);
  }
}
