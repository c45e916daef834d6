package io.longspan.external;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.wire.RawBayeuxClient;
import io.longspan.wire.TestBridge;
import io.longspan.wire.Transport;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The demo's echo over JMS and inside the bridge's process. */
@Timeout(120)
final class DemoEchoIT {
  private static final String CATALOGUE =
      """
      destinations:
        - {name: services/echo, kind: queue, send: ["*"]}
        - {name: services/local-echo, kind: local, send: ["*"]}
      """;

  @ParameterizedTest
  @EnumSource(Transport.class)
  void answersAlikeBothWays(Transport transport) {
    Path catalogue =
        BridgeFiles.write("echo", Map.of(), CATALOGUE, TestBridge.USERS)
            .resolveSibling("catalogue.yaml");
    try (ExecutableWar bridge =
            new ExecutableWar(
                "echo", Map.of("broker.provider", "embedded", "catalogue", catalogue.toString()));
        RawBayeuxClient alice =
            transport.client(bridge.base().resolve("cometd"), "alice", "alice").connected()) {
      Map<String, Object> expected =
          Map.of("echoedUser", "alice", "status", "ok", "n", 5, "bodyFormat", "text");
      for (String name : List.of("services/echo", "services/local-echo")) {
        alice.send(name, Map.of("JMSCorrelationID", name, "n", 5, "runAsUser", "root"), "héllo");
        Map<String, Object> answer = alice.awaitAnswer(name);
        assertThat(answer).as(name).containsEntry("body", "héllo");
        Map<String, Object> properties = new HashMap<>(RawBayeuxClient.properties(answer));
        properties.keySet().removeIf(property -> property.startsWith("JMS"));
        assertThat(properties).as(name).isEqualTo(expected);
      }
    }
  }
}
