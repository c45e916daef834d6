package io.longspan.server.command;

import io.longspan.config.ConfigException;
import io.longspan.config.Secrets;
import io.longspan.demo.DemoLoadCommand;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Runs the command line of {@code java -jar longspan.war}. */
public final class Main {
  private Main() {}

  /**
   * Runs a command; blocks until it has ended. The server ends at SIGTERM or SIGINT.
   *
   * @param war folder of the unpacked WAR
   * @param arguments command line
   * @return an {@link ExitStatus}
   */
  public static int run(Path war, String... arguments) {
    // Serving must start fast, so it loads no class of another command.
    return ServeCommand.isMeant(arguments)
        ? execute(new CommandLine(new RootCommand(war)), ServeCommand.withoutItsName(arguments))
        : execute(all(war), arguments);
  }

  /** Returns the command line with all commands. */
  static CommandLine all(Path war) {
    RootCommand root = new RootCommand(war);
    CommandLine line = new CommandLine(root);
    line.addSubcommand(new ServeCommand(war));
    line.addSubcommand(new CheckCommand(root));
    line.addSubcommand(new ExplainCommand(root));
    line.addSubcommand(new LoadCommand());
    line.addSubcommand(new DurablesCommand());
    line.addSubcommand(new SigningKeyCommand());
    line.addSubcommand(new DemoLoadCommand());
    line.addSubcommand(new CompletionCommand());
    return line;
  }

  private static int execute(CommandLine line, String... arguments) {
    name(line.getCommandSpec());
    line.setParameterExceptionHandler(Main::refuse);
    line.setExecutionExceptionHandler(Main::failed);
    line.getSubcommands().values().forEach(each -> name(each.getCommandSpec()));
    return line.execute(arguments);
  }

  private static void name(CommandSpec command) {
    command.version("Longspan " + version());
  }

  static String version() {
    return Optional.ofNullable(Main.class.getPackage().getImplementationVersion())
        .orElse("(not packaged)");
  }

  private static int refuse(ParameterException wrong, String[] arguments) {
    String line = wrong.getMessage().replaceAll("\\p{Cntrl}+", " ");
    String similar =
        wrong instanceof UnmatchedArgumentException unmatched
                && !unmatched.isUnknownOption()
                && !unmatched.getSuggestions().isEmpty()
            ? "; did you mean " + unmatched.getSuggestions().get(0) + "?"
            : "";
    wrong
        .getCommandLine()
        .getErr()
        .println(line + similar + " (--help lists the options and commands)");
    return ExitStatus.WRONG_CONFIGURATION;
  }

  /** Any other failure than a wrong configuration is one line too. */
  private static int failed(
      Exception failure, CommandLine command, CommandLine.ParseResult arguments) {
    boolean wrong = failure instanceof ConfigException;
    String line = wrong ? String.valueOf(failure.getMessage()) : "cannot do that: " + failure;
    command.getErr().println(Secrets.masked(line.replaceAll("\\p{Cntrl}+", " ")));
    return wrong ? ExitStatus.WRONG_CONFIGURATION : ExitStatus.FAILED;
  }
}
