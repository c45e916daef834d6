package io.longspan.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Jetty deploys in the order of the names, so the bridge has started first. */
final class JettyOtherApplicationIT extends OtherApplicationTests {
  private static final String CROSS_CONTEXT =
      "<Set name=\"crossContextDispatchSupported\">true</Set>";

  @Override
  Container deploy(Path config) {
    return new JettyHome(
        config, ConfigurationName.CONTEXT_PARAMETER, CROSS_CONTEXT, JettyOtherApplicationIT::add);
  }

  private static void add(Path base) throws IOException {
    write(base.resolve("other"));
    Files.writeString(
        base.resolve("webapps/other.xml"),
        """
        <?xml version="1.0"?>
        <!DOCTYPE Configure PUBLIC "-//Jetty//Configure//EN" "https://jetty.org/configure_10_0.dtd">
        <Configure class="org.eclipse.jetty.ee11.webapp.WebAppContext">
          <Set name="contextPath">/other</Set>
          <Set name="war"><Property name="jetty.base"/>/other</Set>
        %s
        </Configure>
        """
            .formatted(CROSS_CONTEXT));
  }
}
