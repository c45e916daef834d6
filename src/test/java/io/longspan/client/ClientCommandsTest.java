package io.longspan.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.client.Deliveries.Delivery;
import io.longspan.client.Incoming.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the client sends for queues and durable subscriptions, and what becomes of deliveries. */
final class ClientCommandsTest {
  private static final List<String> TOPIC = List.of("orders");

  /** A session whose answers the test gives. */
  private static final class Scripted implements Session, Topics.Listener, Queues.Listener {
    final ConcurrentLinkedQueue<Map<String, Object>> sent = new ConcurrentLinkedQueue<>();
    Supplier<CompletableFuture<Answer>> answer = () -> CompletableFuture.completedFuture(success());
    boolean connected = true;

    static Answer success(String... failedDeliveries) {
      Object data = Map.of("correlationId", "1", "status", "success");
      Answer answer = (Answer) Codec.decode(data);
      return new Answer(
          "1",
          true,
          answer.refusal(),
          List.of(),
          List.of(),
          List.of(),
          List.of(failedDeliveries),
          answer.info(),
          Optional.empty(),
          Map.of());
    }

    @Override
    public boolean isConnected() {
      return connected;
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
      sent.add(command);
      return answer.get();
    }

    @Override
    public void callEnded() {
      // The test has no move.
    }

    @Override
    public void topicsRevoked(List<String> topics, String reason) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void topicMissed(String topic) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void deliver(Function<Message, CompletionStage<?>> handler, Message message) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void queuesRevoked(List<String> queues, String reason) {
      throw new UnsupportedOperationException();
    }
  }

  private final Scripted session = new Scripted();
  private final Loop loop = new Loop();
  private final Callbacks callbacks = new Callbacks(Runnable::run, loop);
  private final Deliveries deliveries = new Deliveries(session, loop);
  private final Queues queues =
      new Queues(session, loop, callbacks, deliveries, backoff(), session);
  private final Topics topics =
      new Topics(session, loop, callbacks, deliveries, backoff(), session);

  private static Backoff backoff() {
    return new Backoff(Duration.ofMillis(1), Duration.ofMillis(1));
  }

  private <T> T onLoop(Supplier<CompletableFuture<T>> work) {
    return callbacks.onLoop(work).orTimeout(10, TimeUnit.SECONDS).join();
  }

  private <T> T inOneTurn(Supplier<T> work) {
    return onLoop(() -> CompletableFuture.completedFuture(work.get()));
  }

  /** Returns what clients send and the bridge accepts, without the correlation id. */
  private static Set<Map<String, Object>> golden(String... files) throws IOException {
    List<Object> all = new ArrayList<>();
    for (String file : files) {
      Path path = Path.of("src/test/resources/protocol", file + ".json");
      all.addAll((List<?>) Json.parse(Files.readString(path)));
    }
    return all.stream()
        .map(each -> Json.object(Map.of("golden", each), "golden"))
        .filter(each -> "clientToBridge".equals(each.get("direction")))
        .filter(each -> !Json.object(each, "expect").containsKey("errorCode"))
        .map(each -> plain(Json.object(each, "data")))
        .collect(Collectors.toSet());
  }

  /** Returns the command as JSON gives it, without the correlation id. */
  private static Map<String, Object> plain(Map<String, Object> command) {
    try {
      Map<String, Object> read = Json.object(Map.of("all", Json.parse(Json.write(command))), "all");
      Map<String, Object> plain = new LinkedHashMap<>(read);
      plain.remove("correlationId");
      return plain;
    } catch (IOException x) {
      throw new IllegalStateException(x);
    }
  }

  private QueueMessage message(String handle) {
    Delivery delivery = deliveries.add(handle);
    return new QueueMessage(null, command -> delivery.settle(command));
  }

