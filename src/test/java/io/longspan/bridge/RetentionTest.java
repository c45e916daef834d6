package io.longspan.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.bridge.SharedSubscription.Beginning;
import io.longspan.budget.MemoryBudget;
import io.longspan.budget.Purpose;
import io.longspan.catalogue.TopicPolicy;
import io.longspan.catalogue.TopicPolicy.Keep;
import io.longspan.catalogue.TopicPolicy.SlowConsumer;
import io.longspan.protocol.BrokerMessage;
import io.longspan.protocol.PayloadEncoder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** To whom retained messages are charged, and what is evicted when a bound is reached. */
final class RetentionTest {
  private static final long USER_BYTES = 200_000;
  private static final long TOTAL_BYTES = 800_000;
  private static final int MAX_LINGERING = 5;

  /** Ten of them fill what one user may have retained. */
  private static final int SIZE = (int) USER_BYTES / 2 / 11;

  private final FakeBroker broker = new FakeBroker();
  private final MemoryBudget memory = new MemoryBudget(TOTAL_BYTES, USER_BYTES);
  private final AtomicInteger evicted = new AtomicInteger();
  private final List<Runnable> later = new ArrayList<>();
  private final TopicSubscriptions subscriptions =
      new TopicSubscriptions(
          BridgeBrokers.only(broker, new Reopenings((task, delay) -> {}, BridgeMetrics.NONE)),
          TestClients.quota(),
          new PayloadEncoder(),
          new BridgeMetrics() {
            @Override
            public void retainedEvicted() {
              evicted.incrementAndGet();
            }
          },
          (task, delay) -> later.add(task),
          () -> 0,
          memory,
          MAX_LINGERING,
          client -> {});

  private ClientSubscription join(String user, String topic) {
    ClientSubscription subscription = subscription(user, topic);
    subscriptions.join(subscription).toCompletableFuture().join();
    subscriptions.begin(subscription, Optional.empty());
    return subscription;
  }

  private static ClientSubscription subscription(String user, String topic) {
    ConnectedClient client = TestClients.connected(user, new RecordingChannel());
    return new ClientSubscription(
        client,
        client.identity(),
        new TopicSubscriptions.Key(
            TestClients.grant(
                topic,
                new TopicPolicy(
                    SlowConsumer.QUEUE,
                    Optional.empty(),
                    new Keep(1000, 1L << 20, Duration.ofMinutes(5)))),
            Optional.empty()));
  }

  private void publish(String topic, int count) {
    for (int i = 0; i < count; i++) {
      broker
          .open(topic)
          .get(0)
          .listener
          .accept(
              new BrokerMessage(
                  topic,
                  Map.of("JMSMessageID", "ID:" + i),
                  "x".repeat(SIZE),
                  null,
                  Optional.empty()));
    }
  }

  private Beginning resume(String user, String topic, int lastSeen) {
    ClientSubscription subscription = subscription(user, topic);
    subscriptions.join(subscription).toCompletableFuture().join();
    return subscriptions.begin(subscription, Optional.of("ID:" + lastSeen));
  }

  private long retained() {
    return memory.used(Purpose.RETAINED);
  }

  @Test
  void whatIsRetainedIsChargedToTheProcessAndToTheOneWhoCausesItAlone() {
    ClientSubscription alice = join("alice", "news");
    publish("news", 2);
    assertThat(retained()).isGreaterThan(2 * SIZE).isLessThan(3 * SIZE);
    assertThat(memory.user("alice").used()).isEqualTo(retained());
    ClientSubscription bob = join("bob", "news");
    assertThat(memory.user("alice").used()).isZero();
    assertThat(memory.user("bob").used()).isZero();
    publish("news", 1);
    subscriptions.leave(alice);
    assertThat(memory.user("bob").used()).isEqualTo(retained());
    subscriptions.leave(bob);
    assertThat(memory.user("bob").used()).isEqualTo(retained()).isPositive();
    later.forEach(Runnable::run);
    assertThat(retained()).isZero();
    assertThat(memory.user("bob").used()).isZero();
    assertThat(memory.process().used()).isZero();
  }

