package io.longspan.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The benchmark itself works, with few clients and for a moment: its figures mean nothing here. */
@Timeout(300)
final class BenchmarkIT {
  private static final List<String> TRANSPORTS = List.of("WebSocket", "long polling");

  @Test
  void everyWorkloadRunsAndLosesNothing(@TempDir Path folder) throws IOException {
    Plan plan =
        new Plan(
            BenchmarkBroker.ACTIVEMQ,
            List.of("w1", "w1b", "w2", "w2b", "w2l", "w4"),
            1,
            Duration.ofMillis(200),
            Duration.ofMillis(200),
            Duration.ofSeconds(1),
            Duration.ZERO,
            10,
            0.02);

    Results results = new Benchmark(plan, folder).run();

    for (String transport : TRANSPORTS) {
      for (String server : List.of("bridge", "L1")) {
        for (String workload : List.of("W1 ", "W1b ")) {
          String prefix = workload + transport + " at 25,000/s: ";
          assertThat(results.of(prefix + "deliveries/s", server)).allMatch(rate -> rate > 0);
          assertThat(results.of(prefix + "lost", server)).containsExactly(0.0);
        }
        assertThat(results.of("W1 " + transport + ": out of order", server)).containsExactly(0.0);
        for (String workload : List.of("W2 ", "W2B ", "W2L ")) {
          String prefix = workload + transport;
          assertThat(results.of(prefix + ": requests/s", server)).allMatch(rate -> rate > 0);
          assertThat(results.of(prefix + ": refused", server)).containsExactly(0.0);
        }
      }
      assertThat(results.of("W4 " + transport + ": temporary topics left at the broker", "bridge"))
          .containsExactly(0.0);
    }
    assertThat(results.of("W2 WebSocket: requests/s", "L2")).allMatch(rate -> rate > 0);
    JsonNode report = new ObjectMapper().readTree(folder.resolve(RunReport.FILE).toFile());
    assertThat(report.path("state").asText()).isEqualTo("complete");
    assertThat(report.path("versions")).noneMatch(version -> version.asText().equals("unknown"));
    assertThat(report.findValuesAsText("figure")).contains("W2B long polling: requests/s");
  }
}
