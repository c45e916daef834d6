package io.longspan.jms;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.bridge.MessageBroker.Outbound;
import io.longspan.bridge.MessageBroker.Source;
import io.longspan.catalogue.BrokerDestination;
import io.longspan.jms.SendQueue.Taken;
import io.longspan.jms.SendQueue.Windows;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.ErrorCode;
import io.longspan.protocol.MessageBody;
import io.longspan.protocol.SendCommand.Headers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Order, turns, bounds and deadlines of what waits for the broker; no thread, no clock. */
@Timeout(20)
final class SendQueueTest {
  private static final BridgeException REFUSED =
      new BridgeException(ErrorCode.SEND_FAILED, "refused");

  private long now;
  private final SendQueue pipelined = new SendQueue(Windows.PIPELINED, () -> now);
  private final SendQueue blocking = new SendQueue(Windows.BLOCKING, () -> now);

  static Outbound message(String queue, String body) {
    return new Outbound(
        new Outbound.To(BrokerDestination.queue(queue)),
        Headers.DEFAULT,
        Map.of(),
        new MessageBody.Text(body, "text"),
        Optional.empty());
  }

  private static CompletableFuture<String> offer(
      SendQueue queue, String user, String destination, String body) {
    return offer(queue, user, user + "-1", destination, body);
  }

  private static CompletableFuture<String> offer(
      SendQueue queue, String user, String client, String destination, String body) {
    return queue
        .offer(message(destination, body), new Source(user, client), destination)
        .toCompletableFuture();
  }

  private static Taken take(SendQueue queue) throws InterruptedException {
    return queue.take();
  }

  private static String body(Taken taken) {
    return ((MessageBody.Text) taken.message().body()).text();
  }

  private static Taken expect(SendQueue queue, String body) throws InterruptedException {
    Taken taken = take(queue);
    assertThat(body(taken)).isEqualTo(body);
    return taken;
  }

  private static ErrorCode code(CompletableFuture<?> stage) {
    assertThat(stage).isCompletedExceptionally();
    return BridgeException.from(stage.handle((value, failure) -> failure).join()).code();
  }

  private void pass(Duration time) {
    now += time.toNanos();
  }

  @Test
  void aStreamWaitsUntilItsMessageIsWithTheProvider() throws Exception {
    offer(pipelined, "alice", "q", "a1");
    offer(pipelined, "alice", "q", "a2");
    offer(pipelined, "bob", "q", "b1");
    Taken first = expect(pipelined, "a1");
    // Another session would overtake the first one, so it gets the other client's message.
    expect(pipelined, "b1");
    pipelined.handedOver(first.item());
    expect(pipelined, "a2");
  }

  @Test
  void aUserWithManyMessagesDelaysAnotherOneByOneTurn() throws Exception {
    for (int client = 0; client < 100; client++) {
      offer(pipelined, "mallory", "m" + client, "q", "m");
    }
    offer(pipelined, "bob", "q", "b");
    expect(pipelined, "m");
    expect(pipelined, "b");
    expect(pipelined, "m");
  }

  @Test
  void aDestinationThatTakesNothingFillsItsWindowAndNoOthers() throws Exception {
    for (int client = 0; client < 100; client++) {
      offer(blocking, "m" + client, "full", "m");
    }
    for (int i = 0; i < Windows.BLOCKING.destination(); i++) {
      expect(blocking, "m");
    }
    offer(blocking, "bob", "other", "b");
    expect(blocking, "b");
  }

  @Test
  void aSlowDestinationGetsOneMessageAtATimeUntilItIsQuickAgain() throws Exception {
    for (int client = 0; client < 20; client++) {
      offer(blocking, "m" + client, "full", "m" + client);
    }
    List<Taken> held = new ArrayList<>();
    for (int i = 0; i < Windows.BLOCKING.destination(); i++) {
      held.add(expect(blocking, "m" + i));
    }
    pass(SendQueue.SLOW.plusMillis(1));
    assertThat(blocking.tick().slow()).isEqualTo(held.size());
    offer(blocking, "bob", "other", "b");
    for (Taken taken : held) {
      blocking.refused(taken.item(), REFUSED);
      blocking.handedOver(taken.item());
    }
    Taken single = expect(blocking, "m4");
    // The slow one has no second session.
    expect(blocking, "b");
    blocking.accepted(single.item(), null);
    expect(blocking, "m5");
    expect(blocking, "m6");
  }

  @Test
  void aUserWithManyFullDestinationsLeavesRoomForTheOthers() throws Exception {
    for (int i = 0; i < 50; i++) {
      offer(blocking, "mallory", "full" + i, "m");
    }
    for (int i = 0; i < Windows.BLOCKING.user(); i++) {
      expect(blocking, "m");
    }
    offer(blocking, "bob", "other", "b");
    expect(blocking, "b");
  }

