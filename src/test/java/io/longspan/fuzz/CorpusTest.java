package io.longspan.fuzz;

import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The kept inputs, those that once found something among them, without a fuzzer. */
final class CorpusTest {
  @TestFactory
  Stream<DynamicTest> everyKeptInputEndsWell() {
    return Arrays.stream(FuzzTarget.values()).flatMap(CorpusTest::tests);
  }

  private static Stream<DynamicTest> tests(FuzzTarget target) {
    try {
      return target.corpus().stream().map(file -> test(target, file));
    } catch (IOException x) {
      throw new IllegalStateException(x);
    }
  }

  private static DynamicTest test(FuzzTarget target, Path file) {
    return DynamicTest.dynamicTest(
        target + " " + file.getFileName(),
        () -> {
          byte[] input = Files.readAllBytes(file);
          assertThatCode(() -> target.accept(input)).doesNotThrowAnyException();
        });
  }
}
