package io.longspan.deploy;

import io.longspan.external.ChildProcess;
import io.longspan.external.Distributions;
import io.longspan.external.Readiness;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Jetty's distribution with a base folder as {@code docs/operations.md} describes it. */
final class JettyHome implements Container {
  private static final Path HOME = Distributions.find("jetty-home-");
  private static final String MODULES = "--add-modules=http,ee11-deploy,ee11-websocket-jakarta";

  private final ChildProcess process;
  private final URI base;

  /** Deploys the bridge and waits until it is ready. */
  JettyHome(Path config, ConfigurationName naming) {
    this(config, naming, "");
  }

  /**
   * Deploys the bridge and waits until it is ready.
   *
   * @param settings further elements of the context's file
   */
  JettyHome(Path config, ConfigurationName naming, String settings) {
    this(config, naming, settings, ContainerFiles.NONE);
  }

  /**
   * Deploys the bridge and waits until it is ready.
   *
   * @param settings further elements of the context's file
   * @param further what else is in the base folder
   */
  JettyHome(Path config, ConfigurationName naming, String settings, ContainerFiles further) {
    try {
      Path parent = Files.createDirectories(Path.of("target", "containers").toAbsolutePath());
      Path folder = Files.createTempDirectory(parent, "jetty-");
      addModules(folder);
      Files.copy(Distributions.war(), folder.resolve("webapps/longspan.war"));
      Files.writeString(folder.resolve("etc/users.properties"), users(), StandardCharsets.US_ASCII);
      Files.writeString(folder.resolve("webapps/longspan.xml"), context(config, naming, settings));
      further.write(folder);
      List<String> command = new ArrayList<>();
      command.add(ChildProcess.java());
      command.addAll(ChildProcess.coverage());
      if (naming == ConfigurationName.SYSTEM_PROPERTY) {
        command.add("-Dlongspan.config=" + config);
      }
      command.addAll(
          List.of(
              "-jar",
              HOME.resolve("start.jar").toString(),
              "jetty.base=" + folder,
              "jetty.http.host=127.0.0.1",
              "jetty.httpConfig.sendServerVersion=false",
              "jetty.http.port=0"));
      Map<String, String> environment =
          naming == ConfigurationName.ENVIRONMENT
              ? Map.of("LONGSPAN_CONFIG", config.toString())
              : Map.of();
      process = ChildProcess.start("jetty", folder, environment, command);
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
    String port = process.await("Started \\S*ServerConnector.*:(\\d+)\\}").group(1);
    base = URI.create("http://127.0.0.1:" + port + "/longspan/");
    Readiness.await(base, process);
  }

  private static void addModules(Path folder) throws IOException {
    List<String> command =
        List.of(
            ChildProcess.java(),
            "-jar",
            HOME.resolve("start.jar").toString(),
            "jetty.base=" + folder,
            MODULES);
    try (ChildProcess start = ChildProcess.start("jetty-modules", folder, Map.of(), command)) {
      start.awaitSuccess();
    }
    Files.createDirectories(folder.resolve("etc"));
  }

  /** Java's properties: a space of a name is escaped, and what is not ASCII is as well. */
  private static String users() {
    StringBuilder lines = new StringBuilder();
    for (Account account : Account.ALL) {
      lines
          .append(escaped(account.name()).replace(" ", "\\ "))
          .append(": ")
          .append(escaped(account.password()));
      account.roles().forEach(role -> lines.append(',').append(role));
      lines.append('\n');
    }
    return lines.toString();
  }

  private static String escaped(String text) {
    StringBuilder ascii = new StringBuilder();
    text.chars().forEach(c -> ascii.append(c < 128 ? (char) c : "\\u%04X".formatted(c)));
    return ascii.toString();
  }

  private static String context(Path config, ConfigurationName naming, String settings) {
    String parameter =
        naming != ConfigurationName.CONTEXT_PARAMETER
            ? ""
            : """
                <Call name="setInitParameter">
                  <Arg>longspan.config</Arg>
                  <Arg>%s</Arg>
                </Call>
              """
                .formatted(config);
    return """
    <?xml version="1.0"?>
    <!DOCTYPE Configure PUBLIC "-//Jetty//Configure//EN" "https://jetty.org/configure_10_0.dtd">
    <Configure class="org.eclipse.jetty.ee11.webapp.WebAppContext">
      <Set name="contextPath">/longspan</Set>
      <Set name="war"><Property name="jetty.base"/>/webapps/longspan.war</Set>
    %s
      <Call class="org.eclipse.jetty.util.resource.ResourceFactory" name="of">
        <Arg><Ref refid="Server"/></Arg>
        <Call id="users" name="newResource">
          <Arg><Property name="jetty.base"/>/etc/users.properties</Arg>
        </Call>
      </Call>
      <Get name="securityHandler">
        <Set name="loginService">
          <New class="org.eclipse.jetty.security.HashLoginService">
            <Arg>Longspan</Arg>
            <Arg><Ref refid="users"/></Arg>
          </New>
        </Set>
      </Get>
    </Configure>
    """
        .formatted(parameter + settings);
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
