package io.longspan.external;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.wire.RawBayeuxClient;
import io.longspan.wire.Transport;
import java.io.File;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.testcontainers.containers.ComposeContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.junit.jupiter.Testcontainers;

/** What {@code docker-compose.yml} starts; skipped where there is no Docker. */
@Testcontainers(disabledWithoutDocker = true)
final class ComposeIT {
  private static final int PORT = 8080;

  @ParameterizedTest
  @ValueSource(strings = {"activemq", "artemis"})
  void bridgesOnABrokerServeTheDemoBehindHaProxy(String broker) {
    try (ComposeContainer compose =
        new ComposeContainer(new File("docker-compose.yml"))
            .withEnv("BROKER", broker)
            .withEnv("COMPOSE_PROFILES", broker)
            .withExposedService(
                "proxy",
                PORT,
                Wait.forHttp("/health/ready")
                    .forStatusCode(200)
                    .withStartupTimeout(Duration.ofMinutes(5)))) {
      compose.start();
      URI cometd =
          URI.create(
              "http://%s:%d/cometd"
                  .formatted(
                      compose.getServiceHost("proxy", PORT),
                      compose.getServicePort("proxy", PORT)));
      for (Transport transport : Transport.values()) {
        try (RawBayeuxClient alice = transport.client(cometd, "alice", "alice").connected()) {
          assertThat(alice.send("services/echo", Map.of("JMSCorrelationID", "r-1"), "hello"))
              .containsEntry("successful", true);
          assertThat(alice.awaitAnswer("r-1")).containsEntry("body", "hello");
        }
      }
    }
  }
}
