package io.longspan.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.access.AccessPolicy;
import io.longspan.access.RightsChange;
import io.longspan.access.SendGrant;
import io.longspan.access.TopicGrant;
import io.longspan.budget.MemoryBudget;
import io.longspan.budget.Purpose;
import io.longspan.identity.Identity;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.ControlCommand;
import io.longspan.protocol.DestinationName;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** Control messages that wait for the ones before them are paid for by their user. */
final class WaitingCommandsTest {
  private static final int USER_BYTES = 1 << 20;

  private final CompletableFuture<TopicGrant> decision = new CompletableFuture<>();
  private final MemoryBudget memory = new MemoryBudget(1L << 30, USER_BYTES);
  private final FakeBroker broker = new FakeBroker();
  private final RecordingChannel channel = new RecordingChannel();
  private final BayeuxJMSBridge bridge =
      TestBridges.create(broker, new Undecided(), (task, delay) -> {}, () -> 0, memory);

  private final class Undecided implements AccessPolicy {
    @Override
    public CompletionStage<SendGrant> maySend(Identity identity, DestinationName name) {
      return new CompletableFuture<>();
    }

    @Override
    public CompletionStage<TopicGrant> maySubscribe(Identity identity, DestinationName name) {
      return decision;
    }

    @Override
    public CompletionStage<TopicGrant> mayStay(Identity identity, DestinationName name) {
      return decision;
    }

    @Override
    public boolean isCurrent(Identity identity, TopicGrant grant) {
      return true;
    }

    @Override
    public void changed(RightsChange change) {}
  }

  @Test
  void theyAreRefusedBeyondItsBudgetAndGiveEverythingBack() {
    ClientSession alice = bridge.join("c", new Identity("alice", Set.of()), channel);
    bridge.control(alice, new ControlCommand.Connect("1", Optional.empty()));
    List<String> topics = List.of("x".repeat(100), "y".repeat(100));
    String refusal = "too many bytes of this user's messages wait to be processed";
    int sent = 0;
    while (channel.texts().stream().noneMatch(text -> text.contains(refusal)) && sent < 1_000) {
      bridge.control(
          alice,
          new ControlCommand.TopicSubscribe("s-" + ++sent, topics, Optional.empty(), Map.of()));
    }
    assertThat(sent).isLessThan(1_000);
    assertThat(memory.used(Purpose.INBOUND)).isBetween(USER_BYTES / 2L, (long) USER_BYTES);

    decision.completeExceptionally(BridgeException.notAuthorized());
    assertThat(memory.used(Purpose.INBOUND)).isZero();
    String last = "\"s-" + (sent - 1) + '"';
    assertThat(channel.texts()).anyMatch(text -> text.contains(last));
  }
}
