package io.longspan.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.access.TopicGrant;
import io.longspan.budget.MemoryBudget;
import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.TopicPolicy;
import io.longspan.protocol.DestinationName;
import io.longspan.protocol.PayloadEncoder;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a pattern delivers while catalogues change. */
final class MatchedTopicsTest {
  private final FakeBroker broker = new FakeBroker();
  private final RecordingChannel channel = new RecordingChannel();
  private final TopicSubscriptions subscriptions =
      new TopicSubscriptions(
          BridgeBrokers.only(broker, new Reopenings((task, delay) -> {}, BridgeMetrics.NONE)),
          TestClients.quota(),
          new PayloadEncoder(),
          BridgeMetrics.NONE,
          (task, delay) -> {},
          () -> 0,
          new MemoryBudget(1L << 30, 1L << 30),
          100,
          client -> {});
  private Object revision = "first";
  private boolean secretIsCovered = true;
  private int decisions;

  private final TopicGrant.TopicNames names =
      new TopicGrant.TopicNames() {
        @Override
        public Optional<String> logicalNameOf(String jmsName) {
          decisions++;
          return jmsName.contains("secret") && !secretIsCovered
              ? Optional.empty()
              : Optional.of(jmsName.replace('.', '/'));
        }

        @Override
        public Object revision() {
          return revision;
        }
      };

  private void subscribe() {
    ConnectedClient client = TestClients.connected("alice", channel);
    TopicGrant grant =
        new TopicGrant(
            DestinationName.parsePattern("prices/**"),
            new BrokerDestination(BrokerDestination.Kind.TOPIC, "prices.*", true),
            names,
            TopicPolicy.DEFAULT,
            "",
            0,
            Long.MIN_VALUE);
    ClientSubscription subscription =
        new ClientSubscription(
            client, client.identity(), new TopicSubscriptions.Key(grant, Optional.empty()));
    subscriptions.join(subscription);
    subscriptions.begin(subscription, Optional.empty());
  }

  private void publish(String topic, String text) {
    broker.consumers.get(0).listener.accept(FakeBroker.text(topic, text));
  }

  private void reload(boolean covered) {
    secretIsCovered = covered;
    revision = new Object();
  }

  @Test
  void aTopicIsDecidedOnceForEachCatalogue() {
    subscribe();
    for (int i = 0; i < 100; i++) {
      publish("prices.open", "m" + i);
    }
    assertThat(channel.texts()).hasSize(100);
    assertThat(decisions).isEqualTo(1);
    reload(true);
    publish("prices.open", "m");
    publish("prices.open", "m");
    assertThat(decisions).isEqualTo(2);
  }

  @Test
  void whatAReloadUncoversIsDiscardedAndToldOnce() {
    subscribe();
    publish("prices.secret", "seen");
    channel.stalled = true;
    publish("prices.secret", "hidden");
    publish("prices.open", "open");
    reload(false);
    publish("prices.secret", "hidden too");
    subscriptions.discardUncovered();
    subscriptions.discardUncovered();
    channel.stalled = false;
    publish("prices.open", "open too");
    List<String> texts = channel.texts();
    assertThat(texts).noneMatch(text -> text.contains("hidden"));
    assertThat(texts).filteredOn(text -> text.contains("\"gap\"")).hasSize(1);
    assertThat(texts).anyMatch(text -> text.contains("open too"));
  }

  @Test
  void aReloadThatUncoversNothingIsNotTold() {
    subscribe();
    publish("prices.secret", "seen");
    publish("prices.open", "seen");
    reload(true);
    subscriptions.discardUncovered();
    assertThat(channel.texts()).hasSize(2);
  }
}
