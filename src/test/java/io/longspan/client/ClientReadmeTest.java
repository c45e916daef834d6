package io.longspan.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The example of {@code clients/java/README.md} is the one that {@code JavaClientIT} runs. */
final class ClientReadmeTest {

  @Test
  void showsTheExampleAsItIsCompiled() throws IOException {
    String source = Files.readString(Path.of("src/test/java/io/longspan/client/Example.java"));
    assertThat(Files.readString(Path.of("clients/java/README.md")))
        .contains("```java\n" + source.substring(source.indexOf("import ")) + "```");
  }
}
