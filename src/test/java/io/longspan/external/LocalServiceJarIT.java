package io.longspan.external;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.external.dropin.QuoteService;
import io.longspan.wire.RawBayeuxClient;
import io.longspan.wire.Transport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code java -jar} without a broker, with the service of {@code docs/local-services.md}. */
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(120)
final class LocalServiceJarIT {
  private static final String CATALOGUE =
      """
      destinations:
        - {name: "quotes/set", kind: local, send: [trader]}
        - {name: "quotes/list", kind: local, send: ["*"]}
        - {name: "prices/{symbol}", kind: local, subscribe: ["*"], wildcards: true, keep: {messages: 100}}
      """;

  private ExecutableWar bridge;

  @BeforeAll
  void start() throws IOException {
    Path catalogue =
        Files.writeString(
            Files.createTempFile(
                Files.createDirectories(Path.of("target", "bridges").toAbsolutePath()),
                "local-",
                ".yaml"),
            CATALOGUE);
    Path war = DroppedInJar.warBeside(DroppedInJar.writeService(QuoteService.class));
    bridge =
        new ExecutableWar(
            war,
            "local",
            Map.of("broker.provider", "none", "catalogue", catalogue.toString()),
            List.of(),
            Map.of());
  }

  @AfterAll
  void stop() {
    bridge.close();
  }

  private RawBayeuxClient connected(Transport transport, String user) {
    return transport.client(bridge.base().resolve("cometd"), user, user).connected();
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void theServiceOfTheDocumentationWorks(Transport transport) {
    assertThat(bridge.log()).contains("local services [quotes]");
    try (RawBayeuxClient alice = connected(transport, "alice");
        RawBayeuxClient bob = connected(transport, "bob")) {
      assertThat(bob.subscribe("prices/*")).containsEntry("status", "success");
      for (String symbol : List.of("ABC", "XYZ")) {
        alice.send(
            "quotes/set", Map.of("JMSCorrelationID", symbol, "symbol", symbol), "1" + symbol);
        assertThat(RawBayeuxClient.properties(alice.awaitAnswer(symbol)))
            .containsEntry("status", "ok");
        Map<String, Object> price = bob.awaitData(d -> ("1" + symbol).equals(d.get("body")));
        assertThat(RawBayeuxClient.properties(price))
            .containsEntry("topic", "prices/" + symbol)
            .containsEntry("by", "alice");
      }
      assertThat(bob.send("quotes/set", Map.of("symbol", "ABC"), "0").get("error"))
          .asString()
          .startsWith("notAuthorized:");
      bob.send("quotes/list", Map.of("JMSCorrelationID", "l"), null);
      Map<String, Object> last =
          bob.awaitData(d -> "true".equals(RawBayeuxClient.properties(d).get("done")));
      assertThat(RawBayeuxClient.properties(last))
          .containsEntry("sequence", 3)
          .containsEntry("symbols", 2);
    }
  }
}
