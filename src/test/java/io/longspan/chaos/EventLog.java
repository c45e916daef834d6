package io.longspan.chaos;

import java.util.ArrayList;
import java.util.List;

/** What happened when; for all threads. */
final class EventLog {
  private record Event(long at, String text) {}

  private final RunClock clock;
  private final List<Event> events = new ArrayList<>();

  EventLog(RunClock clock) {
    this.clock = clock;
  }

  synchronized void add(String text) {
    events.add(new Event(clock.now(), text));
  }

  /** Returns the lines of what happened in between. */
  synchronized List<String> between(long from, long to) {
    return events.stream()
        .filter(event -> event.at >= from && event.at <= to)
        .map(event -> RunClock.text(event.at) + "  " + event.text)
        .toList();
  }
}
