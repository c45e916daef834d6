package io.longspan.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longspan.budget.MemoryBudget;
import io.longspan.budget.Purpose;
import io.longspan.catalogue.TopicPolicy;
import io.longspan.protocol.BridgeException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class TopicQuotaTest {
  private static ClientSubscription subscription(String user, String topic) {
    ConnectedClient client = TestClients.connected(user, new RecordingChannel());
    return new ClientSubscription(
        client,
        client.identity(),
        new TopicSubscriptions.Key(
            TestClients.grant(topic, TopicPolicy.DEFAULT), Optional.empty()));
  }

  @Test
  void aUserHasSoManyAndWhatIsReleasedCanBeHadAgain() {
    TopicQuota quota = new TopicQuota(2, TestClients.memory());
    ClientSubscription first = subscription("alice", "a");
    quota.charge(first);
    quota.charge(subscription("alice", "b"));
    ClientSubscription third = subscription("alice", "c");
    assertThatThrownBy(() -> quota.charge(third)).isInstanceOf(BridgeException.class);
    assertThatThrownBy(() -> quota.requireRoom("alice")).isInstanceOf(BridgeException.class);
    quota.charge(subscription("bob", "c"));
    quota.release(third);
    quota.release(first);
    quota.release(first);
    assertThat(quota.of("alice")).isEqualTo(1);
    quota.charge(third);
  }

  @Test
  void eachIsChargedToItsUserOnceAndReleasedOnce() {
    MemoryBudget memory = new MemoryBudget(1 << 20, 3 * TopicQuota.SUBSCRIPTION_BYTES);
    TopicQuota quota = new TopicQuota(100, memory);
    ClientSubscription first = subscription("alice", "a");
    quota.charge(first);
    quota.charge(subscription("alice", "b"));
    long used = memory.used(Purpose.SUBSCRIPTIONS);
    assertThat(used).isGreaterThanOrEqualTo(2 * TopicQuota.SUBSCRIPTION_BYTES);
    assertThatThrownBy(() -> quota.charge(subscription("alice", "c")))
        .isInstanceOf(BridgeException.class)
        .hasMessageContaining("limits.userBytes");
    assertThat(quota.of("alice")).isEqualTo(2);
    assertThat(memory.used(Purpose.SUBSCRIPTIONS)).isEqualTo(used);
    quota.release(first);
    quota.release(first);
    assertThat(memory.used(Purpose.SUBSCRIPTIONS)).isEqualTo(used / 2);
  }
}
