package io.longspan.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.longspan.bridge.BridgeMetrics;
import io.longspan.config.ConfigLoader;
import io.longspan.config.LongspanConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The dashboard, the alert rules and the list in the docs name metrics that exist. */
@Timeout(120)
final class MonitoringFilesTest {
  private static final Path DASHBOARD = Path.of("deploy/grafana/dashboards/longspan.json");
  private static final Path ALERTS = Path.of("deploy/prometheus/alerts.yml");
  private static final Path ALERTS_TEST = Path.of("deploy/prometheus/alerts_test.yml");
  private static final Path OPERATIONS = Path.of("docs/operations.md");

  private static final Pattern METRIC =
      Pattern.compile("\\b(?:longspan|jvm|process|system)_[a-z0-9_]*[a-z0-9]\\b(?!\\*)");

  /** A histogram is documented by its name alone. */
  private static final Pattern PART_OF_HISTOGRAM = Pattern.compile("_(?:bucket|count|sum|max)$");

  @TempDir Path folder;

  private static Set<String> namesIn(String text) {
    return METRIC
        .matcher(text)
        .results()
        .map(found -> found.group())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /**
   * Returns what {@code /metrics} of a bridge shows: one with everything that can be switched on.
   */
  private String scrape() throws IOException {
    Path catalogue = Files.writeString(folder.resolve("catalogue.yaml"), "destinations: []\n");
    LongspanConfig config =
        ConfigLoader.load(
            Optional.empty(),
            Map.of(
                "longspan.broker.provider",
                "none",
                "longspan.catalogue",
                catalogue.toString(),
                "longspan.tracing.endpoint",
                "http://127.0.0.1:9",
                "longspan.audit.file",
                folder.resolve("audit.log").toString()),
            Map.of());
    try (BridgeRuntime runtime = new BridgeRuntime(config, Optional.empty(), name -> null)) {
      BridgeMeterBinder meters = runtime.meters();
      meters.watchRefusedConnections(() -> 0);
      meters.watchDisplacedConnections(() -> 0);
      meters.watchCertificate(() -> 0, () -> 0);
      BridgeMetrics events = meters;
      events.messageAccepted("", "orders/{id}", 7);
      events.requestAnswered("orders/{id}", 700);
      events.topicMessageTaken(3);
      return meters.scrape();
    }
  }

  @Test
  void eachMetricOfTheFilesExistsAndEachOfOursIsDocumented() throws Exception {
    String scraped = scrape();
    Set<String> existing = namesIn(scraped);
    String documented = Files.readString(OPERATIONS);

    assertThat(namesIn(queries(new ObjectMapper().readTree(DASHBOARD.toFile()))))
        .isNotEmpty()
        .isSubsetOf(existing);
    assertThat(namesIn(Files.readString(ALERTS))).isNotEmpty().isSubsetOf(existing);
    assertThat(namesIn(documented)).allMatch(name -> isShown(name, existing));
    Set<String> inDocs = namesIn(documented);
    assertThat(existing)
        .filteredOn(name -> name.startsWith("longspan_"))
        .allMatch(
            name ->
                inDocs.contains(name)
                    || inDocs.contains(PART_OF_HISTOGRAM.matcher(name).replaceFirst("")),
            "is in docs/operations.md");
    assertThat(scraped)
        .contains("longspan_broker_accept_seconds_bucket{broker=\"default\",le=\"1.0\"} 1")
        .contains("longspan_request_seconds_bucket{entry=\"orders/{id}\",le=\"0.5\"} 0")
        .contains("longspan_request_seconds_bucket{entry=\"orders/{id}\",le=\"1.0\"} 1")
        .contains("longspan_entry_messages_sent_total{entry=\"orders/{id}\"} 1.0");
  }

  private static boolean isShown(String name, Set<String> existing) {
    return existing.contains(name) || existing.contains(name + "_bucket");
  }

  /** Returns the expressions of a dashboard. */
  private static String queries(JsonNode node) {
    StringBuilder all = new StringBuilder();
    node.findValues("expr").forEach(expression -> all.append(expression.asText()).append('\n'));
    node.findValues("definition").forEach(variable -> all.append(variable.asText()).append('\n'));
    return all.toString();
  }

  @Test
  void eachAlertHasATestAndAnEntryInTheRunbook() throws Exception {
    Matcher alerts = Pattern.compile("- alert: (\\w+)").matcher(Files.readString(ALERTS));
    String tests = Files.readString(ALERTS_TEST);
    String runbook = Files.readString(OPERATIONS);
    int count = 0;
    while (alerts.find()) {
      count++;
      String name = alerts.group(1);
      assertThat(runbook).contains("| `" + name + "` | ");
      assertThat(tests)
          .as("does not fire while all is well")
          .containsPattern("\\{eval_time: \\w+, alertname: " + name + "}");
      assertThat(tests)
          .as("fires")
          .containsPattern("alertname: " + name + "\\s+exp_alerts:\\s+- exp_labels");
    }
    assertThat(count).isPositive();
  }

  @Test
  void theRulesFireOnRecordedSituations() throws Exception {
    assertThat(promtool("check", "rules", ALERTS.toString())).contains("SUCCESS");
    assertThat(promtool("test", "rules", ALERTS_TEST.toString())).contains("SUCCESS");
    assertThat(promtool("check", "config", "deploy/prometheus/prometheus.yml")).contains("SUCCESS");
  }

  private static String promtool(String... arguments) throws Exception {
    String[] command = new String[arguments.length + 1];
    command[0] = "promtool"; // Debian's package prometheus
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }

  @Test
  void theTagsOfEntriesAreBounded() {
    BridgeMeterBinder meters = new BridgeMeterBinder(Optional.empty());
    for (int i = 0; i < 2 * EntryMeters.MAX_ENTRIES; i++) {
      meters.messageAccepted("", "edited/" + i, 1);
    }
    meters.messageAccepted("", "", 1);
    assertThat(
            meters
                .scrape()
                .lines()
                .filter(line -> line.startsWith("longspan_entry_messages_sent_total{")))
        .hasSize(EntryMeters.MAX_ENTRIES + 1)
        .anyMatch(
            line -> line.startsWith("longspan_entry_messages_sent_total{entry=\"other\"} 501"));
    meters.close();
  }
}
