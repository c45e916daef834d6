package io.longspan.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run leaves, and what a plan has. */
final class RunReportTest {
  private static final Plan PLAN = Plan.ofProperties(new Properties());

  @TempDir private Path folder;

  private JsonNode read() throws IOException {
    return new ObjectMapper().readTree(folder.resolve(RunReport.FILE).toFile());
  }

  @Test
  void aRunThatIsKilledLeavesEachFigureThatItHasMeasured() throws IOException {
    RunReport report = new RunReport(folder, PLAN);
    Results results = new Results(report::write);
    results.add("W2: CPU, µs/request", "bridge", 90);
    results.add("W2: CPU, µs/request", "L1", 60);
    results.add("W2: CPU, µs/request", "bridge", 50);
    assertThat(read().path("state").asText()).isEqualTo("running");
    assertThat(read().path("figures").path(0).path("rounds"))
        .extracting(JsonNode::asDouble)
        .containsExactly(90.0, 50.0);
    assertThat(read().path("plan").path("rounds").asInt()).isEqualTo(3);
    assertThat(read().path("machine").path("processors").asInt()).isPositive();
    JsonNode ratio = read().path("ratiosOfBridge").path(0);
    assertThat(ratio.path("server").asText()).isEqualTo("L1");
    assertThat(ratio.path("rounds")).extracting(JsonNode::asDouble).containsExactly(1.5);
  }

  @Test
  void aRunThatFailsSaysWhy() throws IOException {
    RunReport report = new RunReport(folder, PLAN);
    report.failed(new IllegalStateException("clients do not get ready"), new Results());
    assertThat(read().path("state").asText()).isEqualTo("failed");
    assertThat(read().path("failure").asText()).contains("clients do not get ready");
  }

  @Test
  void aRatioIsOfTheSameRoundAndItsRangeIsShown() {
    Map<String, List<Double>> byServer =
        Map.of("bridge", List.of(2.0, 6.0, 9.0), "L1", List.of(1.0, 2.0, 3.0));
    Rounds ratios = Rounds.ratios(byServer, "L1").orElseThrow();
    assertThat(ratios.values()).containsExactly(2.0, 3.0, 3.0);
    assertThat(ratios.median()).isEqualTo(3);
    Results results = new Results();
    byServer.forEach((server, values) -> values.forEach(v -> results.add("x", server, v)));
    assertThat(results.table()).contains("| x | 3.00 (2.00 to 3.00) | 6.00 (2.00 to 9.00) |");
  }

  @Test
  void theShortPlanHasEveryWorkloadAndOneRound() {
    Properties given = new Properties();
    given.setProperty("benchmark.plan", "short");
    given.setProperty("benchmark.measured", "5");
    given.setProperty("benchmark.warmUp", "${benchmark.warmUp}");
    Plan plan = Plan.ofProperties(given);
    assertThat(plan.workloads()).contains("w1", "w1b", "w2", "w2b", "w2c", "w2l", "w3", "w4", "w5");
    assertThat(plan.rounds()).isOne();
    assertThat(plan.measured()).hasSeconds(5);
    assertThat(plan.warmUp()).hasSeconds(8);
  }
}
