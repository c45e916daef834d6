package io.longspan.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;

/** The bills of materials tell what the WAR holds, no more and no less. */
final class BillOfMaterialsIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern MAVEN =
      Pattern.compile("pkg:maven/[^/]+/([^@]+)@([^?]+)\\?(?:classifier=([^&]+)&)?type=jar");

  @Test
  void everyJarOfTheWarIsListed() throws Exception {
    try (ZipFile war = new ZipFile(System.getProperty("war.file"))) {
      Set<String> jars =
          war.stream()
              .map(entry -> entry.getName())
              .filter(name -> name.matches("WEB-INF/lib(-provided)?/.*\\.jar"))
              .map(name -> name.substring(name.lastIndexOf('/') + 1))
              .filter(name -> !name.equals("longspan-server.jar"))
              .collect(Collectors.toSet());
      JsonNode bom = JSON.readTree(new File(System.getProperty("bom.file")));
      Set<String> listed =
          StreamSupport.stream(bom.get("components").spliterator(), false)
              .map(component -> jarOf(component.get("purl").asText()))
              .collect(Collectors.toSet());
      assertThat(jars).hasSizeGreaterThan(20);
      assertThat(listed).containsExactlyInAnyOrderElementsOf(jars);
    }
  }

  private static String jarOf(String purl) {
    Matcher jar = MAVEN.matcher(purl);
    assertThat(jar.matches()).as(purl).isTrue();
    String classifier = jar.group(3) == null ? "" : "-" + jar.group(3);
    return jar.group(1) + "-" + jar.group(2) + classifier + ".jar";
  }

  @Test
  void whatTheScriptsAreMadeOfIsListed() throws Exception {
    try (ZipFile war = new ZipFile(System.getProperty("war.file"))) {
      JsonNode bom = JSON.readTree(war.getInputStream(war.getEntry("js/bom.json")));
      String licences =
          new String(
              war.getInputStream(war.getEntry("js/vendor/LICENSES.txt")).readAllBytes(),
              java.nio.charset.StandardCharsets.UTF_8);
      assertThat(bom.get("components").findValuesAsText("name"))
          .contains("cytoscape", "n3")
          .allSatisfy(name -> assertThat(licences).contains(name + " "));
    }
  }
}
