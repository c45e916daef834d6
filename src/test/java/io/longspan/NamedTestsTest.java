package io.longspan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keeps the documents true that say which test shows what: the tests are there. */
final class NamedTestsTest {
  private static final Pattern TEST =
      Pattern.compile("`(\\w+(?:Attacks|IT|Tests?|Properties))(?:\\.(\\w+))?`");

  private final Map<String, String> sources = sources();

  private static Map<String, String> sources() {
    try (Stream<Path> files = Files.walk(Path.of("src", "test", "java"))) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .collect(
              Collectors.toMap(
                  file -> file.getFileName().toString().replace(".java", ""),
                  NamedTestsTest::read,
                  String::concat));
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }

  private static List<MatchResult> tests(String text) {
    return TEST.matcher(text).results().toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"security.md", "delivery.md", "protocol.md"})
  void everyTestThatIsNamedIsThere(String document) {
    assertThat(tests(read(Path.of("docs", document))))
        .isNotEmpty()
        .allSatisfy(
            test -> {
              assertThat(sources).containsKey(test.group(1));
              if (test.group(2) != null) {
                assertThat(sources.get(test.group(1))).contains("void " + test.group(2) + "(");
              }
            });
  }

  @Test
  void everyThreatNamesATest() {
    List<String> rows =
        read(Path.of("docs", "security.md"))
            .lines()
            .dropWhile(line -> !line.equals("## Threats"))
            .takeWhile(line -> !line.equals("## Dependencies"))
            .filter(line -> line.startsWith("| ") && !line.endsWith("| test |"))
            .toList();
    assertThat(rows)
        .hasSizeGreaterThan(30)
        .allSatisfy(
            row ->
                assertThat(row.split(" \\| ", 3)[2])
                    .containsPattern("`\\w+(Attacks|IT|Test|Properties)|the same"));
  }

  @Test
  void everyFateNamesATest() {
    List<String> lines = read(Path.of("docs", "delivery.md")).lines().toList();
    int queues = lines.indexOf("## Messages from queues");
    assertThat(fates(lines.subList(0, queues), 6)).hasSize(28).doesNotContain(List.of());
    assertThat(fates(lines.subList(queues, lines.size()), 4)).hasSize(19).doesNotContain(List.of());
  }

  /** Returns the tests that each row of a table names in a column, from 0. */
  private static List<List<MatchResult>> fates(List<String> lines, int column) {
    return lines.stream()
        .filter(line -> line.startsWith("| **"))
        .map(row -> tests(row.split(" \\| ", column + 1)[column]))
        .toList();
  }
}
