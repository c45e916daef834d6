package io.longspan.deploy;

import io.longspan.external.ChildProcess;
import io.longspan.external.Distributions;
import io.longspan.external.Readiness;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Tomcat's distribution with a base folder as {@code docs/operations.md} describes it. */
final class Tomcat implements Container {
  private final ChildProcess process;
  private final URI base;

  /**
   * Deploys the bridge and waits until it is ready.
   *
   * @param version the beginning of the version
   */
  Tomcat(String version, Path config, ConfigurationName naming) {
    this(version, config, naming, "");
  }

  /**
   * Deploys the bridge and waits until it is ready.
   *
   * @param version the beginning of the version
   * @param settings further elements of the context's file; none unless the file names the
   *     configuration
   */
  Tomcat(String version, Path config, ConfigurationName naming, String settings) {
    this(version, config, naming, settings, ContainerFiles.NONE);
  }

  /**
   * Deploys the bridge and waits until it is ready.
   *
   * @param settings as above
   * @param further what else is in the base folder
   */
  Tomcat(
      String version,
      Path config,
      ConfigurationName naming,
      String settings,
      ContainerFiles further) {
    Path home = Distributions.find("apache-tomcat-" + version);
    try {
      Path parent = Files.createDirectories(Path.of("target", "containers").toAbsolutePath());
      Path folder = Files.createTempDirectory(parent, "tomcat-" + version + "-");
      for (String name : List.of("conf/Catalina/localhost", "temp", "webapps", "logs", "work")) {
        Files.createDirectories(folder.resolve(name));
      }
      Files.copy(home.resolve("conf/web.xml"), folder.resolve("conf/web.xml"));
      Files.writeString(folder.resolve("conf/server.xml"), SERVER);
      Files.writeString(folder.resolve("conf/tomcat-users.xml"), users());
      Files.copy(Distributions.war(), folder.resolve("webapps/longspan.war"));
      if (naming == ConfigurationName.CONTEXT_PARAMETER) {
        Files.writeString(
            folder.resolve("conf/Catalina/localhost/longspan.xml"),
            """
            <Context>
              <Parameter name="longspan.config" value="%s"/>
              %s
            </Context>
            """
                .formatted(config, settings));
      }
      further.write(folder);
      process = start(home, folder, config, naming);
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
    String port =
        process
            .await("Starting ProtocolHandler \\[\"http-nio-127.0.0.1-auto-1-(\\d+)\"\\]")
            .group(1);
    base = URI.create("http://127.0.0.1:" + port + "/longspan/");
    Readiness.await(base, process);
  }

  private static ChildProcess start(Path home, Path folder, Path config, ConfigurationName naming) {
    List<String> options = new ArrayList<>(ChildProcess.coverage());
    if (naming == ConfigurationName.SYSTEM_PROPERTY) {
      options.add("-Dlongspan.config=" + config);
    }
    Map<String, String> environment = new HashMap<>();
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    environment.put("CATALINA_HOME", home.toString());
    environment.put("CATALINA_BASE", folder.toString());
    environment.put("CATALINA_OPTS", String.join(" ", options));
    if (naming == ConfigurationName.ENVIRONMENT) {
      environment.put("LONGSPAN_CONFIG", config.toString());
    }
    return ChildProcess.start(
        "tomcat",
        folder,
        environment,
        List.of("/bin/sh", home.resolve("bin/catalina.sh").toString(), "run"));
  }

  private static final String SERVER =
      """
      <Server port="-1">
        <Listener className="org.apache.catalina.core.JreMemoryLeakPreventionListener"/>
        <Listener className="org.apache.catalina.core.ThreadLocalLeakPreventionListener"/>
        <GlobalNamingResources>
          <Resource name="UserDatabase" auth="Container"
                    type="org.apache.catalina.UserDatabase"
                    factory="org.apache.catalina.users.MemoryUserDatabaseFactory"
                    pathname="conf/tomcat-users.xml"/>
        </GlobalNamingResources>
        <Service name="Catalina">
          <Connector address="127.0.0.1" port="0" protocol="HTTP/1.1"/>
          <Engine name="Catalina" defaultHost="localhost">
            <Realm className="org.apache.catalina.realm.LockOutRealm" failureCount="5">
              <Realm className="org.apache.catalina.realm.UserDatabaseRealm"
                     resourceName="UserDatabase"/>
            </Realm>
            <Host name="localhost" appBase="webapps" unpackWARs="true" autoDeploy="false">
              <Valve className="org.apache.catalina.valves.ErrorReportValve"
                     showReport="false" showServerInfo="false"/>
            </Host>
          </Engine>
        </Service>
      </Server>
      """;

  private static String users() {
    StringBuilder lines = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    lines.append("<tomcat-users xmlns=\"http://tomcat.apache.org/xml\" version=\"1.0\">\n");
    for (Account account : Account.ALL) {
      lines.append(
          "  <user username=\"%s\" password=\"%s\" roles=\"%s\"/>\n"
              .formatted(account.name(), account.password(), String.join(",", account.roles())));
    }
    return lines.append("</tomcat-users>\n").toString();
  }

  @Override
  public URI base() {
    return base;
  }

  @Override
  public String log() {
    return process.log();
  }

  @Override
  public int stop() {
    return process.stop();
  }

  @Override
  public void close() {
    process.close();
  }
}
