package io.longspan.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.longspan.wire.RawBayeuxClient;
import io.longspan.wire.Transport;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands of the WAR, as their users call them. */
final class CommandsIT {
  @TempDir Path folder;

  private record Outcome(int status, String output, String errors) {
    JsonNode json() throws Exception {
      return new ObjectMapper().readTree(output);
    }
  }

  private Outcome run(String... arguments) throws Exception {
    Path own = Files.createTempDirectory(folder, "run");
    for (String file : new String[] {"longspan.yaml", "catalogue.yaml"}) {
      if (Files.exists(folder.resolve(file))) {
        Files.copy(folder.resolve(file), own.resolve(file));
      }
    }
    try (WarProcess process = WarProcess.start(own, Map.of(), arguments)) {
      int status = process.awaitExitStatus();
      assertThat(process.temporaryFiles()).isEmpty();
      return new Outcome(status, process.output(), process.errors());
    }
  }

  @Test
  void serveIsAlsoACommand() throws Exception {
    Path own = Files.createDirectory(folder.resolve("serve"));
    try (WarProcess process = WarProcess.start(own, Map.of("LONGSPAN_HTTP_PORT", "0"), "serve")) {
      process.awaitAddress();
      process.signal("TERM");
      assertThat(process.awaitExitStatus()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "serve",
        "check",
        "explain",
        "load",
        "durables",
        "signing-key",
        "demo-load",
        "completion"
      })
  void eachCommandHasHelpWithExamples(String command) throws Exception {
    Outcome outcome = run(command, "--help");

    assertThat(outcome.status()).isZero();
    assertThat(outcome.output()).contains("Usage: longspan " + command, "Example", "longspan");
    assertThat(outcome.errors()).isEmpty();
  }

  @Test
  void loadIsPutOnABridgeOverBothTransports() throws Exception {
    Path own = Files.createDirectory(folder.resolve("loaded"));
    Map<String, String> anyPort = Map.of("LONGSPAN_HTTP_PORT", "0");
    try (WarProcess bridge = WarProcess.start(own, anyPort, "serve")) {
      String url = bridge.awaitAddress();
      Outcome load =
          run(
              "load",
              "--url",
              url,
              "--clients",
              "4",
              "--transport",
              "both",
              "--seconds",
              "2",
              "--rate",
              "20",
              "--topic",
              "chat/load",
              "--publish",
              "5",
              "--json");
      Outcome stranger =
          run("load", "--url", url, "--clients", "2", "--transport", "both", "--password", "wrong");

      assertThat(load.errors()).contains("clients ");
      assertThat(load.json().at("/clients/connected").asInt()).isEqualTo(4);
      assertThat(load.json().at("/clients/lost")).isEmpty();
      assertThat(load.json().at("/requests/failed")).isEmpty();
      assertThat(load.json().at("/requests/answered").asInt()).isPositive();
      assertThat(load.json().at("/topic/delivered").asInt()).isPositive();
      assertThat(load.status()).isZero();
      assertThat(stranger.status()).isOne();
      assertThat(stranger.output())
          .contains("clients     0 of 2 connected", "lost      2: HTTP status 401");
    }
  }

  @Test
  void anOperatorListsAndDeletesDurableSubscriptions() throws Exception {
    Path own = Files.createDirectory(folder.resolve("durables"));
    try (WarProcess bridge = WarProcess.start(own, Map.of("LONGSPAN_HTTP_PORT", "0"), "serve")) {
      String url = bridge.awaitAddress();
      URI endpoint = URI.create(url).resolve("/cometd");
      try (RawBayeuxClient alice = Transport.WEBSOCKET.client(endpoint, "alice", "alice")) {
        alice.connected();
        alice.control("type", "topicSubscribe", "topics", List.of("notes/a"), "durable", "archive");
        Outcome list = run("durables", "--url", url, "--json");
        Outcome others = run("durables", "--url", url, "--of", "bob");
        Outcome deleted = delete(url, "notes/a");
        Outcome unknown = delete(url, "nowhere/a");
        Outcome refused = run("durables", "--url", url, "--user", "bob", "--password", "bob");

        assertThat(list.status()).isZero();
        assertThat(list.json().at("/durableSubscriptions/0/user").asText()).isEqualTo("alice");
        assertThat(list.json().at("/durableSubscriptions/0/inUse").asBoolean()).isTrue();
        assertThat(others.output()).isEqualTo("0 known to bridge-1" + System.lineSeparator());
        assertThat(deleted.output()).contains("deleted: alice", "notes/a", "archive");
        assertThat(deleted.status()).isZero();
        assertThat(run("durables", "--url", url).output()).startsWith("0 known");
        assertThat(unknown.status()).isOne();
        assertThat(unknown.errors()).contains("404", "nowhere/a");
        assertThat(refused.status()).isOne();
        assertThat(refused.errors()).contains("403");
      }
    }
  }

  private Outcome delete(String url, String topic) throws Exception {
    return run(
        "durables",
        "--delete",
        "--url",
        url,
        "--of",
        "alice",
        "--topic",
        topic,
        "--name",
        "archive");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--delete", "--topic=x", "--url=x"})
  void anOptionOfDurablesThatCannotBeIsNamed(String option) throws Exception {
    Outcome outcome = run("durables", option);

    assertThat(outcome.status()).isEqualTo(2);
    assertThat(outcome.errors()).startsWith(option.replaceFirst("=.*", "") + ": allowed: ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--clients=0", "--seconds=0", "--publish=1", "--no-requests", "--url=x"})
  void anOptionOfLoadThatCannotBeIsNamed(String option) throws Exception {
    Outcome outcome = run("load", option);

    assertThat(outcome.status()).isEqualTo(2);
    assertThat(outcome.errors()).startsWith(option.replaceFirst("=.*", "") + ": allowed: ");
  }

  @Test
  void aMisspeltCommandIsOneLineAndStatusTwo() throws Exception {
    Outcome outcome = run("chek");

    assertThat(outcome.status()).isEqualTo(2);
    assertThat(outcome.errors())
        .isEqualTo(
            "Unmatched argument at index 0: 'chek'; did you mean check?"
                + " (--help lists the options and commands)"
                + System.lineSeparator());
  }

  @Test
  void checkListsWhatItHasRead() throws Exception {
    Outcome outcome = run("check");

    assertThat(outcome.status()).isZero();
    assertThat(outcome.output()).contains("catalogue: no file, ", "users: those of the demo");
    assertThat(outcome.errors()).isEmpty();
  }

  @Test
  void checkFindsABrokenCatalogueBeforeTheBridgeIsStarted() throws Exception {
    Files.writeString(folder.resolve("longspan.yaml"), "catalogue: catalogue.yaml\n");
    Files.writeString(
        folder.resolve("catalogue.yaml"), "destinations: [{name: x, kind: queue, sned: [\"*\"]}]");

    Outcome text = run("check", "--config", "longspan.yaml");
    Outcome json = run("--config", "longspan.yaml", "check", "--json");

    assertThat(text.status()).isEqualTo(2);
    assertThat(text.errors().lines()).hasSize(1).allMatch(line -> line.contains("sned"));
    assertThat(json.status()).isEqualTo(2);
    assertThat(json.json().path("status").asText()).isEqualTo("wrongConfiguration");
    assertThat(json.json().path("error").asText()).contains("sned");
  }

  @Test
  void explainSaysWhichEntryDecidesAndWhy() throws Exception {
    Outcome text = run("explain", "--user", "alice", "prices/london/ABC");
    Outcome refused = run("explain", "--user", "bob", "--role", "none", "--json", "bridge/push");

    assertThat(text.status()).isZero();
    assertThat(text.output())
        .contains("prices/{market}/{symbol}", "topic prices.london.ABC", "by the role trader");
    assertThat(refused.status()).isOne();
    assertThat(refused.json().path("allowed").asBoolean()).isFalse();
    assertThat(refused.json().path("refused").asText())
        .isEqualTo("no entry of the catalogue matches");
  }

  @Test
  void explainNamesTheRuleThatAWrongNameBreaks() throws Exception {
    Outcome outcome = run("explain", "--user", "alice", "prices//ABC");

    assertThat(outcome.status()).isOne();
    assertThat(outcome.output()).contains("not a destination name: a segment is empty");
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash"})
  void theShellCompletesCommandsAndOptions(String shell) throws Exception {
    Outcome outcome = run("completion");
    Path script = Files.writeString(folder.resolve("completion.sh"), outcome.output());
    String line =
        "source %s; COMP_WORDS=(longspan che); COMP_CWORD=1; COMP_LINE='longspan che';"
            + " _complete_longspan; echo \"${COMPREPLY[@]}\"";
    Process process =
        new ProcessBuilder(shell, "-c", line.formatted(script)).redirectErrorStream(true).start();

    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(new String(process.getInputStream().readAllBytes())).contains("check");
  }

  @Test
  void aSigningKeyIsWrittenOnce() throws Exception {
    Path key = folder.resolve("key.jwk");

    assertThat(run("signing-key", key.toString()).status()).isZero();
    Outcome again = run("signing-key", key.toString());

    assertThat(Files.readString(key)).contains("\"kty\":\"EC\"");
    assertThat(again.status()).isOne();
    assertThat(again.errors().lines()).hasSize(1);
  }
}
