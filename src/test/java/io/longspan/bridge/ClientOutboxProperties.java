package io.longspan.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.budget.MemoryBudget;
import io.longspan.budget.Purpose;
import io.longspan.catalogue.TopicPolicy.SlowConsumer;
import io.longspan.config.LongspanConfig.Limits;
import io.longspan.protocol.BrokerMessage;
import io.longspan.protocol.Payload;
import io.longspan.protocol.PayloadEncoder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/**
 * Random sequences of append, take, lose, attach, resume, acknowledge, shed and close, while
 * messages expire, some are too large, and subscriptions are suspended and confirmed.
 */
final class ClientOutboxProperties {
  private static final int ROOM = 12;
  private static final int MAX_BYTES = 10_000;

  /** A count of what was lost of a topic, or the loss of one message to this client alone. */
  private static final Pattern LOST = Pattern.compile("\"lost\":(\\d+)|\"topics\":\\[\\]");

  /** One client with two topics that may drop, and what the test knows of its messages. */
  private static final class Run {
    private final MemoryBudget memory = new MemoryBudget(1L << 30, 1L << 30);
    private final RecordingChannel first = new RecordingChannel();
    private final PayloadEncoder encoder = new PayloadEncoder();
    private long now;
    private final ClientSession session =
        TestClients.session("alice", first, limits(), memory, () -> now);
    private final ConnectedClient client = TestClients.connected(session);
    private final ClientOutbox outbox = client.outbox();
    private final ClientSubscription feed = subscription("feed/a", SlowConsumer.DROP_OLDEST);
    private final ClientSubscription prices = subscription("prices/a", SlowConsumer.LATEST);
    private final ClientSubscription chat = subscription("chat/a", SlowConsumer.QUEUE);
    private final List<RecordingChannel> channels = new ArrayList<>(List.of(first));
    private final Set<Long> seen = new HashSet<>();
    private RecordingChannel channel = first;
    private boolean lostEnded;
    private boolean unknownLoss;
    private long appended;

    Run() {
      first.stalled = true;
    }

    private static Limits limits() {
      return TestClients.limits(ROOM, MAX_BYTES);
    }

    private ClientSubscription subscription(String topic, SlowConsumer policy) {
      return TestClients.subscription(client, topic, policy);
    }

    private void append(ClientSubscription subscription) {
      Payload payload = Payload.ofObject("{\"body\":\"m" + ++appended + "\"}");
      outbox.append(
          subscription == prices ? payload.about("s" + appended % 3) : payload, subscription);
    }

    /** A message of the broker, that expires or is too large. */
    private void append(ClientSubscription subscription, boolean tooLarge) {
      String body = "m" + ++appended + (tooLarge ? "x".repeat(MAX_BYTES) : "");
      BrokerMessage message =
          new BrokerMessage("n", Map.of(), body, null, Optional.empty(), now + 1, false);
      outbox.append(encoder.encode(message, Optional.empty()), subscription);
    }

    private boolean isEnded() {
      return lostEnded || channels.stream().anyMatch(one -> one.ended != null);
    }

    private void step(int step) {
      switch (step) {
        case 0, 1 -> append(null);
        case 2, 3 -> append(feed);
        case 4, 5 -> append(prices);
        case 6 -> append(chat);
        case 7 -> take();
        case 8 -> {
          channel = null;
          outbox.suspend(() -> lostEnded = true);
        }
        case 9 -> attach();
        case 10 -> outbox.rewind(seen.stream().mapToLong(Long::longValue).max().orElse(0));
        case 11 -> outbox.acknowledge(seen.stream().mapToLong(Long::longValue).max().orElse(0));
        case 12 -> outbox.dropDroppable();
        case 13 -> append(null, false);
        case 14 -> append(feed, false);
        case 15 -> append(chat, false);
        case 16 -> append(null, true);
        case 17 -> append(prices, true);
        case 18 -> now++;
        case 19 -> chat.suspend();
        case 20 -> resume(chat);
        case 21 -> feed.suspend();
        case 22 -> resume(feed);
        case 23 -> chat.keepNoLonger();
        default -> throw new IllegalArgumentException();
      }
    }

    private void resume(ClientSubscription subscription) {
      if (!outbox.resume(subscription)) {
        subscription.resumeAfterLoss(() -> unknownLoss = true);
      }
    }

    private void attach() {
      channel = new RecordingChannel();
      channel.stalled = true;
      channels.add(channel);
      outbox.resumeOn(channel);
    }

    private void take() {
      if (channel != null) {
        channel.take().forEach(message -> seen.add(message.seq()));
      }
    }
  }

  /** Every message is delivered once, announced as lost, or its client is ended. */
  @Property
  void nothingIsDroppedWithoutNotice(
      @ForAll @Size(max = 150) List<@IntRange(max = 23) Integer> steps) {
    Run run = new Run();
    steps.forEach(run::step);
    run.resume(run.chat);
    run.resume(run.feed);
    run.attach();
    run.take();
    if (run.isEnded()) {
      return;
    }
    List<Outgoing> taken = run.channels.stream().flatMap(c -> c.taken.stream()).toList();
    Set<String> delivered = new HashSet<>();
    long announced = 0;
    Set<Long> numbers = new HashSet<>();
    for (Outgoing message : taken) {
      if (numbers.add(message.seq())) {
        String text = message.payload().members();
        Matcher lost = LOST.matcher(text);
        if (!lost.find()) {
          assertThat(delivered.add(text)).as(text).isTrue();
        } else {
          do {
            announced += lost.group(1) == null ? 1 : Long.parseLong(lost.group(1));
          } while (lost.find());
        }
      }
    }
    if (run.unknownLoss) {
      assertThat(delivered.size() + announced).isLessThanOrEqualTo(run.appended);
    } else {
      assertThat(delivered.size() + announced).isEqualTo(run.appended);
    }
    for (RecordingChannel one : run.channels) {
      assertThat(one.numbers()).isSorted();
    }
  }

  /** The accounts hold what the outbox holds, and nothing once its client has ended. */
  @Property
  void memoryIsChargedAsItIsHeldAndReleasedInTheEnd(
      @ForAll @Size(max = 150) List<@IntRange(max = 23) Integer> steps) {
    Run run = new Run();
    for (int step : steps) {
      run.step(step);
      assertThat(run.memory.user("alice").used()).isEqualTo(run.outbox.heldBytes());
    }
    assertThat(run.memory.used(Purpose.OUTBOX)).isLessThanOrEqualTo(run.outbox.heldBytes());
    run.outbox.close(run.channel);
    assertThat(run.memory.user("alice").used()).isZero();
    assertThat(run.memory.process().used()).isZero();
    run.append(null);
    assertThat(run.memory.process().used()).isZero();
  }
}