  @Test
  void theOldestLingeringTopicOfAUserMakesRoomForTheNext() {
    for (int i = 0; i < 4; i++) {
      ClientSubscription alice = join("alice", "room" + i);
      publish("room" + i, 4);
      subscriptions.leave(alice);
    }
    assertThat(memory.user("alice").used()).isLessThanOrEqualTo(USER_BYTES / 2);
    assertThat(broker.open("room0")).isEmpty();
    assertThat(broker.open("room3")).hasSize(1);
    assertThat(evicted).hasPositiveValue();
    assertThat(resume("alice", "room0", 1)).isEqualTo(Beginning.AFRESH);
    assertThat(resume("alice", "room3", 1)).isEqualTo(Beginning.RECOVERED);
  }

  @Test
  void oneUsersTopicsNeverDisplaceAnothers() {
    ClientSubscription bob = join("bob", "bobs");
    publish("bobs", 4);
    subscriptions.leave(bob);
    for (int i = 0; i < 40; i++) {
      ClientSubscription alice = join("alice", "room" + i);
      publish("room" + i, 4);
      if (i % 2 == 0) {
        subscriptions.leave(alice);
      }
    }
    assertThat(memory.user("alice").used()).isLessThanOrEqualTo(USER_BYTES / 2);
    assertThat(resume("bob", "bobs", 1)).isEqualTo(Beginning.RECOVERED);
  }

  @Test
  void soManySubscriptionsOfAUserLingerAndNoMore() {
    for (int i = 0; i < 3 * MAX_LINGERING; i++) {
      subscriptions.leave(join("alice", "room" + i));
    }
    assertThat(subscriptions.size()).isEqualTo(MAX_LINGERING);
    assertThat(broker.open("room0")).isEmpty();
    assertThat(broker.open("room14")).hasSize(1);
  }

  @Test
  void whoIsSubscribedLosesWhatIsRetainedAndNothingElse() {
    ClientSubscription bob = join("bob", "news");
    join("alice", "news");
    publish("news", 4);
    subscriptions.leave(join("carol", "lingering"));
    long before = retained();
    assertThat(subscriptions.evictRetained(1)).isEqualTo(before);
    assertThat(retained()).isZero();
    publish("news", 1);
    assertThat(retained()).isPositive();
    assertThat(((RecordingChannel) bob.client().session().channel()).payloads()).hasSize(5);
    assertThat(resume("carol", "news", 2)).isEqualTo(Beginning.AFRESH);
    assertThat(resume("dave", "news", 3)).isEqualTo(Beginning.RECOVERED);
  }

  @Test
  void whatLingersGoesBeforeWhatIsInUse() {
    join("alice", "live");
    publish("live", 2);
    ClientSubscription bob = join("bob", "lingering");
    publish("lingering", 4);
    subscriptions.leave(bob);
    assertThat(subscriptions.evictRetained(1)).isPositive();
    assertThat(broker.open("lingering")).isEmpty();
    assertThat(resume("bob", "live", 0)).isEqualTo(Beginning.RECOVERED);
    assertThat(subscriptions.evictRetainedOf("alice", 1)).isZero();
  }

  @Test
  void whatIsSmallStaysAsItWouldFreeNothing() {
    join("alice", "live");
    publish("live", 1);
    assertThat(subscriptions.evictRetained(1 << 20)).isZero();
    assertThat(resume("bob", "live", 0)).isEqualTo(Beginning.RECOVERED);
  }

  @Test
  void theProcessHasABoundToo() {
    for (int i = 0; i < 100; i++) {
      String topic = "room" + i;
      join("user" + i, topic);
      publish(topic, 4);
    }
    assertThat(retained()).isLessThanOrEqualTo(TOTAL_BYTES / 2).isPositive();
    assertThat(memory.process().used()).isEqualTo(retained());
  }
}
