package io.longspan.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Tells what is known about a finding: the message, its client and the events around it. */
final class Story {
  private static final long BEFORE = RunClock.nanos(Duration.ofSeconds(20));
  private static final long AFTER = RunClock.nanos(Duration.ofSeconds(12));
  private static final int ENTRIES_BEFORE = 8;
  private static final int ENTRIES_AFTER = 6;

  private final Ledger ledger;

  Story(Ledger ledger) {
    this.ledger = ledger;
  }

  /** Names one finding. */
  static String title(ClientRecord client, Finding finding) {
    return "%s: %s, %s: %s"
        .formatted(finding.kind(), client.name(), finding.subject(), finding.text());
  }

  /** Tells one finding's story, in lines. */
  String of(ClientRecord client, Finding finding) {
    List<String> lines = new ArrayList<>();
    long from = finding.at();
    lines.add(title(client, finding));
    var topic = ChaosTopic.of(finding.subject());
    if (topic.isPresent()) {
      Publications published = ledger.publications(topic.get());
      lines.add("  the message: " + published.text(finding.number()));
      if (finding.number() >= 1 && finding.number() <= published.last()) {
        from = Math.min(from, published.startedAt(finding.number()));
      }
      lines.add("  what the client was told of the topic:");
      around(client.journal(topic.get()).entries(), finding)
          .forEach(entry -> lines.add("    " + RunClock.text(entry.at()) + "  " + entry));
    } else {
      lines.add("  the request: " + client.requests().text(finding.subject()));
    }
    long to = finding.at() == Long.MAX_VALUE ? Long.MAX_VALUE : finding.at() + AFTER;
    lines.add("  the client's sessions:");
    client.session().between(from - BEFORE, to).forEach(line -> lines.add("    " + line));
    lines.add("  chaos:");
    ledger.chaos().between(from - BEFORE, to).forEach(line -> lines.add("    " + line));
    return String.join("\n", lines);
  }

  private static List<JournalEntry> around(List<JournalEntry> entries, Finding finding) {
    int here = 0;
    while (here < entries.size() && entries.get(here).at() < finding.at()) {
      here++;
    }
    return entries.subList(
        Math.max(0, here - ENTRIES_BEFORE), Math.min(entries.size(), here + ENTRIES_AFTER));
  }
}
