package io.longspan.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.client.Incoming.Answer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What becomes of topics in a new session. */
final class ClientTopicsTest {
  private static final List<String> TOPIC = List.of("orders");

  /** A session whose answers the test gives later. */
  private static final class Slow implements Session, Topics.Listener {
    final BlockingQueue<CompletableFuture<Answer>> asked = new LinkedBlockingQueue<>();
    final ConcurrentLinkedQueue<String> told = new ConcurrentLinkedQueue<>();

    @Override
    public boolean isConnected() {
      return true;
    }

    @Override
    public String nextId() {
      return "1";
    }

    @Override
    public void send(Map<String, Object> data, Consumer<LongspanException> receipt) {
      throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<Answer> control(Map<String, Object> command) {
      CompletableFuture<Answer> answer = new CompletableFuture<>();
      asked.add(answer);
      return answer;
    }

    @Override
    public void callEnded() {
      // The test has no move.
    }

    @Override
    public void topicsRevoked(List<String> topics, String reason) {
      told.add("revoked " + topics + " " + reason);
    }

    @Override
    public void topicMissed(String topic) {
      told.add("missed " + topic);
    }

    @Override
    public void deliver(Function<Message, CompletionStage<?>> handler, Message message) {
      told.add("delivered " + message.body());
    }
  }

  private final Slow session = new Slow();
  private final Loop loop = new Loop();
  private final Callbacks callbacks = new Callbacks(Runnable::run, loop);
  private final Topics topics =
      new Topics(
          session,
          loop,
          callbacks,
          new Deliveries(session, loop),
          new Backoff(Duration.ofMillis(1), Duration.ofMillis(1)),
          session);

  private <T> CompletableFuture<T> onLoop(Supplier<CompletableFuture<T>> work) {
    return callbacks.onLoop(work).orTimeout(10, TimeUnit.SECONDS);
  }

  private void run(Runnable work) {
    onLoop(
            () -> {
              work.run();
              return CompletableFuture.completedFuture(null);
            })
        .join();
  }

  /** Waits for a command, and answers it. */
  private void answer(Map<String, Object> data) throws InterruptedException {
    CompletableFuture<Answer> asked = session.asked.poll(10, TimeUnit.SECONDS);
    assertThat(asked).as("a command").isNotNull();
    run(() -> asked.complete((Answer) Codec.decode(data)));
  }

  private static Map<String, Object> success() {
    return Map.of("correlationId", "1", "status", "success", "failedTopics", List.of());
  }

  private static Map<String, Object> failure(boolean temporary) {
    return Map.of(
        "correlationId",
        "1",
        "status",
        "failed",
        "failedTopics",
        TOPIC,
        "topicErrors",
        List.of("brokerUnavailable:away"),
        "topicTemporary",
        List.of(temporary));
  }

  private CompletableFuture<TopicSubscription> subscribe() throws InterruptedException {
    CompletableFuture<TopicSubscription> subscription =
        onLoop(() -> topics.subscribe(TOPIC, TopicOptions.NONE, message -> null));
    answer(success());
    subscription.join();
    return subscription;
  }

  private void beginSession() {
    run(
        () -> {
          topics.reset();
          topics.recreate();
        });
  }

  @Test
  void aGapIsToldWhenMessagesComeAgain() throws Exception {
    subscribe();
    beginSession();
    assertThat(session.told).as("before the topic is subscribed").isEmpty();
    answer(success());
    assertThat(session.told).containsExactly("missed orders");
    beginSession();
    answer(success());
    assertThat(session.told).hasSize(2);
  }

  @Test
  void aGapIsToldBeforeAMessageThatOvertakesTheAnswer() throws Exception {
    subscribe();
    beginSession();
    Map<String, Object> properties = Map.of("type", "topicMessage", "topic", "orders");
    Map<String, Object> data = Map.of("properties", properties, "body", "early");
    run(() -> topics.dispatch(Codec.message(data, properties)));
    assertThat(session.told).containsExactly("missed orders", "delivered early");
    answer(success());
    assertThat(session.told).hasSize(2);
  }

  @Test
  void aTopicThatFailsForNowIsSubscribedLater() throws Exception {
    TopicSubscription subscription = subscribe().join();
    beginSession();
    answer(failure(true));
    answer(failure(true));
    assertThat(subscription.topics()).isEqualTo(TOPIC);
    answer(success());
    assertThat(session.told).containsExactly("missed orders");
    assertThat(subscription.topics()).isEqualTo(TOPIC);
  }

  @Test
  void aTopicThatIsRefusedEnds() throws Exception {
    TopicSubscription subscription = subscribe().join();
    beginSession();
    answer(failure(false));
    assertThat(session.told).containsExactly("revoked [orders] brokerUnavailable:away");
    assertThat(subscription.topics()).isEmpty();
  }

  @Test
  void aFirstSubscriptionThatFailsForNowFails() throws Exception {
    CompletableFuture<TopicSubscription> subscription =
        onLoop(() -> topics.subscribe(TOPIC, TopicOptions.NONE, message -> null));
    answer(failure(true));
    assertThat(subscription.handle((done, failure) -> failure).join())
        .isInstanceOfSatisfying(
            LongspanException.TopicSubscribe.class, x -> assertThat(x.isTemporary()).isTrue());
    assertThat(session.asked).isEmpty();
  }
}
