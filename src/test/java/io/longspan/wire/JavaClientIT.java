package io.longspan.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonFactory;
import io.longspan.client.ClientListener;
import io.longspan.client.Example;
import io.longspan.client.LongspanClient;
import io.longspan.client.LongspanException;
import io.longspan.client.Message;
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
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
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

    @Override
    public void statusChanged(Status now, Optional<LongspanException> error) {
      status.add(now);
    }

    @Override
    public void gap(List<MissedTopic> topics, String reason) {
      topics.forEach(each -> gaps.add(each.topic() + " " + reason));
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
