package io.longspan.chaos;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What was sent, delivered and announced in a run; for all threads once it is built. */
final class Ledger {
  private final RunClock clock = new RunClock();
  private final Outages outages = new Outages();
  private final Outages clockSteps = new Outages();
  private final Outages doors = new Outages();
  private final Withdrawals withdrawals = new Withdrawals();
  private final Map<String, Strangeness> answers = new ConcurrentHashMap<>();
  private final Set<String> served = ConcurrentHashMap.newKeySet();
  private final EventLog chaos = new EventLog(clock);
  private final Map<ChaosTopic, Publications> publications = new EnumMap<>(ChaosTopic.class);
  private final List<ClientRecord> clients = new ArrayList<>();

  /** Makes an empty ledger of a number of clients. */
  Ledger(int clientCount) {
    for (ChaosTopic topic : ChaosTopic.values()) {
      publications.put(topic, new Publications());
    }
    for (int i = 1; i <= clientCount; i++) {
      clients.add(new ClientRecord("client-" + i, clock, outages, clockSteps, doors, answers));
    }
  }

  RunClock clock() {
    return clock;
  }

  Outages outages() {
    return outages;
  }

  /** Returns when a bridge's wall clock was wrong. */
  Outages clockSteps() {
    return clockSteps;
  }

  /**
   * Returns when clients could lose a bridge: links were cut or frozen, or it stood still or ended.
   */
  Outages doors() {
    return doors;
  }

  Withdrawals withdrawals() {
    return withdrawals;
  }

  /** Returns what is wrong with the service's answers, by request. */
  Map<String, Strangeness> answers() {
    return answers;
  }

  /** Returns the requests that the service has read. */
  Set<String> served() {
    return served;
  }

  /** Returns the log of what was done to bridges, broker and links. */
  EventLog chaos() {
    return chaos;
  }

  Publications publications(ChaosTopic topic) {
    return publications.get(topic);
  }

  List<ClientRecord> clients() {
    return clients;
  }

  /** Returns what nothing explains, by client; no clients without findings. */
  Map<ClientRecord, List<Finding>> audit() {
    Map<ClientRecord, List<Finding>> all = new LinkedHashMap<>();
    for (ClientRecord client : clients) {
      List<Finding> findings = new ArrayList<>(client.findings());
      findings.addAll(client.requests().findings());
      findings.addAll(client.requests().servedAfterAll(served));
      client
          .journals()
          .forEach(
              (topic, journal) -> {
                List<JournalEntry> entries = journal.entries();
                findings.addAll(
                    TopicAudit.of(topic.logicalName(), publications.get(topic), outages, entries));
                findings.addAll(DeliveryAudit.of(topic, this, entries));
              });
      if (!findings.isEmpty()) {
        all.put(client, findings);
      }
    }
    return all;
  }
}
