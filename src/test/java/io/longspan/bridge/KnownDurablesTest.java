package io.longspan.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.bridge.KnownDurables.Known;
import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.DurableSubscription;
import org.junit.jupiter.api.Test;

final class KnownDurablesTest {
  private final KnownDurables known = new KnownDurables();

  private void put(int number) {
    String key = "k" + number;
    DurableSubscription at = DurableSubscription.of("alice", BrokerDestination.topic("t"), key);
    known.put(key, new Known("alice", "t", key, at, "bridge-1", 0), "k0"::equals);
  }

  @Test
  void theOneThatWasUsedTheLongestTimeAgoIsForgottenUnlessItIsInUse() {
    for (int i = 0; i < KnownDurables.MAX; i++) {
      put(i);
    }
    known.changed("k1", "bridge-2", 5);
    put(-1);
    put(-2);
    assertThat(known.all()).hasSize(KnownDurables.MAX);
    assertThat(known.find("alice", "t", "k0")).isPresent();
    assertThat(known.find("alice", "t", "k1"))
        .hasValueSatisfying(each -> assertThat(each.bridge()).isEqualTo("bridge-2"));
    assertThat(known.find("alice", "t", "k2")).isEmpty();
    assertThat(known.find("alice", "t", "k3")).isEmpty();
  }
}
