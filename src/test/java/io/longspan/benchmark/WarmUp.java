package io.longspan.benchmark;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * How long a server is used before it is measured: first gently, then as it is measured. On one
 * core the just-in-time compiler gets only the share of one thread among those that serve requests,
 * so a server that is busy from the beginning stays slow for minutes.
 */
final class WarmUp {
  private final Plan plan;

  /** By server: what it has been warmed up for since it was started. */
  private final Map<String, Set<String>> warm = new HashMap<>();

  /** The two parts, one after the other. */
  record Phases(Duration gently, Duration fully) {}

  WarmUp(Plan plan) {
    this.plan = plan;
  }

  /** Returns how long a workload is to run on a server before it is measured. */
  Phases before(String workload, ServerUnderLoad server) {
    boolean first = warm.computeIfAbsent(server.name(), name -> new HashSet<>()).add(workload);
    Duration all = first ? plan.firstWarmUp() : plan.warmUp();
    return new Phases(all.multipliedBy(3).dividedBy(4), all.dividedBy(4));
  }

  /** A server is a new process, which has to be warmed up anew. */
  void startedAgain(ServerUnderLoad server) {
    warm.remove(server.name());
  }
}
