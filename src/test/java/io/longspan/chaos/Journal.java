package io.longspan.chaos;

import java.util.ArrayList;
import java.util.List;

/** What one client was told of one topic; for all threads. */
final class Journal {
  private final List<JournalEntry> entries = new ArrayList<>();

  synchronized void add(JournalEntry entry) {
    entries.add(entry);
  }

  synchronized List<JournalEntry> entries() {
    return List.copyOf(entries);
  }

  synchronized long delivered() {
    return entries.stream().filter(JournalEntry.Delivered.class::isInstance).count();
  }
}
