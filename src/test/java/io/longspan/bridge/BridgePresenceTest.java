package io.longspan.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.budget.MemoryBudget;
import io.longspan.budget.Purpose;
import io.longspan.catalogue.MessageForm;
import io.longspan.catalogue.TopicPolicy;
import io.longspan.catalogue.TopicPolicy.Keep;
import io.longspan.catalogue.TopicPolicy.SlowConsumer;
import io.longspan.presence.PresenceTopic;
import io.longspan.protocol.MessageBody;
import io.longspan.protocol.PayloadEncoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Two bridges on one topic, whose connections a test can lose. */
final class BridgePresenceTest {
  private static final String TOPIC = "chat/a";
  private static final long FOREVER = 60_000;

  private final ManualScheduler time = new ManualScheduler();
  private final MemoryBudget memory = new MemoryBudget(1L << 30, 1L << 30);
  private final Bridge here = new Bridge("bridge-1");
  private final Bridge there = new Bridge("bridge-2");

  private final class Bridge {
    final FakeBroker broker = new FakeBroker();
    final BridgePresence presence;
    int delivered;

    Bridge(String id) {
      presence =
          new BridgePresence(
              id,
              broker,
              new GrantingPolicy(() -> TopicPolicy.DEFAULT),
              new Reopenings(time, BridgeMetrics.NONE),
              memory,
              new PayloadEncoder(),
              BridgeMetrics.NONE,
              Runnable::run,
              time,
              time);
    }

    List<String> users() {
      return presence.view(new PresenceTopic(TOPIC, TOPIC), 10, 1000).users();
    }

    void lose() {
      broker.connected = false;
      broker.consumers.forEach(consumer -> consumer.closed = true);
      presence.connectionLost();
    }

    void connect() {
      broker.connected = true;
      presence.brokerConnected();
    }

    void deliverTo(Bridge other) {
      for (; delivered < broker.sent.size(); delivered++) {
        String text = ((MessageBody.Text) broker.sent.get(delivered).body()).text();
        other
            .broker
            .open("bridge/presence")
            .forEach(c -> c.listener.accept(FakeBroker.text("bridge/presence", text)));
      }
    }
  }

  private static ClientSubscription subscription(String user) {
    return subscription(user, new RecordingChannel());
  }

  private static ClientSubscription subscription(String user, RecordingChannel channel) {
    ConnectedClient client = TestClients.connected(user, channel);
    ClientSubscription subscription =
        new ClientSubscription(
            client,
            client.identity(),
            new TopicSubscriptions.Key(
                TestClients.grant(
                    TOPIC,
                    new TopicPolicy(
                        SlowConsumer.QUEUE,
                        Optional.empty(),
                        Keep.NOTHING,
                        MessageForm.JMS,
                        true,
                        Optional.empty())),
                Optional.empty()));
    subscription.begin(0, false);
    return subscription;
  }

  private void elapse(long millis) {
    for (long end = time.now() + millis; time.now() < end; ) {
      time.elapse(BridgePresence.PERIOD);
      here.deliverTo(there);
      there.deliverTo(here);
    }
  }

  @Test
  void aBridgeWhoseClientsNeedNoPresenceDoesNothing() {
    elapse(FOREVER);
    assertThat(here.broker.consumers).isEmpty();
    assertThat(here.broker.sent).isEmpty();
  }

  @Test
  void anOutageEndsNobodysPresenceAndTheAnswersWait() {
    here.presence.joined(subscription("alice"));
    there.presence.joined(subscription("bob"));
    elapse(2000);
    assertThat(here.users()).containsExactly("alice", "bob");
    assertThat(memory.used(Purpose.PRESENCE)).isPositive();
    here.lose();
    there.lose();
    assertThat(here.presence.settled().toCompletableFuture()).isCompletedExceptionally();
    there.presence.joined(subscription("carol"));
    elapse(FOREVER);
    assertThat(here.users()).containsExactly("alice", "bob");
    here.connect();
    there.connect();
    CompletableFuture<Void> settled = here.presence.settled().toCompletableFuture();
    assertThat(settled).isNotDone();
    elapse(2000);
    assertThat(settled).isCompleted();
    assertThat(here.users()).containsExactly("alice", "bob", "carol");
  }

  @Test
  void aBridgeThatDiesLeavesNobodyBehind() {
    here.presence.joined(subscription("alice"));
    there.presence.joined(subscription("bob"));
    elapse(2000);
    there.lose();
    elapse(15_000);
    assertThat(here.users()).containsExactly("alice");
    assertThat(memory.used(Purpose.PRESENCE)).isLessThanOrEqualTo(512);
  }

  @Test
  void aSubscriptionThatEndsWhileItBeginsIsNotCounted() {
    ClientSubscription revoked = subscription("alice");
    revoked.revoke();
    here.presence.left(revoked);
    here.presence.joined(revoked);
    here.presence.left(revoked);
    assertThat(here.users()).isEmpty();
  }

  @Test
  void whatWasNotSentIsAnnouncedAgain() {
    here.presence.settled();
    there.presence.settled();
    elapse(2000);
    there.broker.sending = CompletableFuture.failedFuture(new IllegalStateException("full"));
    there.presence.joined(subscription("bob"));
    time.elapse(BridgePresence.PERIOD);
    there.delivered = there.broker.sent.size();
    there.broker.sending = CompletableFuture.completedFuture(null);
    elapse(2000);
    assertThat(here.users()).containsExactly("bob");
  }

  @Test
  void aThousandJoinsAreOneNotice() {
    RecordingChannel channel = new RecordingChannel();
    ClientSubscription watching = subscription("alice", channel);
    here.presence.joined(watching);
    here.presence.watch(watching);
    List<ClientSubscription> others = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      others.add(subscription("user-" + i));
      here.presence.joined(others.get(i));
    }
    elapse(BridgePresence.PERIOD);
    assertThat(channel.taken).hasSize(1);
    others.forEach(here.presence::left);
    others.forEach(here.presence::joined);
    elapse(FOREVER);
    assertThat(channel.taken).hasSize(1);
  }
}
