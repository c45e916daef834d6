package io.longspan.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The catalogue belongs to the configuration: a broken one stops the start as a wrong key does. */
final class BrokenCatalogueIT {

  @Test
  void aBrokenCatalogueStopsTheStartWithOneLine(@TempDir Path folder) throws Exception {
    Path catalogue = folder.resolve("catalogue.yaml");
    Files.writeString(catalogue, "destinations: [{name: a, kind: pipe}]");
    ProcessBuilder command =
        new ProcessBuilder(
            ProcessHandle.current().info().command().orElseThrow(),
            "-jar",
            System.getProperty("war.file"));
    command.environment().put("LONGSPAN_HTTP_PORT", "0");
    command.environment().put("LONGSPAN_CATALOGUE", catalogue.toString());
    command.redirectOutput(folder.resolve("out").toFile());
    Process process = command.start();
    String error = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(2);
    assertThat(error.lines().toList())
        .singleElement()
        .asString()
        .contains("catalogue.yaml", "destinations[0].kind", "'pipe' is not queue, topic or local");
  }
}
