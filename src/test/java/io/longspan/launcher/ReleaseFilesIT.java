package io.longspan.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;

/**
 * What is released can be built again with the same bytes: no time of a build is in it. {@code
 * .ci/reproducible} builds twice and compares.
 */
final class ReleaseFilesIT {
  private static final Path WAR = Path.of(System.getProperty("war.file", "target/longspan.war"));

  /** {@code project.build.outputTimestamp}, as zip files show it. */
  private static final String TIMESTAMP = "2026-01-01T00:00";

  @Test
  void theArchivesHaveNoTimeOfTheirBuild() throws IOException {
    assertFixedTimes(WAR.getFileName().toString(), Files.newInputStream(WAR));
    for (String jar : List.of("longspan-local.jar", "longspan-verifier.jar")) {
      assertFixedTimes(jar, Files.newInputStream(WAR.resolveSibling(jar)));
    }
  }

  private static void assertFixedTimes(String archive, InputStream bytes) throws IOException {
    List<String> others = new ArrayList<>();
    try (ZipInputStream zip = new ZipInputStream(bytes)) {
      for (ZipEntry each = zip.getNextEntry(); each != null; each = zip.getNextEntry()) {
        if (!each.getTimeLocal().toString().startsWith(TIMESTAMP)) {
          others.add(each.getName() + " " + each.getTimeLocal());
        }
        if (each.getName().endsWith("/longspan-server.jar")) {
          assertFixedTimes(each.getName(), new ByteArrayInputStream(zip.readAllBytes()));
        }
      }
    }
    assertThat(others).as(archive).isEmpty();
  }

  @Test
  void theChecksumsAreThoseOfTheFiles() throws IOException, NoSuchAlgorithmException {
    Set<String> named = new HashSet<>();
    for (String line : Files.readAllLines(WAR.resolveSibling("SHA256SUMS"))) {
      String[] parts = line.split("\\s+\\*?", 2);
      Path file = WAR.resolveSibling(parts[1]);
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
      assertThat(parts[0]).as(parts[1]).isEqualTo(HexFormat.of().formatHex(digest));
      named.add(parts[1]);
    }
    assertThat(named)
        .contains("longspan.war", "longspan-local.jar", "longspan-verifier.jar")
        .anyMatch(name -> name.endsWith(".tgz"));
  }
}
