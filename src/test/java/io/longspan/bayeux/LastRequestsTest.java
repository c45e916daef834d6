package io.longspan.bayeux;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.cometd.bayeux.server.ServerMessage;
import org.cometd.server.ServerMessageImpl;
import org.junit.jupiter.api.Test;

/** Requests that a browser or a proxy sends once more without telling anybody. */
final class LastRequestsTest {
  private final LastRequests requests = new LastRequests();
  private final List<CompletableFuture<Void>> sent = new ArrayList<>();

  private static List<ServerMessage> messages(String... ids) {
    return Stream.of(ids)
        .map(
            id -> {
              ServerMessageImpl message = new ServerMessageImpl();
              message.setId(id);
              return (ServerMessage) message;
            })
        .toList();
  }

  private CompletionStage<Void> send(String id) {
    return requests.sendOnce(
        id,
        () -> {
          CompletableFuture<Void> receipt = new CompletableFuture<>();
          sent.add(receipt);
          return receipt;
        });
  }

  @Test
  void aPollThatComesAgainBringsWhatItsLostAnswerCarried() {
    assertThat(requests.polled("1", 7)).isEqualTo(7);
    // Its answer carried 8 to 10, and was lost.
    assertThat(requests.polled("1", 10)).isEqualTo(7);
    assertThat(requests.polled("1", 10)).isEqualTo(7);
    assertThat(requests.polled("2", 10)).isEqualTo(10);
  }

  @Test
  void aPollWithoutAnIdIsAlwaysANewOne() {
    assertThat(requests.polled(null, 7)).isEqualTo(7);
    assertThat(requests.polled(null, 10)).isEqualTo(10);
  }

  @Test
  void afterRenumberingEverythingThatWasTakenSinceComesAgain() {
    requests.polled("1", 7);
    requests.renumbered();
    assertThat(requests.polled("1", 3)).isZero();
    assertThat(requests.polled("2", 3)).isEqualTo(3);
  }

  @Test
  void aMessageThatComesAgainIsSentOnceAndGetsTheReceiptOfTheFirst() {
    requests.polled("1", 0);
    requests.posted(messages("2", "3"));
    CompletionStage<Void> first = send("2");
    CompletionStage<Void> other = send("3");
    requests.posted(messages("2", "3"));
    CompletionStage<Void> again = send("2");
    assertThat(sent).hasSize(2);
    sent.get(0).complete(null);
    assertThat(again.toCompletableFuture()).isCompleted();
    assertThat(first.toCompletableFuture()).isCompleted();
    assertThat(other.toCompletableFuture()).isNotDone();
  }

  @Test
  void aRefusalIsTheReceiptOfARepetitionToo() {
    requests.polled("1", 0);
    requests.posted(messages("2"));
    send("2");
    sent.get(0).completeExceptionally(new IllegalStateException("refused"));
    requests.posted(messages("2"));
    assertThat(send("2").toCompletableFuture()).isCompletedExceptionally();
    assertThat(sent).hasSize(1);
  }

  @Test
  void anotherRequestWithOtherIdsIsNoRepetition() {
    requests.polled("1", 0);
    requests.posted(messages("2"));
    send("2");
    requests.posted(messages("3"));
    send("3");
    // Whoever uses an id again later means another message.
    requests.posted(messages("2"));
    send("2");
    assertThat(sent).hasSize(3);
  }

  @Test
  void aRequestThatHoldsMoreOrLessThanTheLastOneIsAnotherOne() {
    requests.polled("1", 0);
    requests.posted(messages("2", "3"));
    send("2");
    requests.posted(messages("2"));
    send("2");
    assertThat(sent).hasSize(2);
  }

  @Test
  void withoutAPollThatCountsOrWithoutAnIdEachMessageIsSent() {
    requests.posted(messages("2"));
    send("2");
    requests.posted(messages("2"));
    send("2");
    assertThat(sent).hasSize(2);
    requests.polled("1", 0);
    requests.posted(messages("2"));
    send(null);
    send(null);
    assertThat(sent).hasSize(4);
  }

  @Test
  void aMessageThatTheLastRequestDidNotHoldIsSent() {
    requests.polled("1", 0);
    requests.posted(messages("2"));
    send("9");
    send("9");
    assertThat(sent).hasSize(2);
  }

  @Test
  void twoRequestsAtTheSameTimeSendTheirMessageOnce() throws InterruptedException {
    requests.polled("1", 0);
    requests.posted(messages("2"));
    AtomicInteger sendings = new AtomicInteger();
    CountDownLatch go = new CountDownLatch(1);
    List<CompletableFuture<Void>> receipts = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      CompletableFuture<Void> receipt = new CompletableFuture<>();
      receipts.add(receipt);
      Thread thread =
          new Thread(
              () -> {
                try {
                  go.await();
                } catch (InterruptedException x) {
                  throw new IllegalStateException(x);
                }
                requests
                    .sendOnce(
                        "2",
                        () -> {
                          sendings.incrementAndGet();
                          return CompletableFuture.completedFuture(null);
                        })
                    .thenAccept(receipt::complete);
              });
      threads.add(thread);
      thread.start();
    }
    go.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(sendings).hasValue(1);
    assertThat(receipts).allMatch(CompletableFuture::isDone);
  }
}
