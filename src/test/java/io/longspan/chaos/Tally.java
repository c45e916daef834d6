package io.longspan.chaos;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The table at the end of a run. */
final class Tally {
  private final String title;
  private final Map<String, Object> rows = new LinkedHashMap<>();

  Tally(String title) {
    this.title = title;
  }

  /** Adds a row. */
  Tally row(String name, Object value) {
    rows.put(name, value);
    return this;
  }

  /** Adds what a ledger counts. */
  Tally ledger(Ledger ledger, int unexplained) {
    int published =
        Stream.of(ChaosTopic.values()).mapToInt(topic -> ledger.publications(topic).last()).sum();
    row("messages published", published);
    row("deliveries", sum(ledger, JournalEntry.Delivered.class));
    row("losses announced", losses(ledger));
    row("losses that clients know of by themselves", sum(ledger, JournalEntry.Broken.class));
    row("requests by outcome", requests(ledger, false));
    row("messages to full queues by outcome", requests(ledger, true));
    row("losses of a right", sum(ledger, JournalEntry.Revoked.class));
    row("answers too late", ledger.clients().stream().mapToInt(c -> c.requests().late()).sum());
    row("sessions resumed", ledger.clients().stream().mapToInt(ClientRecord::resumedCount).sum());
    row(
        "sessions not resumed",
        ledger.clients().stream().mapToInt(ClientRecord::notResumedCount).sum());
    return row("unexplained", unexplained);
  }

  private static long sum(Ledger ledger, Class<? extends JournalEntry> kind) {
    return entries(ledger).filter(kind::isInstance).count();
  }

  private static Stream<JournalEntry> entries(Ledger ledger) {
    return ledger.clients().stream()
        .flatMap(client -> client.journals().values().stream())
        .map(Journal::entries)
        .flatMap(List::stream);
  }

  private static Map<String, String> losses(Ledger ledger) {
    Map<String, long[]> byReason = new TreeMap<>();
    entries(ledger)
        .filter(JournalEntry.Gap.class::isInstance)
        .map(JournalEntry.Gap.class::cast)
        .forEach(
            gap -> {
              long[] counts = byReason.computeIfAbsent(gap.reason(), reason -> new long[3]);
              counts[0]++;
              counts[1] += gap.lost().orElse(0);
              counts[2] += gap.lost().isEmpty() ? 1 : 0;
            });
    Map<String, String> texts = new TreeMap<>();
    byReason.forEach(
        (reason, counts) ->
            texts.put(
                reason,
                "%d gaps, %d messages counted, %d gaps without a count"
                    .formatted(counts[0], counts[1], counts[2])));
    return texts;
  }

  private static Map<Request.Outcome, Integer> requests(Ledger ledger, boolean filling) {
    Map<Request.Outcome, Integer> all = new TreeMap<>();
    for (ClientRecord client : ledger.clients()) {
      client
          .requests()
          .outcomes(filling)
          .forEach((outcome, n) -> all.merge(outcome, n, Integer::sum));
    }
    return all;
  }

  @Override
  public String toString() {
    StringBuilder table = new StringBuilder(title).append('\n');
    rows.forEach((name, value) -> table.append("  %-42s %s%n".formatted(name, value)));
    return table.toString();
  }
}
