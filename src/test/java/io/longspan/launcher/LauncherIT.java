package io.longspan.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The packaged WAR, run as a process. */
final class LauncherIT {

  private static final Map<String, String> FREE_PORT = Map.of("LONGSPAN_HTTP_PORT", "0");

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT"})
  void itServesUntilASignalThenEndsWithStatusZeroAndLeavesNothingBehind(String signal)
      throws Exception {
    try (WarProcess longspan = WarProcess.start(folder, FREE_PORT)) {
      String address = longspan.awaitAddress();
      assertThat(address).matches("http://127\\.0\\.0\\.1:[1-9][0-9]*/");
      assertThat(get(address).statusCode()).isLessThan(500);
      assertThat(longspan.temporaryFiles()).hasSize(1);

      longspan.signal(signal);

      assertThat(longspan.awaitExitStatus()).isZero();
      assertThat(longspan.temporaryFiles()).isEmpty();
      assertThat(longspan.errors()).isEmpty();
    }
  }

  @Test
  void theLauncherCannotBeDownloaded() throws Exception {
    try (WarProcess longspan = WarProcess.start(folder, FREE_PORT)) {
      String address = longspan.awaitAddress();

      assertThat(get(address + "io/longspan/launcher/Launcher.class").statusCode())
          .isGreaterThanOrEqualTo(400);
      assertThat(get(address + "WEB-INF/web.xml").statusCode()).isEqualTo(404);
      assertThat(get(address + "META-INF/MANIFEST.MF").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void anUnknownKeyIsOneLineAndStatusTwo() throws Exception {
    Files.writeString(folder.resolve("longspan.yaml"), "http:\n  port: 0\n  prot: 80\n");

    assertThatItFails(
        Map.of(),
        2,
        "http.prot: unknown key with the value \"80\";"
            + " allowed: http.host, http.port, http.contextPath, http.trustedProxies, http.tls, http.http2;"
            + " read from longspan.yaml:3",
        "--config",
        "longspan.yaml");
  }

  @Test
  void theFileMayBeNamedByTheEnvironment() throws Exception {
    Files.writeString(folder.resolve("longspan.yaml"), "http:\n  port: none\n");

    assertThatItFails(
        Map.of("LONGSPAN_CONFIG", "longspan.yaml"),
        2,
        "http.port: \"none\" is not allowed; allowed: a whole number from 0 to 65535;"
            + " read from longspan.yaml:2");
  }

  @Test
  void aValueOutOfRangeIsOneLineAndStatusTwo() throws Exception {
    assertThatItFails(
        Map.of("LONGSPAN_HTTP_PORT", "65536"),
        2,
        "http.port: \"65536\" is not allowed; allowed: a whole number from 0 to 65535;"
            + " read from environment LONGSPAN_HTTP_PORT");
  }

  @Test
  void aPortInUseIsOneLineAndStatusOne() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String port = Integer.toString(taken.getLocalPort());

      assertThatItFails(
          Map.of("LONGSPAN_HTTP_PORT", port),
          1,
          "http.host \"127.0.0.1\", http.port \"%s\": cannot listen there: Address already in use"
              .formatted(port));
    }
  }

  @Test
  void anUnknownOptionIsOneLineAndStatusTwo() throws Exception {
    assertThatItFails(
        Map.of(),
        2,
        "Unknown option: '--confg' (--help lists the options and commands)",
        "--confg");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--help", "--version"})
  void itTellsHowItIsUsedAndWhichVersionItIs(String option) throws Exception {
    try (WarProcess longspan = WarProcess.start(folder, Map.of(), option)) {
      assertThat(longspan.awaitExitStatus()).isZero();
      assertThat(longspan.errors()).isEmpty();
      assertThat(longspan.output())
          .contains(option.equals("--help") ? "--config=FILE" : "Longspan 0.");
      assertThat(longspan.temporaryFiles()).isEmpty();
    }
  }

  @Test
  void aDeployedWarHoldsNeitherTheServerNorTheDemo() throws Exception {
    try (ZipFile war = new ZipFile(System.getProperty("war.file"))) {
      assertThat(war.stream().map(entry -> entry.getName()))
          .contains("io/longspan/launcher/Launcher.class")
          .noneMatch(name -> name.startsWith("WEB-INF/classes/io/longspan/server/"))
          .noneMatch(name -> name.startsWith("WEB-INF/classes/io/longspan/demo/"))
          .noneMatch(name -> name.startsWith("WEB-INF/classes/io/longspan/launcher/"))
          .noneMatch(name -> name.startsWith("WEB-INF/classes/demo/"))
          .noneMatch(name -> name.matches("WEB-INF/lib/(jetty-server|activemq-broker|jena).*"));
    }
  }

  private void assertThatItFails(
      Map<String, String> environment, int status, String line, String... arguments)
      throws Exception {
    try (WarProcess longspan = WarProcess.start(folder, environment, arguments)) {
      assertThat(longspan.awaitExitStatus()).isEqualTo(status);
      assertThat(longspan.errors()).isEqualTo(line + System.lineSeparator());
      assertThat(longspan.output()).isEmpty();
      assertThat(longspan.temporaryFiles()).isEmpty();
    }
  }

  private static HttpResponse<String> get(String address) throws IOException, InterruptedException {
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(URI.create(address)).build(), BodyHandlers.ofString());
  }
}
