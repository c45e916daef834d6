package io.longspan.chaos;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** All that is known of one client; for all threads. */
final class ClientRecord {
  private final String name;
  private final RunClock clock;
  private final EventLog session;
  private final RequestBook requests;
  private final Map<ChaosTopic, Journal> journals = new ConcurrentHashMap<>();
  private final List<Finding> findings = Collections.synchronizedList(new ArrayList<>());
  private final AtomicInteger resumed = new AtomicInteger();
  private final AtomicInteger notResumed = new AtomicInteger();

  ClientRecord(
      String name,
      RunClock clock,
      Outages outages,
      Outages clockSteps,
      Outages doors,
      Map<String, Strangeness> answers) {
    this.name = name;
    this.clock = clock;
    this.session = new EventLog(clock);
    this.requests = new RequestBook(outages, clockSteps, doors, answers);
  }

  String name() {
    return name;
  }

  RunClock clock() {
    return clock;
  }

  /** Returns what happened to its sessions. */
  EventLog session() {
    return session;
  }

  RequestBook requests() {
    return requests;
  }

  /** Returns what it was told of a topic. */
  Journal journal(ChaosTopic topic) {
    return journals.computeIfAbsent(topic, t -> new Journal());
  }

  Map<ChaosTopic, Journal> journals() {
    return new TreeMap<>(journals);
  }

  /** Notes the answer to an attempt to resume. */
  void resumed(boolean success) {
    (success ? resumed : notResumed).incrementAndGet();
  }

  int resumedCount() {
    return resumed.get();
  }

  int notResumedCount() {
    return notResumed.get();
  }

  /** Notes what nothing can explain later. */
  void find(Finding.Kind kind, String subject, String text) {
    findings.add(new Finding(kind, subject, clock.now(), 0, text));
  }

  /** Returns what cannot be explained any more, of topics apart. */
  List<Finding> findings() {
    return List.copyOf(findings);
  }
}
