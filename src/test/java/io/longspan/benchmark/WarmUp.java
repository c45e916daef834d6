package io.longspan.benchmark;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/** How long a server is used before it is measured. */
final class WarmUp {
  private final Plan plan;
  private final Set<String> warm = new HashSet<>();

  WarmUp(Plan plan) {
    this.plan = plan;
  }

  /** Returns how long a workload is to run on a server before it is measured. */
  Duration before(String workload, ServerUnderLoad server) {
    return warm.add(workload + server.name()) ? plan.firstWarmUp() : plan.warmUp();
  }
}
