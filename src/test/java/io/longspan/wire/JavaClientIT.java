package io.longspan.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonFactory;
import io.longspan.client.ClientListener;
import io.longspan.client.Description;
import io.longspan.client.Description.Destination;
import io.longspan.client.Example;
import io.longspan.client.History;
import io.longspan.client.LongspanClient;
import io.longspan.client.LongspanException;
import io.longspan.client.Message;
import io.longspan.client.Presence;
import io.longspan.client.QueueMessage;
import io.longspan.client.QueueOptions;
import io.longspan.client.QueueSubscription;
import io.longspan.client.SendOptions;
import io.longspan.client.TopicSubscription;
import io.longspan.external.LinkProxy;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The client for Java against real bridges, over a link that is cut. */
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(120)
final class JavaClientIT {
  private ClientStage stage;
  private LinkProxy link;
  private final List<LongspanClient> clients = new ArrayList<>();
  private final Heard heard = new Heard();

  /** What a client has reported. */
  private static final class Heard implements ClientListener {
    final List<Status> status = new CopyOnWriteArrayList<>();
    final List<String> gaps = new CopyOnWriteArrayList<>();
    final List<Object> pushes = new CopyOnWriteArrayList<>();
    final List<String> revoked = new CopyOnWriteArrayList<>();

    @Override
    public void statusChanged(Status now, Optional<LongspanException> error) {
      status.add(now);
    }

    @Override
    public void gap(List<MissedTopic> topics, String reason) {
      topics.forEach(each -> gaps.add(each.topic() + " " + reason));
    }

    @Override
    public void topicsRevoked(List<String> topics, String reason) {
      topics.forEach(topic -> revoked.add(topic + " " + reason));
    }

    @Override
    public void received(Message message) {
      pushes.add(message.body());
    }
  }

  @BeforeAll
  void start() {
    stage = new ClientStage();
  }

  @AfterAll
  void stop() {
    stage.close();
  }

  @BeforeEach
  void link() {
    link = new LinkProxy("127.0.0.1", stage.bridge().cometd().getPort());
  }

  @AfterEach
  void end() {
    clients.forEach(LongspanClient::close);
    clients.clear();
    link.close();
    heard.status.clear();
    heard.gaps.clear();
    heard.pushes.clear();
    heard.revoked.clear();
  }

  private LongspanClient.Builder builder(Transport transport, String user) {
    return LongspanClient.builder(URI.create("http://127.0.0.1:" + link.port() + "/cometd"))
        .transports(transport == Transport.WEBSOCKET ? "websocket" : "long-polling")
        .reconnect(Duration.ofMillis(20), Duration.ofMillis(200))
        .listener(heard)
        .user(user, user);
  }

  private LongspanClient connected(LongspanClient.Builder builder) {
    LongspanClient client = builder.build();
    clients.add(client);
    join(client.connect());
    return client;
  }

  private static <T> T join(CompletableFuture<T> future) {
    return future.orTimeout(40, TimeUnit.SECONDS).join();
  }

  private static LongspanException failure(CompletableFuture<?> future) {
    try {
      join(future);
    } catch (CompletionException x) {
      return (LongspanException) x.getCause();
    }
    throw new AssertionError("it succeeded");
  }

  private static String unique(String prefix) {
    return prefix + Long.toHexString(System.nanoTime());
  }

