package io.longspan.deploy;

import io.longspan.external.DroppedInJar;
import io.longspan.external.ExternalBroker;
import java.nio.file.Path;
import java.util.Map;

/** Tomcat with a folder of jars that a resource set adds to the application. */
final class TomcatDroppedInJarIT extends DeployedBridgeTests {
  @Override
  Map<String, String> settings(ExternalBroker started) {
    return DroppedInJar.settings(started);
  }

  @Override
  Container deploy(Path config) {
    return new Tomcat(
        "11",
        config,
        ConfigurationName.CONTEXT_PARAMETER,
        """
        <Resources>
          <PostResources className="org.apache.catalina.webresources.DirResourceSet"
                         base="%s" webAppMount="/WEB-INF/lib"/>
        </Resources>
        """
            .formatted(DroppedInJar.write()));
  }
}
