package io.longspan.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Tomcat deploys folders after WARs, so the bridge has started first. */
final class TomcatOtherApplicationIT extends OtherApplicationTests {
  @Override
  Container deploy(Path config) {
    return new Tomcat(
        "11", config, ConfigurationName.CONTEXT_PARAMETER, "", TomcatOtherApplicationIT::add);
  }

  private static void add(Path base) throws IOException {
    Path other = base.resolve("webapps/other");
    write(other);
    Files.createDirectories(other.resolve("META-INF"));
    Files.writeString(other.resolve("META-INF/context.xml"), "<Context crossContext=\"true\"/>");
  }
}
