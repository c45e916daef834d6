package io.longspan.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** A bridge with local services alone: {@code broker.provider: none}. */
@TestInstance(Lifecycle.PER_CLASS)
final class LocalServicesWithoutBrokerIT implements LocalServiceTests, LocalTopicTests {
  private TestBridge bridge;

  @BeforeAll
  void start(@TempDir Path folder) throws IOException {
    Path catalogue = folder.resolve("catalogue.yaml");
    Files.writeString(catalogue, LocalServiceTests.CATALOGUE + LocalTopicTests.CATALOGUE);
    bridge = TestBridge.start(Map.of("broker.provider", "none", "catalogue", catalogue.toString()));
  }

  @AfterAll
  void stop() {
    bridge.close();
  }

  @Override
  public TestBridge bridge() {
    return bridge;
  }

  @Test
  void itIsReady() throws Exception {
    assertThat(bridge.status("health/ready")).isEqualTo(200);
    assertThat(HttpIT.get(bridge.uri("metrics")).body())
        .contains("longspan_ready 1.0")
        .contains("longspan_local_calls_total{outcome=\"answered\"}");
  }
}
