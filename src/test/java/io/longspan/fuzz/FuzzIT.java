package io.longspan.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Jazzer, for a bounded number of inputs ({@code -Dfuzz.runs}), in a process of its own: its driver
 * knows no JUnit 6. It starts from the kept corpus; an input that finds something is left in {@code
 * target/fuzz} and belongs into the corpus, with a unit test and a fix.
 */
@Timeout(value = 1, unit = TimeUnit.DAYS) // as long as it is asked to run
final class FuzzIT {
  private static final long RUNS = Long.getLong("fuzz.runs", 5_000);

  @ParameterizedTest
  @EnumSource(FuzzTarget.class)
  void noInputOfAClientEndsInAnythingButARefusal(FuzzTarget target)
      throws IOException, InterruptedException {
    String name = target.name().toLowerCase(Locale.ROOT);
    Path folder = Path.of("target", "fuzz", name).toAbsolutePath();
    Path found = Files.createDirectories(folder.resolve("corpus"));
    Path output = folder.resolve("output.txt");
    Process jazzer =
        new ProcessBuilder(command(target, folder, found))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      int status = jazzer.waitFor();
      String text = Files.readString(output);
      assertThat(status).as("%s", text).isZero();
      assertThat(text).contains("Done " + target.runs(RUNS) + " runs");
    } finally {
      jazzer.destroyForcibly();
    }
  }

  private static List<String> command(FuzzTarget target, Path folder, Path found) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx512m",
        // Most of a bounded run is start-up.
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-cp",
        System.getProperty("java.class.path"),
        "com.code_intelligence.jazzer.Jazzer",
        "--target_class=" + target.className(),
        "--instrumentation_includes=io.longspan.**",
        "--custom_hook_includes=io.longspan.**",
        "--reproducer_path=" + folder,
        "-artifact_prefix=" + folder + "/",
        "-runs=" + target.runs(RUNS),
        "-max_len=2048",
        "-timeout=120",
        found.toString(),
        target.folder().toAbsolutePath().toString());
  }
}
