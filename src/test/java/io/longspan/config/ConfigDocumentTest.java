package io.longspan.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Keeps {@code docs/configuration.md} true. */
final class ConfigDocumentTest {

  @Test
  void theDocumentListsEveryKeyWithWhatIsAllowedAndItsDefault() throws IOException {
    List<List<String>> expected =
        Settings.all().stream()
            .map(
                setting ->
                    List.of(
                        "`" + setting.key() + "`",
                        setting.type().allowed(),
                        setting.defaultText().map(ConfigDocumentTest::shown).orElse("none")))
            .toList();

    assertThat(rowsOfKeys()).containsExactlyInAnyOrderElementsOf(expected);
  }

  private static String shown(String defaultText) {
    return defaultText.isEmpty() ? "empty" : "`" + defaultText + "`";
  }

  private static List<List<String>> rowsOfKeys() throws IOException {
    List<String> lines = Files.readAllLines(Path.of("docs", "configuration.md"));
    return lines.subList(lines.indexOf("## Keys"), lines.size()).stream()
        .filter(line -> line.startsWith("| `"))
        .map(line -> List.of(line.substring(2).split(" \\| ")).subList(0, 3))
        .toList();
  }
}
