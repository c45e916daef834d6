package io.longspan.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.longspan.external.ChildProcess;
import io.longspan.external.FreePort;
import io.longspan.tracing.OtlpCollector;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A Prometheus, which must be installed, gets the exemplars of the histograms. */
@Timeout(300)
final class ExemplarsIT {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

  @TempDir Path folder;

  private ChildProcess startPrometheus(URI bridge, int port) throws IOException {
    Path config =
        Files.writeString(
            folder.resolve("prometheus.yml"),
            """
            global: {scrape_interval: 2s}
            scrape_configs:
              - job_name: longspan
                static_configs: [{targets: ["%s"]}]
            """
                .formatted(bridge.getAuthority()));
    return ChildProcess.start(
        "prometheus",
        folder,
        Map.of(),
        List.of(
            "prometheus",
            "--config.file=" + config,
            "--storage.tsdb.path=" + folder.resolve("data"),
            "--web.listen-address=127.0.0.1:" + port,
            "--enable-feature=exemplar-storage"));
  }

  private static void request(RawBayeuxClient client) {
    String id = WireTarget.unique("r-");
    String parent = "00-" + TRACE + "-00f067aa0ba902b7-01";
    client.send("services/traced", Map.of("JMSCorrelationID", id, "traceparent", parent), "q");
    client.awaitAnswer(id);
  }

  @Test
  void aLatencyInPrometheusNamesTheTraceOfItsMessage() throws Exception {
    int port = FreePort.find();
    URI api = URI.create("http://127.0.0.1:" + port + "/api/v1/");
    try (OtlpCollector collector = new OtlpCollector();
        TestBroker broker = new ActiveMqTestBroker()) {
      Map<String, String> settings = new HashMap<>(broker.settings());
      settings.put("tracing.endpoint", collector.url());
      settings.put("tracing.sample", "1");
      try (TestBridge bridge = TestBridge.start(settings);
          TestService service =
              new TestService(broker.connectionFactory())
                  .serve("services/traced", TestService::echo);
          RawBayeuxClient alice = bridge.connected(Transport.WEBSOCKET, "alice");
          ChildProcess prometheus = startPrometheus(bridge.uri(""), port)) {
        for (String metric :
            List.of("longspan_request_seconds", "longspan_broker_accept_seconds")) {
          Awaitility.await(metric)
              .pollInterval(Duration.ofMillis(500))
              .failFast("Prometheus has ended", () -> !prometheus.isAlive())
              .ignoreExceptionsInstanceOf(IOException.class)
              .untilAsserted(
                  () -> {
                    // The bridge shows an exemplar for a minute only.
                    request(alice);
                    assertThat(traces(api, metric + "_bucket"))
                        .as(HttpIT.get(api.resolve("targets")).body())
                        .contains(TRACE);
                  });
        }
        assertThat(service.awaitFirst()).isNotNull();
      }
    }
  }

  /** Returns the traces that Prometheus knows for a metric. */
  private static List<String> traces(URI api, String metric) throws Exception {
    JsonNode answer =
        new ObjectMapper()
            .readTree(HttpIT.get(api.resolve("query_exemplars?query=" + metric)).body());
    return answer.findValuesAsText("trace_id");
  }
}
