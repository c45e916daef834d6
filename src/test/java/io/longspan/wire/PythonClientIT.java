package io.longspan.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.external.ChildProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;

/** The tests of {@code clients/python}, with Debian's Python, against real bridges. */
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(180)
final class PythonClientIT {
  private static final Path FOLDER = Path.of("clients", "python");
  private static final String PYTHON = "/usr/bin/python3";

  private ClientStage stage;

  @BeforeAll
  void start() {
    stage = new ClientStage();
  }

  @AfterAll
  void stop() {
    stage.close();
  }

  private static ChildProcess run(Map<String, String> environment, String... command) {
    ChildProcess process =
        ChildProcess.start("python-client", FOLDER, environment, List.of(command));
    process.awaitSuccess();
    return process;
  }

  @Test
  void passesItsTests() {
    Map<String, String> bridges =
        Map.of(
            "PYTHONDONTWRITEBYTECODE", "1",
            "LONGSPAN_URL", stage.bridge().cometd().toString(),
            "LONGSPAN_LEAVING", stage.leaving().cometd().toString(),
            "LONGSPAN_OTHER", stage.other().cometd().toString());
    ChildProcess tests =
        run(bridges, PYTHON, "-m", "unittest", "discover", "-v", "-s", "tests", "-t", ".");
    assertThat(tests.log()).contains("test_bridge").doesNotContain("skipped");
  }

  @Test
  void hasSoundTypes() throws Exception {
    Path cache = Files.createTempDirectory(Path.of("target"), "mypy-").toAbsolutePath();
    run(
        Map.of(),
        PYTHON,
        "-m",
        "mypy",
        "--strict",
        "--cache-dir",
        cache.toString(),
        "longspan",
        "tests");
  }
}