  private static List<String> texts(int from, int to) {
    return IntStream.rangeClosed(from, to).mapToObj(i -> "m" + i).toList();
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void requestsHaveOneOutcome(Transport transport) {
    LongspanClient client = connected(builder(transport, "alice"));
    assertThat(client.info().orElseThrow().userRoles()).contains("trader");
    assertThat(join(client.request("services/echo", "h\u00e9llo")).text()).isEqualTo("h\u00e9llo");
    assertThat(join(client.request("services/echo", Map.of("a", List.of(1, 2)))).json())
        .isEqualTo(Map.of("a", List.of(1, 2)));
    List<CompletableFuture<Message>> many =
        IntStream.range(0, 50)
            .mapToObj(i -> client.request("services/echo", Integer.toString(i)))
            .toList();
    for (int i = 0; i < many.size(); i++) {
      assertThat(join(many.get(i)).text()).isEqualTo(Integer.toString(i));
    }
    assertThat(failure(client.request("secret/x", "no")))
        .isInstanceOfSatisfying(
            LongspanException.Refused.class,
            refused -> assertThat(refused.bridgeCode()).isEqualTo("notAuthorized"));
    assertThat(
            failure(
                client.request(
                    "services/silent", "x", SendOptions.NONE.withTimeout(Duration.ofMillis(100)))))
        .isInstanceOf(LongspanException.TimedOut.class);
    client.request("services/silent", "x").cancel(true);
    stage.awaitCancels(2);
    CompletableFuture<Message> open = client.request("services/silent", "x");
    join(client.disconnect());
    assertThat(failure(open)).isInstanceOf(LongspanException.Cancelled.class);
    assertThat(failure(client.request("services/echo", "x")))
        .isInstanceOf(LongspanException.NotSent.class);
    join(client.connect());
    assertThat(join(client.request("services/echo", "again")).text()).isEqualTo("again");
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void signsInByPasswordOrToken(Transport transport) {
    LongspanClient wrong = builder(transport, "alice").user("alice", "wrong").build();
    assertThat(failure(wrong.connect())).isInstanceOf(LongspanException.Authentication.class);
    String token = ClientStage.token("alice");
    URI uri = stage.bridge().cometd();
    LongspanClient client =
        connected(
            LongspanClient.builder(uri)
                .token(() -> CompletableFuture.completedFuture(token))
                .transports(transport == Transport.WEBSOCKET ? "websocket" : "long-polling"));
    assertThat(join(client.request("services/echo", "t")).text()).isEqualTo("t");
    LongspanClient forged = LongspanClient.builder(uri).token("no.such.token").build();
    assertThat(failure(forged.connect())).isInstanceOf(LongspanException.Authentication.class);
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void knowsWhatItsUserMayUse(Transport transport) {
    Description description = join(connected(builder(transport, "alice")).describe());
    assertThat(description.complete()).isTrue();
    assertThat(description.destinations())
        .extracting(Destination::name)
        .contains("services/{service}", "inbox")
        .doesNotContain("secret/{x}");
    assertThat(description.destinations())
        .filteredOn(each -> each.name().equals("orders/{id}"))
        .singleElement()
        .satisfies(
            orders -> {
              assertThat(orders.kind()).isEqualTo("queue");
              assertThat(orders.may()).containsExactly("send");
              assertThat(orders.title()).contains("Orders");
              assertThat(orders.schema()).containsEntry("required", List.of("amount"));
            });
    assertThat(description.destinations())
        .filteredOn(Destination::wildcards)
        .extracting(Destination::name)
        .contains("prices/{market}/{symbol}");
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void readsWhatTheBridgeKeeps(Transport transport) {
    String topic = unique("kept/");
    LongspanClient client = connected(builder(transport, "alice"));
    List<Message> seen = new CopyOnWriteArrayList<>();
    join(client.subscribe(List.of(topic), seen::add));
    stage.publish(topic, 1, 5);
    Awaitility.await().until(() -> seen.size() == 5);
    String third = seen.get(2).messageId().orElseThrow();

    History newest = join(client.history(topic, 2));
    assertThat(newest.messages()).extracting(Message::text).isEqualTo(texts(4, 5));
    assertThat(newest.complete()).isFalse();
    History older = join(client.history(topic, 10, third, null));
    assertThat(older.messages()).extracting(Message::text).isEqualTo(texts(1, 2));
    assertThat(older.complete()).isTrue();
    History newer = join(client.history(topic, 1, null, third));
    assertThat(newer.messages()).extracting(Message::text).isEqualTo(texts(4, 4));
    assertThat(newer.messages().get(0).topic()).contains(topic);
    assertThat(failure(client.history(topic, 1, "ID:unknown", null)))
        .isInstanceOfSatisfying(
            LongspanException.Refused.class,
            refused -> assertThat(refused.bridgeCode()).isEqualTo("badRequest"));
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void knowsWhoIsPresent(Transport transport) {
    String room = unique("team/");
    LongspanClient alice = connected(builder(transport, "alice"));
    LongspanClient bob = connected(builder(transport, "bob"));
    assertThat(join(alice.presence(room))).isEqualTo(new Presence(room, 0, List.of(), 0));
    for (LongspanClient each : List.of(alice, bob)) {
      join(each.subscribe(List.of(room), message -> {}));
    }
    Presence both = join(bob.presence(room));
    assertThat(both.clients()).isEqualTo(2);
    assertThat(both.users()).containsExactlyInAnyOrder("alice", "bob");
    assertThat(failure(bob.presence("ward/x")))
        .isInstanceOfSatisfying(
            LongspanException.Refused.class,
            refused -> assertThat(refused.bridgeCode()).isEqualTo("notAuthorized"));
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void partsAndTopicsArrivePublished(Transport transport) {
    LongspanClient client = connected(builder(transport, "alice"));
    Reader parts = new Reader();
    client.requestParts("services/parts", "5", SendOptions.NONE).subscribe(parts);
    join(parts.done);
    assertThat(parts.texts).containsExactly("part 1", "part 2", "part 3", "part 4", "part 5");
    String room = unique("chat/");
    List<String> got = new CopyOnWriteArrayList<>();
    TopicSubscription subscription =
        join(client.subscribe(List.of(room, "prices/closed/X"), m -> got.add(m.text())));
    assertThat(subscription.topics()).containsExactly(room);
    assertThat(subscription.failed())
        .extracting(TopicSubscription.Failure::topic)
        .containsExactly("prices/closed/X");
    Reader reader = new Reader();
    client.messages(List.of(room)).subscribe(reader);
    Awaitility.await()
        .until(
            () -> {
              join(client.publish(room, "ping", SendOptions.NONE));
              return !reader.texts.isEmpty();
            });
    reader.subscription.cancel();
    assertThat(got).contains("ping");
    join(subscription.unsubscribe());
    assertThat(failure(client.subscribe(List.of("prices/closed/X"), m -> {})))
        .isInstanceOf(LongspanException.TopicSubscribe.class);
    stage.push("alice", "hi");
    Awaitility.await().until(() -> heard.pushes.equals(List.of("hi")));
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aLostLinkLosesNothing(Transport transport) {
    LongspanClient client = connected(builder(transport, "alice"));
    String room = unique("chat/");
    List<String> got = new CopyOnWriteArrayList<>();
    join(client.subscribe(List.of(room), m -> got.add(m.text())));
    for (int cut = 0; cut < 3; cut++) {
      CompletableFuture<Message> open =
          client.request(
              "services/echo", "e" + cut, SendOptions.NONE.withTimeout(Duration.ofSeconds(2)));
      link.block();
      stage.publish(room, cut * 100, cut * 100 + 99);
      Awaitility.await().until(() -> client.status() == ClientListener.Status.RECONNECTING);
      link.heal();
      Awaitility.await().until(() -> client.status() == ClientListener.Status.CONNECTED);
      List<String> expected = texts(0, cut * 100 + 99);
      Awaitility.await().until(() -> got.size() >= expected.size());
      assertThat(got).isEqualTo(expected);
      String echo = "e" + cut;
      // The answer, or that it was not sent, or that nobody knows.
      join(
          open.handle(
              (answer, failure) -> {
                if (failure == null) {
                  assertThat(answer.text()).isEqualTo(echo);
                } else {
                  assertThat(failure)
                      .isInstanceOfAny(
                          LongspanException.NotSent.class, LongspanException.ConnectionLost.class);
                }
                return null;
              }));
    }
    assertThat(heard.gaps).isEmpty();
  }

  /** As after a connect that could not resume, while the broker is slow. */
  @ParameterizedTest
  @EnumSource(Transport.class)
  void connectsAgainIfTheBridgeSaysThatItIsNotConnected(Transport transport) {
    LongspanClient client = connected(builder(transport, "alice"));
    assertConnectsAgain(client, () -> client.request("services/echo", "refused"));
    assertConnectsAgain(client, () -> client.describe());
  }

  private void assertConnectsAgain(LongspanClient client, Supplier<CompletableFuture<?>> call) {
    Message echo = join(client.request("services/echo", "before"));
    String clientId = echo.correlationId().orElseThrow().split("-")[0];
    try (RawBayeuxClient other =
        Transport.LONG_POLLING.client(stage.bridge().cometd(), "alice", "alice")) {
      other.useClientId(clientId);
      Map<String, Object> disconnect = Map.of("type", "disconnect", "correlationId", "d");
      other.exchange(RawBayeuxClient.message("channel", "/anzo/control", "data", disconnect));
    }
    heard.status.clear();
    assertThat(failure(call.get()))
        .isInstanceOfSatisfying(
            LongspanException.Refused.class,
            refused -> assertThat(refused.bridgeCode()).isEqualTo("notConnected"));
    Awaitility.await()
        .until(
            () ->
                heard.status.equals(
                    List.of(ClientListener.Status.RECONNECTING, ClientListener.Status.CONNECTED)));
    assertThat(join(client.request("services/echo", "after")).text()).isEqualTo("after");
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aBridgeThatRestartsCostsTheSessionButNoTopicSilently(Transport transport) {
    TestBridge restarting = stage.restart("bridge-4", 0);
    int port = restarting.cometd().getPort();
    LongspanClient client = null;
    try {
      client =
          connected(
              LongspanClient.builder(restarting.cometd())
                  .transports(transport == Transport.WEBSOCKET ? "websocket" : "long-polling")
                  .reconnect(Duration.ofMillis(20), Duration.ofMillis(200))
                  .listener(heard)
                  .user("alice", "alice"));
      String room = unique("kept/");
      List<String> got = new CopyOnWriteArrayList<>();
      join(client.subscribe(List.of(room), m -> got.add(m.text())));
      stage.publish(room, 1, 1);
      Awaitility.await().until(() -> got.size() == 1);
      CompletableFuture<Message> open = client.request("services/silent", "x");
      restarting.close();
      restarting = stage.restart("bridge-4", port);
      assertThat(failure(open))
          .isInstanceOfAny(LongspanException.ConnectionLost.class, LongspanException.Refused.class);
      Awaitility.await().until(() -> heard.gaps.contains(room + " notRecoverable"));
      stage.publish(room, 2, 3);
      Awaitility.await().until(() -> got.size() == 3);
      assertThat(got).isEqualTo(texts(1, 3));
    } finally {
      if (client != null) {
        client.close();
      }
      restarting.close();
    }
  }

  private static String summary(QueueMessage message) {
    return message.text() + " " + message.deliveryCount();
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void eachMessageOfAQueueIsProcessedOnce(Transport transport) {
    LongspanClient client = connected(builder(transport, "alice"));
    String queue = unique("work/");
    for (String body : List.of("fails", "throws", "broken", "later", "good")) {
      join(client.publish(queue, body, SendOptions.NONE));
    }
    List<String> done = new CopyOnWriteArrayList<>();
    List<Boolean> taken = new CopyOnWriteArrayList<>();
    QueueSubscription consumption =
        join(
            client.consume(
                queue,
                QueueOptions.NONE.withPrefetch(3),
                message -> {
                  done.add(summary(message));
                  return switch (summary(message)) {
                    case "fails 1" ->
                        CompletableFuture.failedFuture(new IllegalStateException("by the test"));
                    case "throws 1" -> throw new IllegalStateException("by the test");
                    case "broken 1" -> message.reject("no").thenAccept(taken::add);
                    case "later 1" ->
                        message.release(Duration.ofMillis(200)).thenAccept(taken::add);
                    case "good 1" -> message.acknowledge().thenAccept(taken::add);
                    default -> null;
                  };
                }));
    Awaitility.await().until(() -> done.containsAll(List.of("fails 2", "throws 2", "later 2")));
    assertThat(done).contains("broken 1", "good 1").hasSize(8);
    Awaitility.await().until(() -> taken.equals(List.of(true, true, true)));
    assertThat(failure(client.consume("services/echo", QueueOptions.NONE, message -> null)))
        .isInstanceOfSatisfying(
            LongspanException.Refused.class,
            refused -> assertThat(refused.bridgeCode()).isEqualTo("notAuthorized"));
    assertThatThrownBy(() -> join(client.consume(queue, QueueOptions.NONE, message -> null)))
        .hasCause(new IllegalStateException("queue: " + queue + " is already consumed"));
    join(consumption.unsubscribe());
    join(consumption.unsubscribe());
    join(client.publish(queue, "after", SendOptions.NONE));
    List<String> rest = new CopyOnWriteArrayList<>();
    join(
        client.consume(
            queue,
            QueueOptions.NONE,
            message -> {
              rest.add(message.text());
              return null;
            }));
    Awaitility.await().until(() -> rest.equals(List.of("after")));
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aLostLinkKeepsTheMessageThatIsProcessed(Transport transport) {
    LongspanClient client = connected(builder(transport, "alice"));
    String queue = unique("work/");
    join(client.publish(queue, "1", SendOptions.NONE));
    List<String> done = new CopyOnWriteArrayList<>();
    List<QueueMessage> open = new CopyOnWriteArrayList<>();
    CompletableFuture<Void> work = new CompletableFuture<>();
    join(
        client.consume(
            queue,
            QueueOptions.NONE,
            message -> {
              done.add(summary(message));
              open.add(message);
              return work;
            }));
    Awaitility.await().until(() -> done.size() == 1);
    link.block();
    Awaitility.await().until(() -> client.status() == ClientListener.Status.RECONNECTING);
    CompletableFuture<Boolean> taken = open.get(0).acknowledge();
    work.complete(null);
    link.heal();
    assertThat(join(taken)).isTrue();
    join(client.publish(queue, "2", SendOptions.NONE));
    Awaitility.await().until(() -> done.equals(List.of("1 1", "2 1")));
  }

  @Test
  void aNewSessionConsumesAndSubscribesAgain() {
    LongspanClient client = connected(builder(Transport.WEBSOCKET, "a").user("a", "odd"));
    String queue = unique("work/");
    String topic = unique("durable/");
    List<String> done = new CopyOnWriteArrayList<>();
    join(client.publish(queue, "job", SendOptions.NONE));
    List<QueueMessage> open = new CopyOnWriteArrayList<>();
    CompletableFuture<Void> never = new CompletableFuture<>();
    join(
        client.consume(
            queue,
            QueueOptions.NONE,
            message -> {
              done.add(summary(message));
              open.add(message);
              return done.size() == 1 ? never : null;
            }));
    join(
        client.subscribeDurably(
            List.of(topic),
            "archive",
            null,
            message -> {
              done.add(message.text());
              return null;
            }));
    Awaitility.await().until(() -> done.equals(List.of("job 1")));
    link.redirect(stage.other().cometd().getPort());
    link.cut();
    Awaitility.await()
        .atMost(ClientStage.PATIENCE)
        .until(() -> client.info().orElseThrow().bridgeId().equals(Optional.of("bridge-3")));
    join(client.publish(queue, "next", SendOptions.NONE));
    stage.publish(topic.replace('/', '.'), 1, 2);
    Awaitility.await()
        .atMost(ClientStage.PATIENCE)
        .until(() -> done.containsAll(List.of("next 1", "m1", "m2")));
    assertThat(join(open.get(0).acknowledge())).isFalse();
    assertThat(heard.gaps).isEmpty();
    join(client.forget(List.of(topic), "archive"));
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aDurableSubscriptionGoesOnWhereItWas(Transport transport) {
    LongspanClient client = connected(builder(transport, "alice"));
    String topic = unique("durable/");
    List<String> got = new CopyOnWriteArrayList<>();
    Function<Message, CompletionStage<?>> handler =
        message -> {
          got.add(message.text());
          return got.size() == 1
              ? CompletableFuture.failedFuture(new IllegalStateException("by the test"))
              : null;
        };
    join(client.subscribeDurably(List.of(topic), "archive", null, handler));
    stage.publish(topic.replace('/', '.'), 1, 2);
    Awaitility.await().until(() -> got.equals(List.of("m1", "m1", "m2")));
    join(client.disconnect());
    stage.publish(topic.replace('/', '.'), 3, 4);
    join(client.connect());
    join(client.subscribeDurably(List.of(topic), "archive", null, handler));
    Awaitility.await().until(() -> got.equals(List.of("m1", "m1", "m2", "m3", "m4")));

    LongspanClient newer = connected(builder(transport, "alice").listener(new ClientListener() {}));
    List<String> second = new CopyOnWriteArrayList<>();
    join(
        newer.subscribeDurably(
            List.of(topic),
            "archive",
            null,
            message -> {
              second.add(message.text());
              return null;
            }));
    Awaitility.await().until(() -> heard.revoked.equals(List.of(topic + " takenOver")));
    stage.publish(topic.replace('/', '.'), 5, 5);
    Awaitility.await().until(() -> second.equals(List.of("m5")));

    join(newer.forget(List.of(topic), "archive"));
    stage.publish(topic.replace('/', '.'), 6, 6);
    join(client.subscribeDurably(List.of(topic), "archive", null, handler));
    stage.publish(topic.replace('/', '.'), 7, 7);
    Awaitility.await().until(() -> got.get(got.size() - 1).equals("m7"));
    assertThat(got).hasSize(6);
    assertThat(second).hasSize(1);
    assertThat(failure(client.forget(List.of("secret/x"), "archive")))
        .isInstanceOf(LongspanException.TopicSubscribe.class);
    join(client.forget(List.of(topic), "archive"));
  }

  @Test
  void leavesADrainingBridgeWithoutALoss() {
    try (LinkProxy door = new LinkProxy("127.0.0.1", stage.leaving().cometd().getPort())) {
      LongspanClient keeper =
          connected(LongspanClient.builder(stage.other().cometd()).user("bob", "bob"));
      String room = unique("kept/");
      join(keeper.subscribe(List.of(room), m -> {}));
      LongspanClient client =
          connected(
              LongspanClient.builder(URI.create("http://127.0.0.1:" + door.port() + "/cometd"))
                  .listener(heard)
                  .user("alice", "alice"));
      List<String> got = new CopyOnWriteArrayList<>();
      join(client.subscribe(List.of(room), m -> got.add(m.text())));
      stage.publish(room, 1, 1);
      Awaitility.await().until(() -> got.size() == 1);
      door.redirect(stage.other().cometd().getPort());
      stage.drain("bridge-2");
      Awaitility.await()
          .atMost(ClientStage.PATIENCE)
          .until(() -> client.info().orElseThrow().bridgeId().equals(Optional.of("bridge-3")));
      stage.publish(room, 2, 9);
      Awaitility.await().until(() -> got.size() == 9);
      assertThat(got).isEqualTo(texts(1, 9));
      assertThat(heard.gaps).isEmpty();
      assertThat(heard.status).doesNotContain(ClientListener.Status.RECONNECTING);
    }
  }

  @Test
  void theExampleOfTheDocumentationRuns() throws Exception {
    Example.main(new String[] {stage.bridge().cometd().toString()});
  }

  @Test
  void theJarNeedsJacksonsParserAlone() throws Exception {
    Path jar = Path.of(System.getProperty("client.jar", "target/longspan-client.jar"));
    URL jackson = JsonFactory.class.getProtectionDomain().getCodeSource().getLocation();
    URL[] needed = {jar.toAbsolutePath().toUri().toURL(), jackson};
    try (URLClassLoader alone = new URLClassLoader(needed, ClassLoader.getPlatformClassLoader())) {
      Object builder =
          alone
              .loadClass(LongspanClient.class.getName())
              .getMethod("builder", URI.class)
              .invoke(null, stage.bridge().cometd());
      builder.getClass().getMethod("user", String.class, String.class).invoke(builder, "a", "odd");
      AutoCloseable client = (AutoCloseable) builder.getClass().getMethod("build").invoke(builder);
      try (client) {
        Object connecting = client.getClass().getMethod("connect").invoke(client);
        assertThat(join((CompletableFuture<?>) connecting).toString()).contains("bridge-1");
      }
    }
  }

  @Test
  void rejectsWrongOptions() {
    assertThatThrownBy(() -> LongspanClient.builder(URI.create("ws://host/cometd")))
        .hasMessage("endpoint: ws://host/cometd; allowed: http or https, without query");
    assertThatThrownBy(() -> QueueOptions.NONE.withPrefetch(101))
        .hasMessage("prefetch: 101; allowed: 1 to 100");
    assertThatThrownBy(() -> SendOptions.NONE.withPriority(10))
        .hasMessage("priority: 10; allowed: 0 to 9");
  }

  /** Reads all. */
  private static final class Reader implements Flow.Subscriber<Message> {
    final List<String> texts = new CopyOnWriteArrayList<>();
    final CompletableFuture<Void> done = new CompletableFuture<>();
    volatile Flow.Subscription subscription;

    @Override
    public void onSubscribe(Flow.Subscription begun) {
      subscription = begun;
      begun.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(Message message) {
      texts.add(message.text());
    }

    @Override
    public void onError(Throwable failure) {
      done.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
      done.complete(null);
    }
  }
}
