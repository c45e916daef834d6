package io.longspan.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longspan.access.TopicGrant;
import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.TopicPolicy;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.DestinationName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class SelectorBudgetTest {
  private final SelectorBudget budget = new SelectorBudget();

  private static ClientSubscription subscription(String user, String topic, String selector) {
    ConnectedClient client = TestClients.connected(user, new RecordingChannel());
    TopicGrant grant =
        new TopicGrant(
            DestinationName.parsePattern(topic),
            BrokerDestination.topic(topic),
            Optional::of,
            TopicPolicy.DEFAULT,
            "",
            0,
            Long.MIN_VALUE);
    return new ClientSubscription(
        client, client.identity(), new TopicSubscriptions.Key(grant, Optional.of(selector)));
  }

  private ClientSubscription charge(String user, String topic, String selector, int cost) {
    ClientSubscription subscription = subscription(user, topic, selector);
    budget.charge(subscription, cost);
    return subscription;
  }

  private void assertRefused(String user, String topic, String selector, int cost) {
    assertThatThrownBy(() -> charge(user, topic, selector, cost))
        .isInstanceOf(BridgeException.class)
        .hasMessageContaining("selectors on this topic cost more than");
  }

  private void end(ClientSubscription subscription) {
    budget.left(subscription);
    budget.closed(subscription.key());
  }

  @Test
  void aUserHasAShareOfATopicAndAnotherUserItsOwn() {
    charge("alice", "news", "a = 1", SelectorBudget.MAX_PER_USER - 10);
    assertRefused("alice", "news", "a = 2", 11);
    charge("alice", "news", "a = 2", 10);
    assertRefused("alice", "news", "a = 3", 1);
    charge("alice", "other", "a = 3", 1);
    charge("bob", "news", "a = 3", 1);
  }

  @Test
  void aSelectorCountsOnceHoweverManySubscribeWithIt() {
    List<ClientSubscription> all = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      all.add(charge("alice", "news", "a = 1", SelectorBudget.MAX_PER_USER));
      all.add(charge("user" + i, "news", "a = 1", SelectorBudget.MAX_PER_USER));
    }
    assertRefused("alice", "news", "a = 2", 1);
    all.forEach(budget::left);
    all.forEach(budget::left);
    budget.closed(all.get(0).key());
    assertThat(budget.isEmpty()).isTrue();
  }

  @Test
  void allUsersTogetherHaveABoundToo() {
    int users = SelectorBudget.MAX_PER_TOPIC / SelectorBudget.MAX_PER_USER;
    for (int i = 0; i < users; i++) {
      charge("user" + i, "news", "a = " + i, SelectorBudget.MAX_PER_USER);
    }
    assertRefused("late", "news", "b = 1", 1);
    // It shares what is there, which costs the broker nothing.
    charge("late", "news", "a = 0", SelectorBudget.MAX_PER_USER);
  }

  @Test
  void patternsThatCanOverlapHaveOneBound() {
    charge("alice", "prices/**", "a = 1", SelectorBudget.MAX_PER_USER - 1);
    charge("alice", "prices/*/x", "a = 1", 1);
    assertRefused("alice", "prices/eu/*", "a = 1", 1);
    charge("alice", "chat/*", "a = 1", 1);
    charge("alice", "prices/eu/x", "a = 1", 1);
  }

  @Test
  void whatLingersCountsForWhoHadItLast() {
    ClientSubscription alices = charge("alice", "news", "a = 1", SelectorBudget.MAX_PER_USER);
    ClientSubscription bobs = charge("bob", "news", "a = 1", SelectorBudget.MAX_PER_USER);
    budget.left(alices);
    end(charge("alice", "news", "a = 2", SelectorBudget.MAX_PER_USER));
    budget.left(bobs);
    assertRefused("bob", "news", "a = 3", 1);
    // Whoever takes it up pays for it from now on.
    ClientSubscription carols = charge("carol", "news", "a = 1", SelectorBudget.MAX_PER_USER);
    end(charge("bob", "news", "a = 3", 1));
    end(carols);
    assertThat(budget.isEmpty()).isTrue();
  }

  @Test
  void aLateCloseTakesNothingFromASubscriptionThatCameMeanwhile() {
    ClientSubscription first = charge("alice", "news", "a = 1", 5);
    budget.left(first);
    ClientSubscription second = charge("alice", "news", "a = 1", 5);
    budget.closed(first.key());
    assertRefused("alice", "news", "a = 2", SelectorBudget.MAX_PER_USER - 4);
    end(second);
    assertThat(budget.isEmpty()).isTrue();
  }
}
