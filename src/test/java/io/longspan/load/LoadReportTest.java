package io.longspan.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class LoadReportTest {
  private final LoadFigures figures = new LoadFigures();

  private LoadReport report() {
    return new LoadReport(3, 0.5, 2, figures);
  }

  private void answered(int count, long millis) {
    for (int i = 0; i < count; i++) {
      figures.answered(TimeUnit.MILLISECONDS.toNanos(millis));
    }
  }

  @Test
  void theReportHasRatesPercentilesAndAPlot() {
    figures.connected.add(3);
    answered(30, 3);
    answered(10, 15);
    assertThat(report().lines())
        .startsWith(
            "clients     3 of 3 connected in 0.5 s", "requests    40 answered in 2.0 s, 20/s")
        .contains(
            "      < 5 ms  ##############################           30",
            "     < 20 ms  ##########                               10")
        .anyMatch(line -> line.contains("p50 3.0  p90 15.0  p99 15.0"));
    assertThat(figures.isClean()).isTrue();
  }

  @Test
  void whatWentWrongIsCountedByReason() {
    figures.lost("HTTP status 401");
    figures.lost("HTTP status 401");
    figures.failed("notAuthorized");
    assertThat(report().lines())
        .contains("  lost      2: HTTP status 401", "  failed    1: notAuthorized");
    assertThat(figures.isClean()).isFalse();
  }

  @Test
  void scriptsGetTheSameAsJson() throws Exception {
    figures.connected.add(3);
    answered(10, 4);
    figures.failed("sendFailed");
    JsonNode json = new ObjectMapper().readTree(report().json());
    assertThat(json.at("/clients/connected").asInt()).isEqualTo(3);
    assertThat(json.at("/requests/perSecond").asDouble()).isEqualTo(5);
    assertThat(json.at("/requests/failed/sendFailed").asInt()).isEqualTo(1);
    assertThat(json.at("/requests/millis/p99").asDouble()).isBetween(3.9, 4.1);
  }

  @Test
  void aLatencyBeyondTheLastBarIsShown() {
    answered(1, 7_000);
    assertThat(report().lines()).anyMatch(line -> line.contains("≥ 5000 ms"));
  }
}
