package io.longspan.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The consumer of a topic of the bridge itself. */
final class OwnTopicTest {
  private static final String NAME = "bridge/presence";

  private final FakeBroker broker = new FakeBroker();
  private final List<Boolean> heard = new ArrayList<>();
  private final OwnTopic topic =
      new OwnTopic(
          NAME,
          "bridge-1",
          broker,
          new Reopenings(new ManualScheduler(), BridgeMetrics.NONE),
          message -> {},
          heard::add);

  @Test
  void aTopicThatIsOpenedTwiceHasOneConsumer() {
    topic.open();
    assertThat(topic.open()).isCompletedWithValue(true);
    assertThat(broker.open(NAME)).hasSize(1);
    assertThat(heard).containsExactly(true);
  }

  @Test
  void ofTwoConsumersThatAreBeingOpenedTheFirstIsClosed() {
    broker.completeAtOnce = false;
    topic.open();
    topic.open();
    List<FakeBroker.Opened> both = broker.open(NAME);
    assertThat(both).hasSize(2);
    both.forEach(each -> each.opening.complete(each));
    assertThat(broker.open(NAME)).containsExactly(both.get(1));
    assertThat(heard).containsExactly(true);
  }

  @Test
  void aTopicHasAnotherConsumerOnANewConnection() {
    topic.open();
    broker.open(NAME).forEach(each -> each.closed = true);
    topic.connectionLost();
    assertThat(topic.isHeard()).isFalse();
    topic.open();
    assertThat(broker.open(NAME)).hasSize(1);
    assertThat(topic.isHeard()).isTrue();
  }
}