  @Test
  void whatIsNotTakenInTimeFailsWhereverItIs() throws Exception {
    CompletableFuture<String> withTheProvider = offer(blocking, "alice", "full", "a1");
    CompletableFuture<String> waiting = offer(blocking, "alice", "full", "a2");
    Taken held = expect(blocking, "a1");
    pass(SendQueue.DEADLINE.minusMillis(1));
    assertThat(blocking.tick().overdue()).isEmpty();
    assertThat(withTheProvider).isNotDone();
    pass(Duration.ofMillis(1));
    assertThat(blocking.tick().overdue()).containsExactly(held.item());
    assertThat(code(withTheProvider)).isEqualTo(ErrorCode.SEND_FAILED);
    assertThat(code(waiting)).isEqualTo(ErrorCode.SEND_FAILED);
    assertThat(withTheProvider.handle((v, x) -> x.getMessage()).join())
        .contains("may still accept the message");
    assertThat(waiting.handle((v, x) -> x.getMessage()).join()).contains("was not sent");
    assertThat(blocking.size()).isZero();
    // The provider's answer comes too late to mean anything.
    assertThat(blocking.refused(held.item(), REFUSED)).isFalse();
  }

  @Test
  void whatTheBrokerStillHoldsKeepsItsPlaceInTheWindow() throws Exception {
    List<Taken> held = new ArrayList<>();
    for (int i = 0; i < 2 * Windows.PIPELINED.destination(); i++) {
      offer(pipelined, "alice", "full", "a" + i);
    }
    for (int i = 0; i < Windows.PIPELINED.destination(); i++) {
      Taken taken = expect(pipelined, "a" + i);
      pipelined.handedOver(taken.item());
      held.add(taken);
    }
    pass(SendQueue.DEADLINE);
    pipelined.tick();
    CompletableFuture<String> next = offer(pipelined, "alice", "full", "next");
    offer(pipelined, "alice", "other", "elsewhere");
    Taken elsewhere = expect(pipelined, "elsewhere");
    pipelined.handedOver(elsewhere.item());
    offer(pipelined, "bob", "other", "b");
    expect(pipelined, "b");
    // There is room again.
    held.forEach(taken -> pipelined.accepted(taken.item(), null));
    Taken late = expect(pipelined, "next");
    assertThat(next).isNotDone();
    pipelined.accepted(late.item(), null);
    assertThat(next).isCompleted();
  }

  @Test
  void aClientAUserAndADestinationHaveBounds() {
    for (int i = 0; i < SendQueue.MAX_PER_CLIENT; i++) {
      assertThat(offer(pipelined, "alice", "q" + i, "a")).isNotDone();
    }
    assertThat(code(offer(pipelined, "alice", "q", "a"))).isEqualTo(ErrorCode.LIMIT_EXCEEDED);
    for (int i = SendQueue.MAX_PER_CLIENT; i < SendQueue.MAX_PER_USER; i++) {
      assertThat(offer(pipelined, "alice", "a" + i, "q", "a")).isNotDone();
    }
    assertThat(code(offer(pipelined, "alice", "another", "q", "a")))
        .isEqualTo(ErrorCode.LIMIT_EXCEEDED);
    assertThat(offer(pipelined, "bob", "q", "b")).isNotDone();
    int user = 0;
    for (int i = pipelined.size(); i < SendQueue.MAX_PER_DESTINATION + 2_000; i++) {
      offer(pipelined, "u" + user++, "q", "u");
    }
    assertThat(code(offer(pipelined, "carol", "q", "c"))).isEqualTo(ErrorCode.LIMIT_EXCEEDED);
    assertThat(offer(pipelined, "carol", "r", "c")).isNotDone();
  }

  @Test
  void nothingIsRememberedOfWhatIsSettled() throws Exception {
    for (int i = 0; i < 3 * SendQueue.MAX_PER_CLIENT; i++) {
      CompletableFuture<String> sent = offer(pipelined, "alice", "q", "a" + i);
      Taken taken = expect(pipelined, "a" + i);
      pipelined.handedOver(taken.item());
      if (i % 2 == 0) {
        pipelined.accepted(taken.item(), "ID:" + i);
      } else {
        pipelined.refused(taken.item(), REFUSED);
      }
      assertThat(sent).isDone();
    }
    assertThat(pipelined.size()).isZero();
    assertThat(pipelined.toString()).isEqualTo("SendQueue (open=0, unanswered=0, streams=0)");
  }

  @Test
  void theEndSettlesWhatWaitsAndWhatIsWithTheProvider() throws Exception {
    CompletableFuture<String> withTheProvider = offer(blocking, "alice", "q", "a1");
    CompletableFuture<String> waiting = offer(blocking, "alice", "q", "a2");
    CompletableFuture<Void> flushed = blocking.flushed();
    expect(blocking, "a1");
    blocking.close();
    assertThat(code(withTheProvider)).isEqualTo(ErrorCode.BROKER_UNAVAILABLE);
    assertThat(code(waiting)).isEqualTo(ErrorCode.BROKER_UNAVAILABLE);
    assertThat(code(offer(blocking, "alice", "q", "a3"))).isEqualTo(ErrorCode.BROKER_UNAVAILABLE);
    assertThat(flushed).isCompleted();
    assertThat(take(blocking)).isNull();
  }

  @Test
  void theTimeOutsAreOrdered() {
    assertThat(JmsProvider.CALL_TIMEOUT).isLessThan(SendQueue.DEADLINE);
    // The JavaScript client's networkTimeout.
    assertThat(SendQueue.DEADLINE.plusMillis(500)).isLessThan(Duration.ofSeconds(10));
  }
}
