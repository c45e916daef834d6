package io.longspan.local.broker;

import static java.util.concurrent.CompletableFuture.completedFuture;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longspan.bridge.MessageBroker.AnswerListener;
import io.longspan.bridge.MessageBroker.Outbound;
import io.longspan.bridge.MessageBroker.ReplyDestination;
import io.longspan.bridge.MessageBroker.Source;
import io.longspan.budget.MemoryBudget;
import io.longspan.budget.Purpose;
import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.config.ConfigException;
import io.longspan.local.LocalMessage;
import io.longspan.local.LocalParts;
import io.longspan.local.LocalRequest;
import io.longspan.local.LocalService;
import io.longspan.local.LocalTopics;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.BrokerMessage;
import io.longspan.protocol.MessageBody;
import io.longspan.protocol.SendCommand.Headers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class LocalBrokerTest {
  private final AtomicLong now = new AtomicLong();
  private final MemoryBudget memory = new MemoryBudget(1 << 20, 1 << 18);
  private final List<BrokerMessage> answers = new CopyOnWriteArrayList<>();
  private final List<String> failures = new CopyOnWriteArrayList<>();
  private final AnswerListener listener =
      new AnswerListener() {
        @Override
        public void accept(BrokerMessage message) {
          answers.add(message);
        }

        @Override
        public void failed(Optional<String> request, BridgeException why) {
          failures.add(request.orElse("") + " " + why.code().wireName());
        }
      };

  private final CompletableFuture<LocalMessage> answer = new CompletableFuture<>();
  private LocalBroker broker;
  private ReplyDestination replies;

  private interface Handler {
    CompletionStage<LocalMessage> handle(LocalRequest request) throws Exception;
  }

  private static LocalService service(String name, Handler handler) {
    return new LocalService() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public boolean mayBlock() {
        return false;
      }

      @Override
      public CompletionStage<LocalMessage> handle(LocalRequest request, LocalParts parts)
          throws Exception {
        return handler.handle(request);
      }
    };
  }

  private void start(LocalService... services) {
    broker = new LocalBroker(List.of(services), name -> null, 4, memory, now::get);
    broker.startServices();
    replies = broker.openTemporary(Kind.QUEUE, "alice", listener).toCompletableFuture().join();
  }

  @AfterEach
  void close() {
    if (broker != null) {
      broker.close();
    }
  }

  private CompletableFuture<String> send(String destination, String id, String body) {
    return broker
        .send(
            new Outbound(
                new Outbound.To(
                    new BrokerDestination(
                        Kind.QUEUE, destination, false, BrokerDestination.LOCAL_BROKER)),
                new Headers(Optional.of(id), Optional.empty(), 4, false, 1000),
                Map.of(),
                new MessageBody.Text(body, "text"),
                Optional.of(replies)),
            new Source("alice", "c", Set.of("trader")))
        .toCompletableFuture();
  }

  @Test
  void theServiceWithTheLongestBeginningOfTheNameIsCalled() {
    start(
        service("orders", request -> completedFuture(LocalMessage.text("orders"))),
        service("orders/eu", request -> completedFuture(LocalMessage.text("eu"))));
    for (String name : List.of("orders", "orders/us/1", "orders/eu", "orders/eu/1", "orders/eux")) {
      send(name, name, "");
    }
    assertThat(answers)
        .extracting(BrokerMessage::body)
        .containsExactly("orders", "orders", "eu", "eu", "orders");
    assertThat(send("order", "x", "")).isCompletedExceptionally();
    assertThat(send("ordersx", "x", "")).isCompletedExceptionally();
  }

  @Test
  void aCallIsChargedToItsUserUntilItEnds() {
    start(service("s", request -> answer));
    send("s", "1", "x".repeat(10_000));
    assertThat(memory.used(Purpose.REQUESTS)).isGreaterThan(20_000);
    assertThat(broker.calls()).isEqualTo(1);
    while (!send("s", "more" + broker.calls(), "x".repeat(10_000)).isCompletedExceptionally()) {
      assertThat(broker.calls()).isLessThan(100);
    }
    assertThat(broker.counts().calls(LocalOutcome.REFUSED)).isEqualTo(1);
    answer.complete(LocalMessage.text("y"));
    assertThat(memory.used(Purpose.REQUESTS)).isZero();
    assertThat(broker.calls()).isZero();
  }

  @Test
  void aCallEndsAtItsDeadlineAndALateAnswerIsDiscarded() {
    start(service("s", request -> answer));
    send("s", "1", "");
    now.set(1000);
    broker.sweep();
    assertThat(failures).isEmpty();
    now.set(1001);
    broker.sweep();
    assertThat(failures).containsExactly("1 serviceFailed");
    assertThat(memory.used(Purpose.REQUESTS)).isZero();
    answer.complete(LocalMessage.text("late"));
    assertThat(answers).isEmpty();
    assertThat(broker.counts().lateAnswers()).isEqualTo(1);
    assertThat(broker.counts().calls(LocalOutcome.OVERDUE)).isEqualTo(1);
  }

  @Test
  void aSlowServiceThatSaysItDoesNotBlockGetsThePool() {
    List<String> threads = new CopyOnWriteArrayList<>();
    start(
        service(
            "s",
            request -> {
              threads.add(Thread.currentThread().getName());
              if (!request.text().isEmpty()) {
                long end = System.nanoTime() + Long.parseLong(request.text()) * 1_000_000;
                while (System.nanoTime() < end) {
                  Thread.onSpinWait();
                }
              }
              return completedFuture(LocalMessage.text("x"));
            }));
    send("s", "1", "");
    send("s", "2", Long.toString(HostedService.SLOW + 5));
    send("s", "3", "");
    send("s", "4", Long.toString(HostedService.MAX_SLOWNESS + 5));
    send("s", "5", "");
    Awaitility.await().until(() -> answers.size() == 5);
    String own = Thread.currentThread().getName();
    assertThat(threads.subList(0, 4)).containsOnly(own);
    assertThat(threads.get(4)).startsWith("longspan-local-");
  }

  @Test
  void theEndOfAClientCancelsItsCallsAndLaterOnes() {
    List<LocalRequest> requests = new ArrayList<>();
    start(
        service(
            "s",
            request -> {
              requests.add(request);
              return answer;
            }));
    send("s", "1", "");
    replies.close();
    assertThat(requests.get(0).isCancelled()).isTrue();
    send("s", "2", "");
    assertThat(requests).hasSize(1);
    assertThat(broker.counts().calls(LocalOutcome.ABANDONED)).isEqualTo(2);
    assertThat(broker.calls()).isZero();
  }

  @Test
  void aServiceThatDoesNotStartStopsTheStartOfTheBridge() {
    List<String> stopped = new ArrayList<>();
    LocalService good =
        new LocalService() {
          @Override
          public String name() {
            return "good";
          }

          @Override
          public CompletionStage<LocalMessage> handle(LocalRequest request, LocalParts parts) {
            return completedFuture(LocalMessage.text(""));
          }

          @Override
          public void stop() {
            stopped.add(name());
          }
        };
    LocalService bad =
        new LocalService() {
          @Override
          public String name() {
            return "bad";
          }

          @Override
          public void start(LocalTopics topics) {
            throw new IllegalStateException("no database");
          }

          @Override
          public CompletionStage<LocalMessage> handle(LocalRequest request, LocalParts parts) {
            return completedFuture(LocalMessage.text(""));
          }
        };
    assertThatThrownBy(() -> start(good, bad))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("bad does not start")
        .hasMessageContaining("no database");
    assertThat(stopped).containsExactly("good");
  }

  @Test
  void nothingIsPublishedOrCalledAfterTheEnd() {
    start(service("s", request -> answer));
    broker.close();
    assertThat(send("s", "1", "")).isCompletedExceptionally();
    assertThatThrownBy(() -> broker.publish("t", LocalMessage.text("x")))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aMessageRefusesWhatJmsWouldRefuse() {
    for (Object value : new Object[] {List.of(), new Object(), 'c', null}) {
      assertThatThrownBy(() -> LocalMessage.text("x").with("a", value))
          .isInstanceOf(IllegalArgumentException.class);
    }
    for (String name : List.of("", "JMSReplyTo", "jmsxUserID")) {
      assertThatThrownBy(() -> LocalMessage.text("x").with(name, "v"))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> new LocalMessage(Map.of(), 7))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
