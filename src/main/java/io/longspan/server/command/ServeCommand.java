package io.longspan.server.command;

import io.longspan.config.ConfigException;
import io.longspan.config.ConfigLoader;
import io.longspan.config.LongspanConfig;
import io.longspan.config.Secrets;
import io.longspan.server.DemoServicesStarter;
import io.longspan.server.LongspanServer;
import io.longspan.server.StartException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Runs the server until SIGTERM or SIGINT. */
@Command(
    name = "serve",
    description = {
      "Runs the bridge until SIGTERM or SIGINT, then drains it.",
      "Without a configuration: a demo with a broker of its own, on http://127.0.0.1:8080/ only."
    },
    footer = {
      "",
      "Examples:",
      "  java -jar longspan.war serve --config longspan.yaml",
      "  LONGSPAN_HTTP_PORT=9090 java -jar longspan.war",
      "",
      "Exit status: 0 after SIGTERM or SIGINT, 1 if it cannot start, 2 if the configuration or the"
          + " command line is wrong."
    },
    sortOptions = false)
final class ServeCommand implements Callable<Integer> {
  private static final String NAME = "serve";
  private static final String CONFIG = "--config";

  private final Path war;

  @Spec private CommandSpec spec;

  @Mixin private ConfigOption config;

  @Mixin private HelpOption help;

  ServeCommand(Path war) {
    this.war = war;
  }

  /** Returns whether a command line can only mean this command. */
  static boolean isMeant(String... arguments) {
    String[] rest = withoutItsName(arguments);
    return rest.length == 0
        || (rest.length == 1 && rest[0].startsWith(CONFIG + "="))
        || (rest.length == 2 && rest[0].equals(CONFIG));
  }

  static String[] withoutItsName(String... arguments) {
    return arguments.length > 0 && arguments[0].equals(NAME)
        ? Arrays.copyOfRange(arguments, 1, arguments.length)
        : arguments;
  }

  @Override
  public Integer call() throws InterruptedException {
    return serve(war, config.file(), spec.commandLine());
  }

  /** Serves; blocks until the process must end. Returns the exit status. */
  static int serve(Path war, Optional<Path> file, CommandLine command) throws InterruptedException {
    Logger log = LoggerFactory.getLogger(Main.class);
    StopSignals signals = StopSignals.install();
    LongspanConfig config;
    try {
      config = ConfigLoader.load(file);
    } catch (ConfigException wrong) {
      return report(command, wrong.getMessage(), ExitStatus.WRONG_CONFIGURATION);
    }
    ReloadSignal.install(config, () -> ConfigLoader.load(file));
    try (LongspanServer server = LongspanServer.start(config, war, new DemoServicesStarter())) {
      command.getOut().println("Longspan is ready: " + server.address());
      command.getOut().flush();
      try (ServiceManager manager = ServiceManager.of(System.getenv(), server::isResponsive)) {
        manager.ready("Ready: " + server.address());
        signals.await();
        log.info("Stopping");
        manager.stopping();
      }
    } catch (ConfigException wrong) {
      return report(command, wrong.getMessage(), ExitStatus.WRONG_CONFIGURATION);
    } catch (StartException prevented) {
      log.debug("Cannot start", prevented);
      return report(command, prevented.getMessage(), ExitStatus.FAILED);
    }
    return ExitStatus.OK;
  }

  private static int report(CommandLine command, String line, int status) {
    command.getErr().println(Secrets.masked(line));
    return status;
  }
}
