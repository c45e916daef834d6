package io.longspan.server.command;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints a script for the shell. */
@Command(
    name = "completion",
    description = {
      "Prints a script with which bash and zsh complete the commands and options.",
      "It is for the name longspan, so give the command that name:"
    },
    footer = {
      "",
      "Examples, for ~/.bashrc or ~/.zshrc:",
      "  alias longspan='java -jar /opt/longspan/longspan.war'",
      "  source <(longspan completion)"
    },
    sortOptions = false)
final class CompletionCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private HelpOption help;

  @Override
  public Integer call() {
    spec.commandLine().getOut().print(AutoComplete.bash("longspan", Main.all(Path.of(""))));
    spec.commandLine().getOut().flush();
    return ExitStatus.OK;
  }
}
