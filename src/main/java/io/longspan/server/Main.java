package io.longspan.server;

import io.longspan.config.ConfigException;
import io.longspan.config.ConfigFile;
import io.longspan.config.ConfigLoader;
import io.longspan.config.Secrets;
import io.longspan.demo.DemoLoadCommand;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Command line of {@code java -jar longspan.war}. */
@Command(
    name = "longspan",
    description = {
      "Puts web browsers on a JMS message bus.",
      "Without a configuration: a demo with a broker of its own, on http://127.0.0.1:8080/ only."
    },
    footer = {
      "",
      "Exit status: 0 after SIGTERM or SIGINT, 1 if it cannot start, 2 if the configuration or the"
          + " command line is wrong."
    },
    sortOptions = false)
public final class Main implements Callable<Integer> {

  private static final Logger LOG = LoggerFactory.getLogger(Main.class);

  private static final int STOPPED = 0;
  private static final int CANNOT_START = 1;
  private static final int WRONG_CONFIGURATION = 2;

  private final Path war;
  private final DemoServicesFactory demo;

  @Spec private CommandSpec spec;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "the configuration file; else the one that the system property longspan.config or the"
              + " environment variable LONGSPAN_CONFIG names")
  private Path config;

  @Option(names = "--help", usageHelp = true, description = "shows this and exits")
  private boolean helpAsked;

  @Option(names = "--version", versionHelp = true, description = "shows the version and exits")
  private boolean versionAsked;

  private Main(Path war, DemoServicesFactory demo) {
    this.war = war;
    this.demo = demo;
  }

  /**
   * Runs a command; blocks until it has ended. The server ends at SIGTERM or SIGINT.
   *
   * @param war folder of the unpacked WAR
   * @param arguments command line
   * @return exit status: 0, 1 if the command failed, 2 for a wrong configuration or command line
   */
  public static int run(Path war, String... arguments) {
    CommandLine command = new CommandLine(new Main(war, new DemoServicesStarter()));
    command.addSubcommand(new DemoLoadCommand());
    command.addSubcommand(new SigningKeyCommand());
    command.getCommandSpec().version("Longspan " + version());
    command.setParameterExceptionHandler(Main::refuse);
    return command.execute(arguments);
  }

  @Override
  public Integer call() throws InterruptedException {
    StopSignals signals = StopSignals.install();
    Optional<Path> file =
        Optional.ofNullable(config)
            .or(() -> ConfigFile.named(ConfigLoader.systemProperties(), System.getenv()));
    try (LongspanServer server = LongspanServer.start(ConfigLoader.load(file), war, demo)) {
      out().println("Longspan is ready: " + server.address());
      out().flush();
      signals.await();
      LOG.info("Stopping");
    } catch (ConfigException wrong) {
      return report(wrong.getMessage(), WRONG_CONFIGURATION);
    } catch (StartException prevented) {
      LOG.debug("Cannot start", prevented);
      return report(prevented.getMessage(), CANNOT_START);
    }
    return STOPPED;
  }

  private static String version() {
    return Optional.ofNullable(Main.class.getPackage().getImplementationVersion())
        .orElse("(not packaged)");
  }

  private int report(String line, int status) {
    spec.commandLine().getErr().println(Secrets.masked(line));
    return status;
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }

  private static int refuse(ParameterException wrong, String[] arguments) {
    String line = wrong.getMessage().replaceAll("\\p{Cntrl}+", " ");
    wrong.getCommandLine().getErr().println(line + " (--help lists the options and commands)");
    return WRONG_CONFIGURATION;
  }
}
