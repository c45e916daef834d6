package io.longspan.external;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.deploy.other.Registration;
import io.longspan.external.dropin.QuoteService;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The examples of {@code docs/local-services.md} are those that the tests run. */
final class LocalServicesDocumentTest {
  private static String source(Class<?> type, String beginning) throws IOException {
    String file =
        Files.readString(Path.of("src/test/java", type.getName().replace('.', '/') + ".java"));
    return file.substring(file.indexOf(beginning));
  }

  @Test
  void showsTheExamplesAsTheyAreCompiled() throws IOException {
    assertThat(Files.readString(Path.of("docs/local-services.md")))
        .contains("```java\n" + source(QuoteService.class, "import ") + "```")
        .contains("```java\n" + source(Registration.class, "public final class") + "```");
  }
}
