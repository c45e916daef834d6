package io.longspan.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.catalogue.TopicPolicy.SlowConsumer;
import io.longspan.protocol.Payload;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class ClientOutboxTest {
  private static final int ROOM = 20;

  private final RecordingChannel channel = new RecordingChannel();
  private final ClientSession session =
      TestClients.session("alice", channel, TestClients.limits(ROOM, 10_000), Runnable::run);
  private final ConnectedClient client = TestClients.connected(session);
  private final ClientOutbox outbox = client.outbox();

  private static Payload payload(Object text) {
    return Payload.ofObject("{\"body\":\"" + text + "\"}");
  }

  private void deliver(int count) {
    for (int i = 0; i < count; i++) {
      outbox.deliver(payload(i));
    }
  }

  private ClientSubscription subscription(String topic, SlowConsumer policy) {
    return TestClients.subscription(client, topic, policy);
  }

  private List<Long> takenNumbers() {
    return channel.take().stream().map(Outgoing::seq).toList();
  }

  private static List<Long> numbers(long from, long to) {
    return LongStream.rangeClosed(from, to).boxed().toList();
  }

  @Test
  void messagesAreNumberedInOrder() {
    deliver(3);
    assertThat(channel.numbers()).containsExactly(1L, 2L, 3L);
    assertThat(channel.texts())
        .containsExactly("\"body\":\"0\"", "\"body\":\"1\"", "\"body\":\"2\"");
  }

  @Test
  void anotherChannelThanTheOneInForceGetsNothing() {
    channel.stalled = true;
    deliver(1);
    assertThat(outbox.take(new RecordingChannel())).isEmpty();
    assertThat(takenNumbers()).containsExactly(1L);
  }

  @Test
  void whatFollowedANumberComesAgainOnceAndBeforeWhatIsNewer() {
    deliver(5);
    channel.stalled = true;
    deliver(2);
    assertThat(outbox.rewind(3)).isTrue();
    deliver(1);
    assertThat(takenNumbers()).isEqualTo(numbers(4, 8));
    assertThat(takenNumbers()).isEmpty();
  }

  @Test
  void aClientMayHaveGotMoreThanAnEarlierRewindPutBack() {
    deliver(5);
    channel.stalled = true;
    assertThat(outbox.rewind(1)).isTrue();
    assertThat(outbox.rewind(3)).isTrue();
    assertThat(takenNumbers()).isEqualTo(numbers(4, 5));
  }

  @Test
  void whatIsPutBackComesAgainAndWhatWasTakenBeforeItIsStillKept() {
    deliver(4);
    channel.stalled = true;
    deliver(1);
    outbox.putBack(2);
    assertThat(takenNumbers()).isEqualTo(numbers(3, 5));
    assertThat(outbox.rewind(0)).isTrue();
    outbox.putBack(2);
    assertThat(takenNumbers()).isEqualTo(numbers(1, 5));
  }

  @Test
  void whatWasAcknowledgedIsGoneAndWhatNeverWasCannotHaveBeenSeen() {
    deliver(5);
    outbox.acknowledge(3);
    assertThat(outbox.rewind(6)).isFalse();
    // It was on its way when the client acknowledged more.
    assertThat(outbox.rewind(2)).isTrue();
    assertThat(channel.numbers()).endsWith(4L, 5L);
  }

  @Test
  void whatWasTakenLastIsKeptAndWhatWasTakenBeforeIsBounded() {
    channel.stalled = true;
    deliver(ROOM);
    takenNumbers();
    assertThat(outbox.rewind(0)).isTrue();
    assertThat(takenNumbers()).isEqualTo(numbers(1, ROOM));
    deliver(1);
    takenNumbers();
    assertThat(outbox.rewind(ROOM - ROOM / 4)).isFalse();
    assertThat(outbox.rewind(ROOM + 1 - ROOM / 4)).isTrue();
  }

  @Test
  void aClientThatLagsTooFarIsEndedAndWhatWasPutBackIsNoLag() {
    deliver(ROOM / 4);
    channel.stalled = true;
    outbox.rewind(0);
    deliver(ROOM);
    assertThat(channel.ended).isNull();
    deliver(1);
    assertThat(channel.ended).isEqualTo("slowConsumer");
    assertThat(outbox.rewind(0)).isFalse();
  }

  @Test
  void tooManyBytesAreALagToo() {
    channel.stalled = true;
    outbox.deliver(payload("x".repeat(10_000)));
    assertThat(channel.ended).isEqualTo("slowConsumer");
  }

  @Test
  void theOldestMessagesOfATopicMakeRoomAndTheLossIsCounted() {
    ClientSubscription feed = subscription("feed/a", SlowConsumer.DROP_OLDEST);
    channel.stalled = true;
    deliver(2);
    for (int i = 0; i < 3 * ROOM; i++) {
      outbox.deliver(payload("f" + i), feed);
    }
    assertThat(channel.ended).isNull();
    channel.take();
    List<String> texts = channel.texts();
    long left = texts.stream().filter(text -> text.contains("\"body\":\"f")).count();
    assertThat(texts).startsWith("\"body\":\"0\"", "\"body\":\"1\"");
    assertThat(texts.get(texts.size() - 1)).contains("f" + (3 * ROOM - 1));
    assertThat(texts)
        .filteredOn(text -> text.contains("gap"))
        .containsExactly(
            "\"type\":\"gap\",\"topics\":[{\"topic\":\"feed/a\",\"lost\":"
                + (3 * ROOM - left)
                + "}],\"reason\":\"slowConsumer\"");
    assertThat(channel.numbers()).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void anAnswerTakesTheRoomOfTopicMessagesAndIsNeverDropped() {
    ClientSubscription feed = subscription("feed/a", SlowConsumer.DROP_OLDEST);
    channel.stalled = true;
    for (int i = 0; i < ROOM; i++) {
      outbox.deliver(payload("f" + i), feed);
    }
    deliver(5);
    assertThat(channel.ended).isNull();
    channel.take();
    assertThat(channel.texts()).contains("\"body\":\"0\"", "\"body\":\"4\"");
  }

  @Test
  void ofATopicWithLatestTheNewestOfEachKeyStays() {
    ClientSubscription prices = subscription("prices/a", SlowConsumer.LATEST);
    channel.stalled = true;
    for (int i = 0; i < 50 * ROOM; i++) {
      String symbol = i == 0 ? "rare" : "s" + i % 3;
      outbox.deliver(payload(symbol + "=" + i).about(symbol), prices);
    }
    channel.take();
    assertThat(channel.texts())
        .anyMatch(text -> text.contains("rare=0"))
        .anyMatch(text -> text.contains("=" + (50 * ROOM - 1)))
        .anyMatch(text -> text.contains("=" + (50 * ROOM - 2)))
        .anyMatch(text -> text.contains("=" + (50 * ROOM - 3)));
    long left = channel.texts().stream().filter(text -> text.contains("=")).count();
    assertThat(channel.texts())
        .filteredOn(text -> text.contains("gap"))
        .singleElement()
        .asString()
        .contains("\"lost\":" + (50 * ROOM - left));
  }

  @Test
  void aTakenAnnouncementIsFollowedByAnotherOneForLaterLosses() {
    ClientSubscription feed = subscription("feed/a", SlowConsumer.DROP_OLDEST);
    channel.stalled = true;
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < ROOM + 1; i++) {
        outbox.deliver(payload("f"), feed);
      }
      channel.take();
    }
    assertThat(channel.texts()).filteredOn(text -> text.contains("gap")).hasSize(2);
  }

  @Test
  void whatWasRevokedIsNotTakenNorTakenAgain() {
    ClientSubscription chat = subscription("chat/a", SlowConsumer.QUEUE);
    outbox.deliver(payload("seen"), chat);
    channel.stalled = true;
    outbox.deliver(payload("waiting"), chat);
    chat.revoke();
    outbox.discardUndeliverable();
    assertThat(outbox.waitingMessages()).isZero();
    assertThat(outbox.waitingBytes()).isZero();
    outbox.rewind(0);
    assertThat(channel.take()).isEmpty();
  }

  @Test
  void aSessionThatTakesAClientOverLosesNothingOfItsOwn() {
    RecordingChannel later = new RecordingChannel();
    ClientSession next =
        TestClients.session("alice", later, TestClients.limits(ROOM, 10_000), Runnable::run);
    later.stalled = true;
    next.outbox().deliver(payload("refusal"));
    ClientOutbox before = next.outbox();
    deliver(3);
    outbox.suspend(() -> {});
    outbox.rewind(1);
    next.use(client);
    before.deliver(payload("late"));
    later.take();
    assertThat(later.numbers()).isEqualTo(numbers(2, 5));
    assertThat(later.texts()).endsWith("\"body\":\"refusal\"", "\"body\":\"late\"");
  }

  @Test
  void anOutboxThatOverflowsWhileItsClientIsAwayEndsTheClientThatComesBack() {
    outbox.suspend(() -> {});
    deliver(ROOM + 1);
    RecordingChannel next = new RecordingChannel();
    outbox.resumeOn(next);
    assertThat(next.ended).isEqualTo("slowConsumer");
    assertThat(outbox.heldBytes()).isZero();
  }

  /** A ratio: with a search through what waits it would be about a thousand. */
  @Test
  void makingRoomCostsTheSameWhateverElseWaits() {
    double few = Double.MAX_VALUE;
    double many = Double.MAX_VALUE;
    for (int round = 0; round < 5; round++) {
      few = Math.min(few, nanosPerDrop(10));
      many = Math.min(many, nanosPerDrop(10_000));
    }
    assertThat(many / few).isLessThan(30);
  }

  private static double nanosPerDrop(int others) {
    int room = 20_000;
    int appended = 5_000;
    RecordingChannel away = new RecordingChannel();
    away.stalled = true;
    ConnectedClient hoarder =
        TestClients.connected(
            TestClients.session(
                "alice", away, TestClients.limits(room, 100_000_000), Runnable::run));
    ClientSubscription feed = TestClients.subscription(hoarder, "feed/a", SlowConsumer.DROP_OLDEST);
    Payload payload = payload("x");
    for (int i = 0; i < others; i++) {
      hoarder.outbox().append(payload, null);
    }
    for (int i = others; i < room; i++) {
      hoarder.outbox().append(payload, feed);
    }
    long begin = System.nanoTime();
    for (int i = 0; i < appended; i++) {
      hoarder.outbox().append(payload, feed);
    }
    return (double) (System.nanoTime() - begin) / appended;
  }

  @Test
  void recoveredMessagesDoNotCountAgainstTheLimits() {
    channel.stalled = true;
    ClientSubscription news = subscription("chat/news", SlowConsumer.QUEUE);
    for (int i = 0; i < 3 * ROOM; i++) {
      outbox.appendRecovered(payload(i), news);
    }
    deliver(ROOM);
    assertThat(outbox.waitingMessages()).isEqualTo(4 * ROOM);
    assertThat(channel.ended).isNull();
    outbox.deliver(payload("one too many"));
    assertThat(channel.ended).isEqualTo("slowConsumer");
  }
}
