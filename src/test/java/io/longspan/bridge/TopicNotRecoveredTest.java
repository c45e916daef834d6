package io.longspan.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.budget.MemoryBudget;
import io.longspan.catalogue.TopicPolicy;
import io.longspan.identity.Identity;
import io.longspan.protocol.ControlCommand;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A client resumes topics at a bridge that does not know its last messages. */
final class TopicNotRecoveredTest {
  private final FakeBroker broker = new FakeBroker();
  private final RecordingChannel channel = new RecordingChannel();
  private boolean publishing;

  /** Delivers a message whenever the bridge reads the clock: also between two topics. */
  private long millis() {
    if (publishing) {
      publishing = false;
      for (FakeBroker.Opened consumer : broker.open("first")) {
        consumer.listener.accept(FakeBroker.text("first", "published meanwhile"));
      }
      publishing = true;
    }
    return 0;
  }

  @Test
  void theGapComesBeforeTheFirstMessage() {
    BayeuxJMSBridge bridge =
        TestBridges.create(
            broker,
            new GrantingPolicy(() -> TopicPolicy.DEFAULT),
            (task, delay) -> {},
            this::millis,
            new MemoryBudget(1L << 30, 1L << 30));
    bridge.start();
    broker.connect();
    ClientSession session = bridge.join("alice", new Identity("alice", Set.of()), channel);
    bridge.control(session, new ControlCommand.Connect("connect", Optional.empty()));
    channel.taken.clear();
    publishing = true;
    bridge.control(
        session,
        new ControlCommand.TopicSubscribe(
            "subscribe",
            List.of("first", "second"),
            Optional.empty(),
            Map.of("first", "ID:unknown", "second", "ID:unknown")));
    publishing = false;
    List<String> texts = channel.texts();
    assertThat(texts).anyMatch(text -> text.contains("published meanwhile"));
    assertThat(texts.get(0)).contains("notRecoverable", "first").doesNotContain("second");
    assertThat(texts).filteredOn(text -> text.contains("notRecoverable")).hasSize(2);
    assertThat(texts.get(texts.size() - 1)).contains("notRecoverable", "second");
  }
}