  @Test
  void canSendEverythingThatTheBridgeReads() throws Exception {
    QueueOptions red = QueueOptions.NONE.withPrefetch(10).withSelector("colour = 'red'");
    QueueSubscription printing =
        onLoop(() -> queues.subscribe("jobs/print", QueueOptions.NONE, message -> null));
    printing.unsubscribe().get(10, TimeUnit.SECONDS);
    onLoop(() -> queues.subscribe("jobs/print", red, message -> null));
    Stream<Supplier<CompletableFuture<Boolean>>> fates =
        Stream.of(
            () -> message("dl-7f3a").release(),
            () -> message("dl-7f3a").release(Duration.ofSeconds(30)),
            () -> message("dl-7f3a").reject(null),
            () -> message("dl-7f3a").reject("illegible"),
            () -> {
              message("dl-7f3a").acknowledge();
              return message("dl-7f3b").acknowledge();
            });
    assertThat(fates.map(this::onLoop)).containsOnly(true);
    TopicSubscription archive =
        onLoop(
            () ->
                topics.subscribe(TOPIC, new TopicOptions(null, "archive-1.b_C"), message -> null));
    archive.unsubscribe().get(10, TimeUnit.SECONDS);
    onLoop(() -> topics.forget(TOPIC, "archive"));

    assertThat(session.sent.stream().map(ClientCommandsTest::plain))
        .containsExactlyInAnyOrderElementsOf(golden("queues", "durable"));
  }

  @Test
  void theFirstOutcomeCounts() {
    session.answer = () -> CompletableFuture.completedFuture(Scripted.success("b"));
    QueueMessage a = inOneTurn(() -> message("a"));
    QueueMessage b = inOneTurn(() -> message("b"));

    assertThat(onLoop(a::acknowledge)).isTrue();
    assertThat(onLoop(() -> a.reject("late"))).isTrue();
    assertThat(onLoop(() -> b.release())).isFalse();
    assertThat(onLoop(b::acknowledge)).isFalse();
    assertThat(session.sent)
        .containsExactly(
            Map.of("type", "ack", "deliveries", List.of("a")),
            Map.of("type", "release", "deliveries", List.of("b")));
    assertThat(inOneTurn(deliveries::isEmpty)).isTrue();
  }

  @Test
  void anOutcomeWaitsForASessionThatIsResumed() {
    QueueMessage a = inOneTurn(() -> message("a"));
    QueueMessage b = inOneTurn(() -> message("b"));
    session.answer =
        () -> CompletableFuture.failedFuture(new LongspanException.NotSent("no connection"));
    CompletableFuture<Boolean> first = inOneTurn(a::acknowledge);
    inOneTurn(() -> session.connected = false);
    CompletableFuture<Boolean> second = inOneTurn(b::acknowledge);
    inOneTurn(() -> true);
    assertThat(session.sent).hasSize(1);
    session.sent.clear();
    session.answer = () -> CompletableFuture.completedFuture(Scripted.success());
    inOneTurn(
        () -> {
          session.connected = true;
          deliveries.send();
          return true;
        });

    assertThat(first.orTimeout(10, TimeUnit.SECONDS).join()).isTrue();
    assertThat(second.orTimeout(10, TimeUnit.SECONDS).join()).isTrue();
    assertThat(session.sent)
        .containsExactly(Map.of("type", "ack", "deliveries", List.of("a", "b")));
  }

  @Test
  void aNewSessionMakesAllVoid() {
    QueueMessage waiting = inOneTurn(() -> message("a"));
    QueueMessage late = inOneTurn(() -> message("b"));
    inOneTurn(() -> session.connected = false);
    CompletableFuture<Boolean> taken = inOneTurn(waiting::acknowledge);
    inOneTurn(
        () -> {
          deliveries.lost();
          session.connected = true;
          deliveries.send();
          return true;
        });

    assertThat(taken.orTimeout(10, TimeUnit.SECONDS).join()).isFalse();
    assertThat(onLoop(late::acknowledge)).isFalse();
    assertThat(session.sent).isEmpty();
  }

  @Test
  void aFailureOfTheBridgeIsFalse() {
    session.answer =
        () ->
            CompletableFuture.failedFuture(
                new LongspanException.Refused("brokerUnavailable", "", true));
    QueueMessage message = inOneTurn(() -> message("a"));

    assertThat(onLoop(message::acknowledge)).isFalse();
    assertThat(inOneTurn(deliveries::isEmpty)).isTrue();
  }
}
