package io.longspan.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The client of the chaos run neither hides a fault of the bridge nor makes one up. */
final class ClientInboxTest {
  private final RunClock clock = new RunClock();
  private final ClientRecord record =
      new ClientRecord("client", clock, new Outages(), new Outages(), new Outages(), Map.of());
  private final List<String> controls = new ArrayList<>();
  private final ClientInbox inbox =
      new ClientInbox(record, (id, data) -> controls.add(id), topic -> {});

  private static Map<String, Object> message(int seq, int number) {
    return Map.of(
        "seq",
        seq,
        "properties",
        Map.of(
            "type",
            "topicMessage",
            "topic",
            ChaosTopic.KEPT.logicalName(),
            "JMSMessageID",
            "id-" + number,
            "number",
            number));
  }

  private List<Integer> delivered() {
    return record.journal(ChaosTopic.KEPT).entries().stream()
        .filter(JournalEntry.Delivered.class::isInstance)
        .map(entry -> ((JournalEntry.Delivered) entry).number())
        .toList();
  }

  @Test
  void whatComesBeforeAReplayWaitsForIt() {
    inbox.restart(Map.of("seq", 1));
    inbox.receive(message(2, 1));
    inbox.hold();
    inbox.receive(message(4, 3));
    inbox.receive(message(3, 2));
    inbox.receive(message(4, 3));
    assertThat(delivered()).containsExactly(1);
    inbox.resume();
    assertThat(delivered()).containsExactly(1, 2, 3);
    assertThat(record.journal(ChaosTopic.KEPT).entries())
        .filteredOn(JournalEntry.Unconfirmed.class::isInstance)
        .extracting(entry -> ((JournalEntry.Unconfirmed) entry).messages())
        .containsExactly(2);
    assertThat(inbox.lastSeq()).isEqualTo(4);
    assertThat(record.findings()).isEmpty();
  }

  @Test
  void aRepetitionOutsideAReplayIsFound() {
    inbox.restart(Map.of("seq", 1));
    inbox.receive(message(2, 1));
    inbox.receive(message(2, 1));
    assertThat(record.findings())
        .extracting(Finding::kind)
        .containsExactly(Finding.Kind.SEQ_WENT_BACK);
  }

  @Test
  void whatWasHeldOfASessionThatIsNotResumedIsNotKnown() {
    inbox.restart(Map.of("seq", 1));
    inbox.receive(message(2, 1));
    inbox.hold();
    inbox.receive(message(9, 8));
    inbox.restart(Map.of("seq", 1));
    assertThat(delivered()).containsExactly(1);
    assertThat(inbox.lastId(ChaosTopic.KEPT)).contains("id-1");
  }
}
