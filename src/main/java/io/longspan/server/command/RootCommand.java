package io.longspan.server.command;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command line without a command: it serves. */
@Command(
    name = "longspan",
    synopsisSubcommandLabel = "[COMMAND]",
    description = {
      "Puts web browsers on a JMS message bus.",
      "Without a configuration: a demo with a broker of its own, on http://127.0.0.1:8080/ only."
    },
    commandListHeading = "%nCommands; without one: serve%n",
    footer = {
      "",
      "Examples:",
      "  java -jar longspan.war                                  the demo",
      "  java -jar longspan.war --config longspan.yaml           a bridge",
      "  java -jar longspan.war check --connect --config longspan.yaml",
      "",
      "Exit status: 0 after SIGTERM or SIGINT, 1 if it cannot start, 2 if the configuration or the"
          + " command line is wrong."
    },
    sortOptions = false)
final class RootCommand implements Callable<Integer> {
  private final Path war;

  @Spec private CommandSpec spec;

  @Mixin private ConfigOption config;

  @Mixin private HelpOption help;

  @Option(names = "--version", versionHelp = true, description = "shows the version and exits")
  private boolean versionAsked;

  RootCommand(Path war) {
    this.war = war;
  }

  Optional<Path> file() {
    return config.file();
  }

  @Override
  public Integer call() throws InterruptedException {
    return ServeCommand.serve(war, file(), spec.commandLine());
  }
}
